"""What a session of our pages has shown, what ends it, and what is worth nothing with it."""

from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from chorus_gateway.api.application import create_app
from chorus_gateway.api.bulkheads import Bulkheads
from chorus_gateway.api.request_slots import Holder
from chorus_gateway.api.throttle import ThrottleBounds
from tests.integration.gateway.browsing import Browser, browser, forms, invited, joined, member_of
from tests.integration.gateway.conftest import PASSWORD, Tenant, World, client_of

NEW = "attackers own words 9"


def _copy(world: World, here: Browser) -> Browser:
    """Another browser with the same cookies."""
    copy = browser(world)
    for name, value in dict(here.http.cookies).items():
        copy.http.cookies.set(name, value)
    return copy


async def _mia(who: Tenant) -> str:
    people = await who.get("/api/users")
    return next(str(one["id"]) for one in people if one["email"] == "mia@example.com")


async def test_who_came_by_a_link_deletes_nobody(world: World, ada: Tenant) -> None:
    """INVARIANT (4): an admin has seen the link. Deleting cannot be undone: it is no stop."""
    await member_of(world, ada)
    back = await joined(world, await invited(ada, user_id=await _mia(ada)))
    page = await back.open("/me/delete")
    assert "Sign your account in first" in page
    assert {"/me/pause", "/me/withdraw"} <= forms(page).keys(), "what stops is there at once"
    token = forms(page)["/me/pause"].fields["form"]
    answer = await back.http.post("/me/delete", data={"form": token})
    assert (answer.status_code, "Show that it is you" in answer.text) == (403, True)
    (account,) = (await ada.get("/api/accounts"))["items"]
    assert set(account["consented_kinds"]) == {"comment", "like"}
    await back.send("/me/withdraw", kind="all")
    (account,) = (await ada.get("/api/accounts"))["items"]
    assert account["consented_kinds"] == []


@pytest.mark.parametrize("taken_back", [False, True])
async def test_who_signed_in_elsewhere_ends_what_they_were_taken_for(
    world: World, ada: Tenant, taken_back: bool
) -> None:
    """INVARIANT (4): the session that passed the provider's page on may say yes before its person
    is back. By their return, or their word, it ends with its tokens and its password."""
    await member_of(world, ada)
    evil = await joined(world, await invited(ada, user_id=await _mia(ada)))
    await evil.open("/me/connect")
    await evil.send("/me/connect")
    page = f"http://chorus.test{evil.path}"
    await world.connecting.call_back(page, "acc-mia", "RECONNECTED")
    await evil.open("/me/connect")
    await evil.send("/me/connect/confirm")
    await evil.open("/me/password")
    await evil.send("/me/password", password=NEW)
    http = await world.signed_in("mia@example.com", NEW)
    if taken_back:
        assert (await browser(world).http.post(f"{page}/disconnect")).status_code == 303
    else:
        assert "another browser" in await browser(world).open(f"{page}/done", 403)
    assert (await evil.http.get("/me")).status_code == 401
    assert (await http.get("/api/me")).status_code == 401
    there = browser(world)
    await there.open("/sign-in")
    await there.send("/sign-in", 401, email="mia@example.com", password=NEW)
    assert (await ada.get("/api/accounts"))["items"] == []
    ended = [
        entry["detail"]["code"]
        for entry in (await ada.get("/api/audit"))["items"]
        if entry["action"] == "user.password_ended"
    ]
    assert ended == ["taken_back"]


async def test_who_is_signed_out_here_is_so_in_whatever_team(
    world: World, ada: Tenant, bob: Tenant
) -> None:
    """e2: somebody else's invitation, of another team: the session of before is over in copies."""
    here = await member_of(world, ada)
    copy = _copy(world, here)
    url = await invited(bob)
    await here.open(url)
    await here.send(urlsplit(url).path, email="noa@example.com", name="Noa", instead="yes")
    assert here.path == "/me/connect"
    assert (await copy.http.get("/me")).status_code == 401


async def test_who_is_deleted_is_named_nowhere(world: World, ada: Tenant) -> None:
    """I7: how they came names them no more, in the record of invitations and in what is audited."""
    here = await member_of(world, ada, email="mia@example.com", name="Mia Berg")
    await invited(ada, user_id=await _mia(ada))
    await here.open("/me/delete")
    await here.send("/me/delete")
    for path in ("/api/invitations", "/api/audit", "/api/users"):
        listed = str(await ada.get(path))
        assert "mia@example.com" not in listed, path
        assert "Mia Berg" not in listed, path
    cursor = await world.ledger.conn.execute(
        "select shown_name, shown_slug, display_name from gateway.account_links"
    )
    assert {value for row in await cursor.fetchall() for value in row.values()} == {None}


@pytest.mark.parametrize("path", ["/sign-in", "/me", "/join/x", "/connect/x"])
async def test_strangers_of_pages_keep_to_their_slots(world: World, path: str) -> None:
    """Finding E1: what one address has taken is refused to it, and to nobody elsewhere."""
    bulkheads = Bulkheads()
    app = create_app(world.gateway, version="0", bulkheads=bulkheads)
    here = Holder(group="127.0.0.1", member="127.0.0.1")
    with ExitStack() as held:
        for _ in range(20):
            held.enter_context(bulkheads.strangers.slots.taking(here))
        refused = await client_of(app).get(path)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        assert (await client_of(app, address="10.0.0.9").get(path)).status_code != 429
    assert (await client_of(app).get(path)).status_code != 429


async def test_pages_count_for_the_team_of_their_person(world: World, ada: Tenant) -> None:
    """Finding E1: a team's own pace holds for its people's pages too."""
    here = await joined(world, await invited(ada))
    app = create_app(world.gateway, version="0", bounds=ThrottleBounds(per_second=0.2))
    fast = client_of(app)
    fast.cookies = here.http.cookies
    answers = [(await fast.get("/me/connect")).status_code for _ in range(4)]
    assert answers == [200, 200, 429, 429]


async def test_wrong_guesses_of_others_slow_no_device_that_is_known(
    world: World, ada: Tenant
) -> None:
    """I6: who signed in here before comes in to stop something, whoever guesses meanwhile."""
    device = browser(world)
    await device.open("/sign-in")
    await device.send("/sign-in", email=ada.email, password=PASSWORD)
    await device.open("/me/connect")
    stranger = browser(world)
    await stranger.open("/sign-in")
    for number in range(60):
        await stranger.http.post(
            "/sign-in",
            data=forms(stranger.page)["/sign-in"].fields
            | {"email": [ada.email], "password": [f"wrong {number} wrong"]},
        )
    await stranger.send("/sign-in", 429, email=ada.email, password=PASSWORD)
    device.http.cookies.delete("chorus-session")
    await device.open("/sign-in")
    await device.send("/sign-in", email=ada.email, password=PASSWORD)
