"""What a session of our pages has shown, what ends it, and what is worth nothing with it."""

from urllib.parse import urlsplit

from tests.integration.gateway.browsing import Browser, browser, forms, invited, joined, member_of
from tests.integration.gateway.conftest import Tenant, World


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
