"""The pages for whoever connects an account: whose team, what came of it, the way back."""

from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest

from chorus_gateway.connecting.tokens import PAGES_LIFE
from chorus_gateway.domain.account_links import LINK_LIFE
from tests.integration.gateway.conftest import Tenant, World, consent


async def _link(who: Tenant, **wanted: Any) -> str:
    return str((await who.post("/api/accounts/links", wanted))["url"])


async def _seen(world: World, url: str, status: int = 200) -> str:
    response = await world.http.get(url)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy + response.text
    assert response.headers["referrer-policy"] == "no-referrer"
    return unescape(response.text)


async def test_a_link_says_whose_team_it_is_for_before_it_leads_on(
    world: World, ada: Tenant
) -> None:
    """INVARIANT (4): who is sent somebody's link reads whose it is, and what may be done."""
    mia = await world.person(ada, "mia", "member")
    await ada.http.patch(f"/api/users/{mia.user_id}", json={"name": "mia <b>"})
    url = await _link(mia)
    page = await _seen(world, url)
    team = (await ada.get("/api/me"))["tenant"]["name"]
    assert f"Connect your account to {team}?" in page
    assert "mia <b> made this link" in page
    assert "<b>" not in (await world.http.get(url)).text, "what people are called is no HTML"
    assert "Are you not mia <b>? Then do not go on." in page
    (theirs,) = world.hosted.pages
    assert f'href="{theirs}"' in page
    assert world.hosted.pages[theirs].back == url, "and people come back to it"


async def test_what_came_of_it_is_shown_to_the_person(world: World, ada: Tenant) -> None:
    """C1: a failure with what to do next, waiting, and the account that is connected."""
    url = await _link(ada)
    await ada.connecting.call_back(url, None, "CREATION_FAIL")
    page = await _seen(world, f"{url}/failed")
    assert "Signing in at the provider did not work. The page can be used again." in page
    assert "id=go" in page
    world.hosted.signs_in("acc-ada")
    world.hosted.breaks("acc-ada")
    await ada.connecting.call_back(url, "acc-ada")
    assert "http-equiv=refresh" in await _seen(world, f"{url}/done")
    world.hosted.signs_in("acc-ada")
    await world.gateway.account_links.sweep()
    page = await _seen(world, f"{url}/done")
    assert "The account Name of acc-ada is connected to the team" in page
    assert "Take my account back" in page
    late = await _link(ada)
    world.clock.advance(LINK_LIFE)
    assert "expired" in await _seen(world, late)


async def test_who_signed_in_takes_their_account_back(world: World, ada: Tenant) -> None:
    """INVARIANT (4, 6): without a sign-in at ours, at once, and for good."""
    url = await _link(ada)
    world.hosted.signs_in("acc-of-a-guest")
    await ada.connecting.call_back(url, "acc-of-a-guest")
    (account,) = (await ada.get("/api/accounts"))["items"]
    await ada.post(f"/api/accounts/{account['id']}/consents", consent("like"))
    assert (await world.http.get(f"{url}/disconnect")).status_code == 405
    for _ in range(2):
        answer = await world.http.post(f"{url}/disconnect")
        assert (answer.status_code, answer.headers["location"]) == (303, "done")
    assert "not in use" in await _seen(world, f"{url}/done")
    assert (await ada.get("/api/accounts"))["items"] == []
    cursor = await world.ledger.conn.execute(
        "select status, consented_kinds from gateway.api_accounts where account_id = %s",
        (account["id"],),
    )
    assert await cursor.fetchone() == {"status": "disconnected", "consented_kinds": []}
    assert [call.split()[0] for call in world.scheduler.calls].count("recheck") == 1
    audit = (await ada.get("/api/audit", params={"limit": 20}))["items"]
    (taken,) = [each for each in audit if each["action"] == "account.taken_back"]
    assert taken["actor"].startswith("link:")


async def test_an_older_page_takes_back_nothing(world: World, ada: Tenant) -> None:
    """Whoever signed in last has the way back, and the page of before is good for nothing."""
    world.hosted.signs_in("acc-ada")
    first, second = await _link(ada), await _link(ada)
    await ada.connecting.call_back(first, "acc-ada")
    world.clock.advance(1)
    await ada.connecting.call_back(second, "acc-ada")
    await world.http.post(f"{first}/disconnect")
    assert len((await ada.get("/api/accounts"))["items"]) == 1
    await world.http.post(f"{second}/disconnect")
    assert (await ada.get("/api/accounts"))["items"] == []


async def test_the_way_back_ends(world: World, ada: Tenant) -> None:
    """A page that is found a week later shows nothing and does nothing."""
    url = await _link(ada)
    world.hosted.signs_in("acc-ada")
    await ada.connecting.call_back(url, "acc-ada")
    world.clock.advance(PAGES_LIFE - timedelta(seconds=1))
    assert "Take my account back" in await _seen(world, url)
    world.clock.advance(1)
    assert "Ask whoever gave it to you" in await _seen(world, url, 404)
    assert (await world.http.post(f"{url}/disconnect")).status_code == 404
    cursor = await world.ledger.conn.execute("select removed_at from gateway.accounts")
    assert await cursor.fetchone() == {"removed_at": None}


@pytest.mark.parametrize("made_up", ["", "x", "x.y", "\u2028", f"{UUID(int=1).hex}.abc"])
async def test_a_made_up_page_is_not_there(world: World, ada: Tenant, made_up: str) -> None:
    """INVARIANT (7): and one link's token opens no other link's pages."""
    first, second = await _link(ada), await _link(ada)
    crossed = f"{first.rpartition('.')[0]}.{second.rpartition('.')[2]}"
    for url in (f"/connect/{made_up}", crossed, f"{first}/else", f"{first}x"):
        await _seen(world, url, 404)
        assert (await world.http.post(f"{url}/disconnect")).status_code == 404
