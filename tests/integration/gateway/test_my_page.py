"""My page: what goes out in my name, and how I stop it; as a browser sees it."""

import re
from urllib.parse import urlsplit
from uuid import UUID

from chorus.ids import new_id
from chorus.linkedin import parse_post
from chorus.vocabulary import Kind, Lane, State
from chorus_gateway.domain.post_identity import FoundPost
from chorus_gateway.scheduler.fake_ledger import Held
from chorus_gateway.scheduler.port import PlannedActivity
from tests.integration.gateway.browsing import (
    Browser,
    browser,
    connects_another,
    forms,
    invited,
    joined,
    member_of,
    signed_in_at_provider,
)
from tests.integration.gateway.conftest import POST_URL, Tenant, World

NEW = "correct horse battery"


async def _account(ada: Tenant) -> UUID:
    (account,) = (await ada.get("/api/accounts"))["items"]
    return UUID(account["id"])


async def _comment(world: World, ada: Tenant, state: str) -> UUID:
    """A comment in the ledger, which the fake scheduler knows as well."""
    post = await ada.post("/api/posts", {"url": POST_URL})
    account_id = await _account(ada)
    at = world.clock.now()
    activity_id = await world.ledger.activity(
        client_id=ada.client_id,
        post_id=post["id"],
        account_id=account_id,
        at=at,
        kind="comment",
        state=state,
    )
    await world.ledger.conn.execute(
        "update scheduler.activities set draft_text = 'Well said.' where id = %s", (activity_id,)
    )
    planned = PlannedActivity(
        id=activity_id,
        account_id=account_id,
        member_id=None,
        member_name=None,
        kind=Kind.COMMENT,
        lane=Lane.API,
        state=State(state),
        scheduled_for=at,
        text="Well said.",
        reason_code="planned",
        reason="Planned.",
    )
    world.scheduler.put(Held(client_id=ada.client_id, account_id=account_id, activity=planned))
    return activity_id


async def test_a_yes_is_asked_for_beside_the_post_that_it_is_about(
    world: World, ada: Tenant
) -> None:
    """I8: whose post it is, how it begins and where it stands, on the page and in the API."""
    here = await member_of(world, ada)
    reference = parse_post(POST_URL).reference
    world.lookup.posts[reference] = FoundPost(
        social_id=reference, url=POST_URL, author_name="Grace <b>", text=f"Engines\0 & {'x' * 400}"
    )
    activity_id = await _comment(world, ada, "awaiting_approval")
    await world.ledger.conn.execute(
        "update scheduler.activities set target_url = %s where id = %s", (POST_URL, activity_id)
    )
    page = (await here.http.get("/me")).text
    assert "The post of Grace &lt;b&gt;" in page
    assert f'href="{POST_URL}"' in page
    assert "<blockquote>Engines &amp; xxx" in page
    (waits,) = (await ada.get("/api/activities", params={"state": "awaiting_approval"}))["items"]
    assert waits["post_author"] == "Grace <b>"
    assert waits["post_beginning"].startswith("Engines & xx")
    assert (len(waits["post_beginning"]), waits["post_beginning"][-1]) == (300, "…")
    assert waits["post_url"] == POST_URL


async def test_each_account_has_its_way_back_and_a_further_one_its_way_in(
    world: World, ada: Tenant
) -> None:
    """I8: one tap, from My page to the provider's page for the account that is signed out."""
    here = await member_of(world, ada)
    await connects_another(world, here, "acc-mia-2")
    await world.ledger.conn.execute(
        "update gateway.accounts set status = 'needs_login' where provider_account_id = 'acc-mia'"
    )
    page = await here.open("/me")
    again = page[: page.index("Sign in again</button>")].rpartition("<form")[2]
    assert 'action="/me/connect"' in again
    pressed = dict(re.findall(r'name="(\w+)" value="([^"]*)"', again))
    led = await here.http.post("/me/connect", data=pressed)
    assert led.status_code == 303
    asked = world.hosted.page_of(f"http://chorus.test{urlsplit(led.headers['location']).path}")
    assert asked.reconnect == "acc-mia"
    further = forms(page)["/me/connect"].fields
    assert "account" not in further
    assert "Connect another account</button>" in page
    back = await joined(world, await invited(ada, user_id=str(await _owner(world))))
    assert "Connect another account" not in await back.open("/me")


async def _owner(world: World) -> UUID:
    cursor = await world.ledger.conn.execute("select owner_user_id from gateway.accounts limit 1")
    row = await cursor.fetchone()
    assert row is not None
    return UUID(str(row["owner_user_id"]))


async def test_pause_me_is_the_first_thing_and_one_tap(world: World, ada: Tenant) -> None:
    """INVARIANT (6): before everything else on the page, without a question, and undone by me."""
    here = await member_of(world, ada)
    assert here.page.index("Pause me") < here.page.index("<h1>")
    page = await here.send("/me/pause")
    assert "Nothing more goes out in your name" in page
    (call,) = [one for one in world.scheduler.calls if one.startswith("pause")]
    assert call.startswith("pause by user:")
    await here.http.post("/me/pause", data={"form": forms(page)["/me/sign-out"].fields["form"]})
    audit = (await ada.get("/api/audit", params={"limit": 50}))["items"]
    assert [one["action"] for one in audit].count("pause.made") == 1


async def test_a_kind_or_all_is_withdrawn_at_once(world: World, ada: Tenant) -> None:
    """INVARIANT (4, e6): the log says so, the scheduler is told in the same request."""
    here = await member_of(world, ada)
    await here.send("/me/withdraw", kind="like", account="")
    (account,) = (await ada.get("/api/accounts"))["items"]
    assert account["consented_kinds"] == ["comment"]
    await here.send("/me/withdraw", kind="all")
    (account,) = (await ada.get("/api/accounts"))["items"]
    assert account["consented_kinds"] == []
    assert "you have agreed to nothing" in here.page
    assert [call for call in world.scheduler.calls if call.startswith("recheck")]
    log = (await ada.get(f"/api/accounts/{account['id']}/consents"))["items"]
    assert {entry["text_version"] for entry in log if entry["granted"]} == {"2026-01"}
    await here.open("/me/data")
    assert "consents" in here.page, "who has withdrawn still sees and takes along"


async def test_a_yes_is_to_the_words_that_were_read(world: World, ada: Tenant) -> None:
    """A3: approved as read or as edited; what will not do is said beside the words."""
    here = await member_of(world, ada)
    activity_id = await _comment(world, ada, "awaiting_approval")
    page = await here.open("/me")
    assert "For your yes: 1" in page
    action = f"/me/activities/{activity_id}/approve"
    page = await here.send(action, 422, text="See [link]")
    assert f'id="text-{activity_id}-fault"' in page
    assert "See [link]" in page, "what was typed stays"
    await here.send(action, text="Well said, Ada.")
    held = world.scheduler.held(activity_id).activity
    assert (held.state, held.text) == (State.SCHEDULED, "Well said, Ada.")


async def test_what_is_planned_is_called_off(world: World, ada: Tenant) -> None:
    """A5: one by one, and of my own account alone."""
    here = await member_of(world, ada)
    activity_id = await _comment(world, ada, "scheduled")
    await here.open("/me")
    await here.send(f"/me/activities/{activity_id}/cancel")
    assert world.scheduler.held(activity_id).activity.state is State.CANCELLED
    other = await _noa(world, ada)
    token = forms(other.page)["/me/pause"].fields["form"]
    for one in (activity_id, new_id()):
        answer = await other.http.post(f"/me/activities/{one}/cancel", data={"form": token})
        assert answer.status_code == 404


async def _noa(world: World, ada: Tenant) -> Browser:
    here = await joined(world, await invited(ada), email="noa@example.com", name="Noa Lev")
    connect = await signed_in_at_provider(world, here, "acc-noa")
    await here.open(f"{connect}/done")
    await here.send("/me/connect/confirm")
    await here.open("/me")
    return here


async def test_who_is_deleted_is_gone_at_once(world: World, ada: Tenant) -> None:
    """INVARIANT (4, 6, 7): consents, account, pod, phrases, name, address and session."""
    pod = await ada.post("/api/pods", {"name": "Founders"})
    here = await member_of(world, ada, pod_id=pod["id"], email="mia@example.com")
    await here.open("/me/delete")
    page = await here.send("/me/delete")
    assert "You are deleted" in page
    assert (await here.http.get("/me")).status_code == 401
    assert (await ada.get("/api/accounts"))["items"] == []
    assert (await ada.get(f"/api/pods/{pod['id']}/members"))["items"] == []
    people = str(await ada.get("/api/users"))
    assert "mia@example.com" not in people
    assert "Mia Berg" not in people
    assert [call for call in world.scheduler.calls if call.startswith("recheck")]
    world.hosted.available = False
    await world.gateway.sign_outs.sweep()
    assert "acc-mia" in world.hosted.accounts, "the provider is away: it is asked again"
    world.hosted.available = True
    await world.gateway.sign_outs.sweep()
    assert "acc-mia" not in world.hosted.accounts, "the sign-in is forgotten there too"
    again = await member_of(world, ada, email="mia@example.com")
    await world.gateway.sign_outs.sweep()
    assert "acc-mia" in world.hosted.accounts, "what came back is not forgotten"
    assert again.path == "/me", "whoever was deleted can be invited again"


async def test_a_password_is_the_way_back(world: World, ada: Tenant) -> None:
    """B1: chosen once the account has shown who it is; the session is another one after it."""
    here = await member_of(world, ada)
    await here.open("/me/password")
    page = await here.send("/me/password", 422, password="short")
    assert 'id="password-fault"' in page
    await here.send("/me/password", password=NEW)
    stolen = dict(here.http.cookies)
    await here.send("/me/sign-out")
    for name, value in stolen.items():
        here.http.cookies.set(name, value)
    assert (await here.http.get("/me")).status_code == 401, "a copy of the cookie is worth nothing"
    there = browser(world)
    await there.open("/sign-in")
    page = await there.send("/sign-in", 401, email="mia@example.com", password="wrong" * 4)
    assert "E-mail or password is wrong." in page
    await there.send("/sign-in", email="mia@example.com", password=NEW)
    assert there.path == "/me"


async def test_who_comes_back_by_a_link_looks_and_stops(world: World, ada: Tenant) -> None:
    """INVARIANT (4): an admin has seen the link. A yes, words or a password need the account."""
    here = await member_of(world, ada)
    mia = next(one for one in await ada.get("/api/users") if one["email"] == "mia@example.com")
    activity_id = await _comment(world, ada, "awaiting_approval")
    back = await joined(world, await invited(ada, user_id=mia["id"]))
    assert back.path == "/me"
    assert "You came here by a link" in back.page
    for action, fields in (
        (f"/me/activities/{activity_id}/approve", {}),
        ("/me/password", {"password": NEW}),
        ("/me/connect", {}),
    ):
        token = forms(back.page)["/me/pause"].fields["form"]
        answer = await back.http.post(action, data={"form": token, **fields})
        assert (answer.status_code, "Show that it is you" in answer.text) == (403, True), action
    await back.open("/me/agree")
    assert "Show that it is you" in await back.send("/me/agree", 403, kinds=["repost"])
    await back.open("/me")
    await back.send("/me/withdraw", kind="all")
    await back.open("/me/connect")
    await back.send("/me/connect")
    page = f"http://chorus.test{back.path}"
    await world.connecting.call_back(page, "acc-mia", "RECONNECTED")
    await back.open(f"{page}/done")
    await back.send("/me/connect/confirm")
    assert "You came here by a link" not in back.page
    await back.open("/me/agree")
    await back.send("/me/agree", kinds=["like"])
    assert "nothing goes out" not in back.page
    assert here.path == "/me"


async def test_nobody_is_shown_a_page_that_is_somebodys(world: World, ada: Tenant) -> None:
    """What is known of nobody is shown to nobody, and what is not there is not."""
    for path in ("/me", "/me/connect", "/me/hours", "/me/agree", "/me/delete", "/me/data"):
        assert (await browser(world).http.get(path)).status_code == 401, path
    assert (await browser(world).http.get("/me/nowhere")).status_code == 404
    assert (await browser(world).http.get("/me/pause")).status_code == 405
    style = await browser(world).http.get("/me/style.css")
    assert style.headers["content-type"].startswith("text/css")


async def test_hours_are_shown_as_they_are_in_force(world: World, ada: Tenant) -> None:
    """Invariant 8: what nobody chose, and that any time was chosen, is said; both pages bear it."""
    here = await member_of(world, ada)
    account = await _account(ada)
    for stored, said in ((None, "07:00 to 22:00"), ('"any_time"', "At any time, as was chosen")):
        await world.ledger.conn.execute(
            "update gateway.accounts set active_hours = %s::jsonb where id = %s", (stored, account)
        )
        assert said in await here.open("/me")
        assert 'name="opens"' in await here.open("/me/hours")


async def test_who_signs_in_elsewhere_chooses_no_password(world: World, ada: Tenant) -> None:
    """INVARIANT (C2): a password of ours would be a second way to be somebody of an issuer's."""
    here = await member_of(world, ada)
    await world.ledger.conn.execute(
        "update gateway.users set external_subject = 'mia' where name = 'Mia Berg'"
    )
    page = await here.open("/me")
    assert "You sign in where your team does." in page
    assert "/me/password" not in page
    await here.open("/me/password")
    assert here.path == "/me"
    token = forms(here.page)["/me/pause"].fields["form"]
    answer = await here.http.post("/me/password", data={"form": token, "password": NEW})
    assert answer.status_code == 409


async def test_a_link_back_chooses_no_hours(world: World, ada: Tenant) -> None:
    """INVARIANT (4, 8): hours say when something is done in somebody's name."""
    await member_of(world, ada)
    mia = next(one for one in await ada.get("/api/users") if one["email"] == "mia@example.com")
    (before,) = (await ada.get("/api/accounts"))["items"]
    back = await joined(world, await invited(ada, user_id=mia["id"]))
    await back.open("/me/hours")
    assert "Show that it is you" in await back.send("/me/hours", 403, any="yes", zone="Asia/Tokyo")
    (after,) = (await ada.get("/api/accounts"))["items"]
    assert after == before


async def test_hours_and_phrases_are_kept_together(world: World, ada: Tenant) -> None:
    """What is refused of a form leaves nothing of it behind."""
    pod = await ada.post("/api/pods", {"name": "Founders"})
    here = await member_of(world, ada, pod_id=pod["id"])
    (before,) = (await ada.get("/api/accounts"))["items"]
    await here.open("/me/hours")
    await world.ledger.conn.execute(
        "create function pg_temp.no() returns trigger language plpgsql as "
        "$$ begin raise exception using errcode = '57P01'; end $$"
    )
    await world.ledger.conn.execute(
        "create trigger no before update on gateway.pod_members execute function pg_temp.no()"
    )
    await here.send("/me/hours", 503, opens="05:00", phrases="Worth a look.")
    (after,) = (await ada.get("/api/accounts"))["items"]
    assert after["active_hours"] == before["active_hours"]


async def test_each_account_has_its_own_hours_and_consents(world: World, ada: Tenant) -> None:
    """Invariants 4, 8: what is said of one account is said of no other, and of nobody else's."""
    here = await member_of(world, ada)
    await connects_another(world, here, "acc-second")
    await here.send("/me/hours", opens="10:00", closes="11:00", zone="Asia/Tokyo")
    assert "For Name of acc-second" in here.page
    await here.send("/me/agree", kinds=["repost"])
    found = {one["display_name"]: one for one in (await ada.get("/api/accounts"))["items"]}
    first, second = found["Name of acc-mia"], found["Name of acc-second"]
    assert (first["timezone"], set(first["consented_kinds"])) == (
        "Europe/Berlin",
        {"like", "comment"},
    )
    assert (second["timezone"], second["consented_kinds"]) == ("Asia/Tokyo", ["repost"])
    for path in ("/me/hours", "/me/agree"):
        for one in (first, second):
            assert f"{path}?account={one['id']}" in await here.open("/me")
            assert one["display_name"] in await here.open(f"{path}?account={one['id']}")
        await here.open(path)
        assert here.path == "/me", "which of them is asked nobody"
    other = await _noa(world, ada)
    await other.open(f"/me/hours?account={first['id']}", 404)
    token = forms(await other.open("/me"))["/me/pause"].fields["form"]
    for path in ("/me/hours", "/me/agree"):
        data = {"form": token, "account": first["id"], "any": "yes", "zone": "UTC"}
        assert (await other.http.post(path, data=data)).status_code == 404, path


async def test_an_old_form_gives_nothing_back(world: World, ada: Tenant) -> None:
    """INVARIANT (4): what was withdrawn meanwhile is not agreed to by a page of before."""
    here = await member_of(world, ada)
    await here.open("/me/agree")
    old = forms(here.page)["/me/agree"].fields | {"kinds": ["like"]}
    await here.open("/me")
    await here.send("/me/withdraw", kind="all")
    answer = await here.http.post("/me/agree", data=old)
    assert (answer.status_code, "changed after this page" in answer.text) == (409, True)
    assert "kinds" not in forms(answer.text)["/me/agree"].fields, "as it is in force"
    (account,) = (await ada.get("/api/accounts"))["items"]
    assert account["consented_kinds"] == []
    await here.open("/me/agree")
    await here.send("/me/agree", kinds=["like"])
    (account,) = (await ada.get("/api/accounts"))["items"]
    assert account["consented_kinds"] == ["like"]
