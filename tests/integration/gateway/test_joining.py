"""The way in: an invitation's page, the account, the hours, each consent; as a browser sees it."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from chorus_gateway.domain.account_links import WORD_LIFE
from tests.integration.gateway.browsing import (
    browser,
    connects_another,
    forms,
    invited,
    joined,
    member_of,
    signed_in_at_provider,
    signs_in_again,
)
from tests.integration.gateway.conftest import Tenant, World, connected


async def test_a_member_comes_in_by_a_link(world: World, ada: Tenant) -> None:
    """From an invitation to a yes, without an account of ours before (B1, I4)."""
    pod = await ada.post("/api/pods", {"name": "Founders"})
    url = await invited(ada, email="mia@example.com", pod_id=pod["id"])
    here = browser(world)
    page = await here.open(url)
    assert "ada invites you to ada" in page
    assert "m…@example.com" in page
    assert "mia@example.com" not in page
    await here.send(urlsplit(url).path, email="MIA@example.com", name="Mia Berg")
    assert here.path == "/me/connect"
    connect = await signed_in_at_provider(world, here, "acc-mia")
    assert "Is this your account?" in await here.open(f"{connect}/done")
    assert "Name of acc-mia" in here.page
    assert (await ada.get("/api/accounts"))["items"] == []
    await here.send("/me/connect/confirm")
    assert here.path == "/me/hours"
    await here.send("/me/hours", opens="08:00", closes="18:00", zone="Europe/Rome")
    assert here.path == "/me/agree"
    assert "kinds" not in forms(here.page)["/me/agree"].fields, "nothing is ticked beforehand"
    page = await here.send("/me/agree", kinds=["like"])
    assert (here.path, "Pause me" in page) == ("/me", True)
    (account,) = (await ada.get("/api/accounts"))["items"]
    assert account["consented_kinds"] == ["like"]
    assert (account["timezone"], account["active_hours"]["opens"]) == ("Europe/Rome", "08:00")
    (member,) = (await ada.get(f"/api/pods/{pod['id']}/members"))["items"]
    assert member["account_id"] == account["id"]


async def test_opening_the_link_uses_nothing_up(world: World, ada: Tenant) -> None:
    """INVARIANT (e1): GET and HEAD, ten times, give no session and change nothing."""
    url = await invited(ada)
    for method in ["GET", "HEAD"] * 5:
        answer = await browser(world).http.request(method, url)
        assert answer.status_code == 200
        assert "chorus-session" not in str(answer.headers.get("set-cookie"))
        policy = answer.headers["content-security-policy"]
        assert "'unsafe-inline'" not in policy
        assert "script-src 'self'" in policy
        assert answer.headers["referrer-policy"] == "no-referrer"
    here = await joined(world, url)
    token = url.rpartition("/")[2]
    assert (here.path, token in here.page) == ("/me/connect", False)
    assert "You came by it" in await here.open(url, 409)
    assert "This invitation was used" in await browser(world).open(url, 409)


async def test_an_invitation_for_somebody_else_stays(world: World, ada: Tenant) -> None:
    """e2: another address is told so beside its field; its person still comes in."""
    url = await invited(ada, email="mia@example.com")
    path, here = urlsplit(url).path, browser(world)
    await here.open(url)
    page = await here.send(path, 403, email="noa@example.com", name="Noa")
    assert "The invitation is for another address." in page
    assert 'value="noa@example.com"' in page, "what was typed stays"
    page = await here.send(path, 422, email="noa", name="")
    assert "Type your e-mail address" in page
    assert "Type your name" in page
    await here.send(path, email="mia@example.com", name="Mia")
    assert here.path == "/me/connect"


async def test_a_link_in_somebody_elses_browser_asks_first(world: World, ada: Tenant) -> None:
    """e2: both are named; without a word the invitation stays, and so does who is signed in."""
    here = await member_of(world, ada)
    url = await invited(ada)
    path = urlsplit(url).path
    page = await here.open(url)
    assert "Mia Berg is signed in in this browser" in page
    await here.send(path, 403, email="noa@example.com", name="Noa")
    await here.open("/me")
    assert "Mia Berg" in here.page
    await here.open(url)
    await here.send(path, email="noa@example.com", name="Noa", instead="yes")
    assert here.path == "/me/connect"


async def test_expired_and_revoked_say_so(world: World, ada: Tenant) -> None:
    """e2: each in its own words, and a made-up link in others."""
    made = await ada.post("/api/invitations", {})
    await ada.http.delete(f"/api/invitations/{made['id']}")
    assert "This invitation was taken back" in await browser(world).open(made["url"], 410)
    late = await invited(ada, days=1)
    world.clock.advance(24 * 3600)
    assert "This invitation has expired" in await browser(world).open(late, 410)
    assert "There is no such invitation" in await browser(world).open(f"{late}x", 404)


async def test_finishing_in_another_browser_connects_nothing(world: World, ada: Tenant) -> None:
    """INVARIANT (e3): neither somebody else's account on mine, nor mine on theirs."""
    here = await joined(world, await invited(ada))
    connect = await signed_in_at_provider(world, here, "acc-of-a-guest")
    guest = browser(world)
    assert "passed" not in await guest.open(connect, 403)
    assert "another browser" in await guest.open(f"{connect}/done", 403)
    page = await here.open("/me/connect")
    assert "/me/connect/confirm" not in forms(page)
    assert "another browser" in page
    assert (await ada.get("/api/accounts"))["items"] == []


async def test_after_signing_out_nothing_is_connected(world: World, ada: Tenant) -> None:
    """e3: a link ends with its session, though the provider's word comes later."""
    here = await joined(world, await invited(ada))
    await here.send("/me/connect")
    page = f"http://chorus.test{here.path}"
    await here.open("/me/connect")
    token = forms(here.page)["/me/connect"].fields["form"]
    await here.http.post("/me/sign-out", data={"form": token})
    world.hosted.signs_in("acc-mia")
    await world.connecting.call_back(page, "acc-mia")
    world.clock.advance(WORD_LIFE + timedelta(seconds=1))
    await world.gateway.account_links.sweep()
    cursor = await world.ledger.conn.execute("select state, code from gateway.account_links")
    assert await cursor.fetchall() == [{"state": "failed", "code": "not_confirmed"}]


@pytest.mark.parametrize("said", [True, False])
async def test_nothing_is_connected_before_its_person_says_so(
    world: World, ada: Tenant, said: bool
) -> None:
    """e3, e4: the provider's word twice, in either order with the return, is one question."""
    here = await joined(world, await invited(ada))
    await here.send("/me/connect")
    page = f"http://chorus.test{here.path}"
    assert "One moment" in await here.open(f"{page}/done"), "coming back is not success"
    world.hosted.signs_in("acc-mia")
    world.hosted.breaks("acc-mia")
    for _ in range(2):
        await world.connecting.call_back(page, "acc-mia")
    assert "One moment" in await here.open("/me/connect"), "connected only when it can be used"
    world.hosted.signs_in("acc-mia")
    await world.gateway.account_links.sweep()
    await here.open("/me/connect")
    await here.send("/me/connect/confirm" if said else "/me/connect/refuse")
    assert len((await ada.get("/api/accounts"))["items"]) == said
    assert ("not yours" in here.page) is not said


async def test_a_failed_sign_in_says_what_to_do(world: World, ada: Tenant) -> None:
    """A wrong password at the provider: back here, in words, with another try."""
    here = await joined(world, await invited(ada))
    await here.send("/me/connect")
    page = f"http://chorus.test{here.path}"
    await world.connecting.call_back(page, None, "CREATION_FAIL")
    assert "did not work" in await here.open(f"{page}/failed")
    assert "Try again" in here.page


async def test_what_is_wrong_stands_beside_its_field(world: World, ada: Tenant) -> None:
    """Hours that are none, no day, no zone: said in words, and nothing typed is lost."""
    here = await joined(world, await invited(ada))
    connect = await signed_in_at_provider(world, here, "acc-mia")
    await here.open(f"{connect}/done")
    await here.send("/me/connect/confirm")
    page = await here.send("/me/hours", 422, opens="9", closes="17:30", zone="Mars", days=[])
    for fault in ("opens-fault", "days-fault", "zone-fault"):
        assert f'id="{fault}"' in page
    assert "<title>Error: " in page
    assert forms(page)["/me/hours"].fields["opens"] == ["9"]
    await here.open("/me/agree")
    assert here.path == "/me/hours", "nobody agrees before the hours are chosen"


async def test_forms_of_elsewhere_do_nothing(world: World, ada: Tenant) -> None:
    """INVARIANT: a form needs the token of the browser that shows it, and comes from our pages."""
    here = await member_of(world, ada)
    other = await member_of(world, await world.tenant("bob"), "acc-noa")
    token = forms(here.page)["/me/pause"].fields["form"][0]
    foreign = forms(other.page)["/me/pause"].fields["form"][0]
    for data, headers in (
        ({}, {}),
        ({"form": "x"}, {}),
        ({"form": foreign}, {}),
        ({"form": token}, {"sec-fetch-site": "cross-site"}),
        ({"form": token}, {"origin": "https://evil.example"}),
    ):
        answer = await here.http.post("/me/pause", data=data, headers=headers)
        assert answer.status_code == 403, (data, headers)
    assert not [call for call in world.scheduler.calls if call.startswith("pause")]
    url = await invited(ada)
    answer = await browser(world).http.post(url, data={"email": "x@example.com", "name": "x"})
    assert answer.status_code == 403


async def test_what_people_are_called_is_no_html(world: World, ada: Tenant) -> None:
    """d5: names stand there as text, in every place."""
    evil = '"><script>x</script><div hx-get=/logout>'
    await ada.http.patch(f"/api/users/{ada.user_id}", json={"name": evil})
    here = browser(world)
    answer = await here.http.get(await invited(ada, name=evil))
    assert answer.status_code == 200
    assert "<script>x" not in answer.text
    assert "<div hx-get" not in answer.text


async def test_a_new_account_does_not_say_who_came_back(world: World, ada: Tenant) -> None:
    """INVARIANT (4): by a link back nobody connects an account of theirs and is that person."""
    mia = await world.person(ada, "mia", "member")
    back = await joined(world, await invited(ada, user_id=str(mia.user_id)))
    page = await back.open("/me/connect")
    assert "There is no account of yours here" in page
    token = forms(await back.open("/sign-in"))["/sign-in"].fields["form"]
    answer = await back.http.post("/me/connect", data={"form": token})
    assert (answer.status_code, "Show that it is you" in answer.text) == (403, True)
    assert (await ada.get("/api/accounts"))["items"] == []


async def test_a_link_back_ends_where_an_account_is_connected_elsewhere(
    world: World, ada: Tenant
) -> None:
    """INVARIANT (4): neither it nor a session of it is of the account that came after it."""
    mia = await world.person(ada, "mia", "member")
    used = await joined(world, await invited(ada, user_id=str(mia.user_id)))
    waiting = await invited(ada, user_id=str(mia.user_id))
    await connected(mia, "acc-mia")
    assert (await used.http.get("/me")).status_code == 401
    assert "This invitation was taken back" in await browser(world).open(waiting, 410)


async def test_a_session_that_an_account_showed_ends_with_the_next_one_elsewhere(
    world: World, ada: Tenant
) -> None:
    """INVARIANT (4): what one account shows of a session says nothing for another account."""
    here = await member_of(world, ada)
    mia = next(one for one in await ada.get("/api/users") if one["email"] == "mia@example.com")
    there = await joined(world, await invited(ada, user_id=mia["id"]))
    await signs_in_again(world, there, "acc-mia")
    assert (await here.http.get("/me")).status_code == 200, "signing in again ends nothing"
    await connects_another(world, there, "acc-second")
    assert (await there.http.get("/me")).status_code == 200
    assert (await here.http.get("/me")).status_code == 401


async def test_who_left_their_pod_is_not_put_back(world: World, ada: Tenant) -> None:
    """INVARIANT (4): the pod of an invitation is entered once, by the first account."""
    pod = await ada.post("/api/pods", {"name": "Founders"})
    here = await member_of(world, ada, pod_id=pod["id"])
    path = f"/api/pods/{pod['id']}/members"
    (member,) = (await ada.get(path))["items"]
    assert (await ada.http.delete(f"/api/pod-members/{member['id']}")).is_success
    await signs_in_again(world, here, "acc-mia")
    assert (await ada.get(path))["items"] == []
    (first,) = (await ada.get("/api/accounts"))["items"]
    await connects_another(world, here, "acc-mia-2")
    assert (await ada.get(path))["items"] == []
    assert (await ada.http.delete(f"/api/accounts/{first['id']}")).is_success
    await connects_another(world, here, "acc-mia")
    assert (await ada.get(path))["items"] == []
