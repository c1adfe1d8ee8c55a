"""What LinkedIn's pages show, in both front ends and five languages."""

import pytest

from chorus_sandbox.linkedin.wording import WORDS
from tests.integration.sandbox.driver import Driver, Json
from tests.integration.sandbox.visitor import Visitor, boot_of, page_path, path_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
FORMS = ("activity", "ugcPost", "share")


@pytest.mark.parametrize("front_end", ["artdeco", "hashed"])
async def test_every_address_of_a_post_shows_it(driver: Driver, front_end: str) -> None:
    """All three numbers of it, the address by slug, with and without the last slash."""
    await driver.control("PATCH", "/linkedin", {"front_end": front_end})
    post = await driver.post(text="How we <ship>")
    visitor = await Visitor.of(driver.client, "bob")
    slug = post["share_url"].removeprefix("https://www.linkedin.com")

    paths = [page_path(post, form) for form in FORMS] + [slug, slug.rstrip("/")]
    pages = [await visitor.get(path) for path in paths]

    assert {page.status_code for page in pages} == {200}
    for page in pages:
        assert f'data-urn="{post["urns"]["activity"]}"' in page.text
        assert "How we &lt;ship&gt;" in page.text
        assert "<ship>" not in page.text


async def test_artdeco_has_its_classes_and_hashed_has_none_that_last(driver: Driver) -> None:
    """Names without meaning differ at every load; test ids and roles stay."""
    post = await driver.post(text="Hello")
    visitor = await Visitor.of(driver.client, "bob")
    artdeco = (await visitor.open(post)).text
    await driver.control("PATCH", f"/posts/{post['id']}", {"front_end": "hashed"})
    one, other = [(await visitor.open(post)).text for _ in range(2)]

    assert 'class="feed-shared-update-v2 ' in artdeco
    assert 'id="ember' in artdeco
    assert "feed-shared" not in one
    assert "artdeco" not in one
    assert 'data-testid="mainFeed" role="list"' in one
    assert one.split('<main class="')[1][:9] != other.split('<main class="')[1][:9]


@pytest.mark.parametrize("setter", ["post", "account", "site"])
async def test_who_chooses_the_front_end(driver: Driver, setter: str) -> None:
    """A post's own setting goes before the account's, that before the site's."""
    post = await driver.post(text="Hello")
    visitor = await Visitor.of(driver.client, "bob")
    path = {"post": f"/posts/{post['id']}", "account": "/accounts/bob", "site": "/linkedin"}

    await driver.control("PATCH", path[setter], {"front_end": "hashed"})
    assert "/static/hashed.js" in (await visitor.open(post)).text
    if setter != "site":
        await driver.control("PATCH", path[setter], {"front_end": "usual"})
        assert "/static/artdeco.js" in (await visitor.open(post)).text


async def test_mixed_gives_a_share_of_the_loads_the_new_front_end(driver: Driver) -> None:
    """About as many as asked for."""
    await driver.control("PATCH", "/linkedin", {"front_end": "mixed", "hashed_share": 0.3})
    post = await driver.post(text="Hello")
    visitor = await Visitor.of(driver.client, "bob")

    hashed = sum(["/static/hashed.js" in (await visitor.open(post)).text for _ in range(60)])
    assert 8 <= hashed <= 30


async def test_the_weight_of_a_page(driver: Driver) -> None:
    """With its styles and scripts 150 to 300 KiB; what it draws in is counted by its type."""
    post = await driver.post(text="Hello")
    visitor = await Visitor.of(driver.client, "bob")
    paths = (page_path(post), "/static/artdeco.css", "/static/core.js", "/static/artdeco.js")
    weight = sum([len((await visitor.get(path)).content) for path in paths])
    picture = await visitor.get("/dms/image/post-1")
    for path in ("/dms/video/clip-1", "/px/insight.js", "/px/collect.gif", "/static/icons.woff2"):
        await visitor.get(path)

    assert 150 <= weight / 1024 <= 300
    assert picture.content.startswith(b"\x89PNG")
    assert (await driver.control("GET", "/linkedin"))["requests"] == {
        "document": 1,
        "stylesheet": 1,
        "script": 2,
        "image": 1,
        "media": 1,
        "tracker": 2,
        "font": 1,
    }


async def test_the_language_is_the_accounts_unless_a_cookie_says_otherwise(driver: Driver) -> None:
    """A language that the site does not have leaves the account's; the header means nothing."""
    await driver.control("PATCH", "/accounts/bob", {"language": "de"})
    post = await driver.post(text="Hello")
    visitor = await Visitor.of(driver.client, "bob")

    words = []
    for cookie in (None, "v=2&lang=fr-fr", '"v=2&lang=pt-br"', "v=2&lang=en-us", "v=2&lang=xx-yy"):
        if cookie is not None:
            visitor.cookies["lang"] = cookie
        words.append(boot_of((await visitor.open(post)).text)["words"]["repost"])

    assert words == ["Reposten", "Republier", "Compartilhar novamente", "Repost", "Reposten"]


@pytest.mark.parametrize("language", sorted(WORDS))
async def test_every_language_has_every_word(driver: Driver, language: str) -> None:
    """The instant repost and the one with thoughts are never called the same."""
    words = WORDS[language]

    assert words.keys() == WORDS["en"].keys()
    assert all(words.values())
    names = ("repost", "with_thoughts", "undo", "reposted", "reposts", "repost_settings")
    assert len({words[name] for name in names}) == len(names)


async def test_a_post_that_is_gone_is_a_tombstone(driver: Driver) -> None:
    """P6: an ordinary page with a title of its own; so is one that never was."""
    post = await driver.post(text="Hello")
    visitor = await Visitor.of(driver.client, "bob")
    await driver.control("PATCH", f"/posts/{post['id']}", {"gone": True})

    gone = await visitor.open(post)
    never = await visitor.get("/feed/update/urn:li:activity:700000000000000000/")
    for page in (gone, never):
        assert page.status_code == 200
        assert "<title>This post cannot be displayed</title>" in page.text
    assert (await visitor.get("/feed/update/700000000000000000/")).status_code == 404
    assert (await visitor.get("/posts/no-id-in-here/")).status_code == 404


async def test_some_forms_of_the_address_may_not_work(driver: Driver) -> None:
    """P6: the activity's does where the share's shows a tombstone; for all posts or for one."""
    posts = [await driver.post(text="One"), await driver.post(text="Two")]
    await driver.control("PATCH", "/linkedin", {"tombstone_forms": ["share"]})
    await driver.control("PATCH", f"/posts/{posts[0]['id']}", {"tombstone_forms": ["ugcPost"]})
    visitor = await Visitor.of(driver.client, "bob")

    shown = [
        [form for form in FORMS if "mainFeed" in text or "scaffold" in text]
        for post in posts
        for form, text in [(f, (await visitor.open(post, f)).text) for f in FORMS]
    ]
    assert [bool(forms) for forms in shown] == [True, False, False, True, True, False]


async def test_the_same_page_holds_other_controls(driver: Driver) -> None:
    """Traps: other posts with bars of their own, a person called Repost, near-names."""
    other = await driver.post(text="Another one")
    post = await driver.post(text="The one")
    visitor = await Visitor.of(driver.client, "bob")

    page = (await visitor.open(post)).text
    assert f'data-actions-for="{other["urns"]["activity"]}"' in page
    assert page.index(post["urns"]["activity"]) < page.index(other["urns"]["activity"])
    for trap in (">Repost</span>", ">Repost with your thoughts<", ">Reposts<", ">Repost settings<"):
        assert trap in page


async def test_what_a_person_posted_and_reposted(driver: Driver) -> None:
    """P6: newest first, a repost with its own address and the original's urn; `me` is oneself."""
    original = await driver.post("ada", text="The original")
    own = await driver.post("bob", text="My own")
    instant = await driver.post("bob", repost_of=original["id"])
    thoughts = await driver.post("bob", repost_of=original["id"], text="My thoughts")
    visitor = await Visitor.of(driver.client, "bob")

    me = await visitor.get("/in/me/recent-activity/all/")
    page = (await visitor.get(me.headers["location"])).text
    assert path_of(me.headers["location"]) == "/in/bob-stone/recent-activity/all/"
    places = [page.index(f'data-urn="{p["urns"]["activity"]}"') for p in (thoughts, instant, own)]
    assert places == sorted(places)
    assert page.count(f'data-urn="{original["urns"]["activity"]}"') == 2
    for repost in (instant, thoughts):
        assert f'href="/feed/update/{repost["urns"]["share"]}/"' in page
    assert page.count("Bob Stone reposted this") == 1
    assert (await visitor.get("/in/me/")).headers["location"] == "/in/bob-stone/"
    assert (await visitor.get("/in/nobody/")).status_code == 404


async def test_unipile_and_the_site_show_the_same_reposts(driver: Driver) -> None:
    """One world: what was reposted on either way is seen on both."""
    posts: list[Json] = [await driver.post(text="One"), await driver.post(text="Two")]
    visitor = await Visitor.of(driver.client, "bob")
    assert (await visitor.repost(posts[0])).status_code == 200
    assert (await driver.repost("bob", posts[1])).status_code == 201

    person = (await driver.control("GET", "/accounts"))["items"][1]["provider_id"]
    listed = (await driver.get(f"/users/{person}/posts", account_id="bob")).json()["items"]
    assert [item["repost_id"] for item in listed] == [posts[1]["id"], posts[0]["id"]]
    for post in posts:
        assert await visitor.bar(post) == "reposted"
        assert ">You reposted this<" in (await visitor.open(post)).text


async def test_stale_reads_hide_the_newest_repost(driver: Driver) -> None:
    """The action bar sees no more than the page that asks for it."""
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")
    await visitor.repost(post)
    await driver.fault("stale_reads", times=2, match={"account_id": "bob"})

    listing = await visitor.get("/in/bob-stone/recent-activity/all/")
    page = (await visitor.open(post)).text
    assert f'data-urn="{post["urns"]["activity"]}"' not in listing.text
    assert ">You reposted this<" not in page
    assert await visitor.bar(post, page=boot_of(page)["page"]) == "open"
    assert await visitor.bar(post) == "reposted"
