"""Absences: said by the account's person or their team, in force at once, taken back, forgotten."""

from datetime import timedelta
from typing import Any

import pytest

from chorus.ids import new_id
from chorus_gateway.store import purging
from tests.integration.gateway.browsing import Browser, invited, joined, member_of
from tests.integration.gateway.conftest import Tenant, World, account_of


def _days(world: World, first: int, last: int) -> dict[str, str]:
    today = world.clock.now().date()
    names = {"first_day": first, "last_day": last}
    return {name: (today + timedelta(days=count)).isoformat() for name, count in names.items()}


async def _says(here: Browser, days: dict[str, str], reason: str = "") -> str:
    first, last = days["first_day"], days["last_day"]
    return await here.send("/me/away", first_day=first, last_day=last, reason=reason)


async def _published(world: World, account_id: object) -> Any:
    """As the scheduler sees it."""
    cursor = await world.ledger.conn.execute(
        "select away from gateway.api_accounts where account_id = %s", (account_id,)
    )
    row = await cursor.fetchone()
    assert row is not None
    return row["away"]


async def test_days_are_in_force_with_the_answer(world: World, ada: Tenant) -> None:
    """INVARIANT (6): where planning and the last look before a call read them; told at once."""
    account = await account_of(ada)
    path = f"/api/accounts/{account['id']}/absences"
    later = await ada.post(path, _days(world, 20, 22))
    made = await ada.post(path, _days(world, 0, 2) | {"reason": "Skiing"})
    assert (made["moved"], made["skipped"], made["by_owner"]) == (0, 0, True)
    assert [call.split()[0] for call in world.scheduler.calls][-1] == "absences"
    found = await ada.get(path)
    assert [one["id"] for one in found] == [made["id"], later["id"]]
    spans = [[made["first_day"], made["last_day"]], [later["first_day"], later["last_day"]]]
    assert await _published(world, account["id"]) == spans


async def test_they_hold_though_the_scheduler_is_away(world: World, ada: Tenant) -> None:
    """INVARIANT (6): a stop waits for nobody."""
    account = await account_of(ada)
    world.scheduler.available = False
    made = await ada.post(f"/api/accounts/{account['id']}/absences", _days(world, 0, 0))
    assert made["moved"] is None
    assert len(await _published(world, account["id"])) == 1


async def test_taken_back_what_was_away_stays_and_the_rest_is_free(
    world: World, ada: Tenant
) -> None:
    """One in force ends today, one to come goes whole; what is over is not there any more."""
    account = await account_of(ada)
    path = f"/api/accounts/{account['id']}/absences"
    made = await ada.post(path, _days(world, 0, 5))
    coming = await ada.post(path, _days(world, 9, 9))
    await world.ledger.conn.execute(
        "update gateway.absences set first_day = first_day - 2, last_day = last_day - 2"
    )
    for one in (made, coming):
        assert (await ada.http.delete(f"{path}/{one['id']}")).status_code == 204
    assert await ada.get(path) == []
    yesterday = (world.clock.now().date() - timedelta(days=1)).isoformat()
    cursor = await world.ledger.conn.execute("select last_day::text from gateway.absences")
    assert await cursor.fetchall() == [{"last_day": yesterday}]
    for one in (made["id"], coming["id"], new_id()):
        gone = await ada.http.delete(f"{path}/{one}")
        assert (gone.status_code, gone.json()["code"]) == (404, "absence_not_found")
    assert world.scheduler.calls[-1].startswith("absences")


@pytest.mark.parametrize(("first", "last"), [(-3, -1), (2, 1), (0, 366), (700, 740)], ids=str)
async def test_days_that_make_no_sense_are_refused(
    world: World, ada: Tenant, first: int, last: int
) -> None:
    """With what to do instead."""
    account = await account_of(ada)
    path = f"/api/accounts/{account['id']}/absences"
    refused = await ada.http.post(path, json=_days(world, first, last))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/body/last_day"


async def test_an_account_has_so_many_and_no_more(world: World, ada: Tenant) -> None:
    """What everybody reads who plans for it stays small."""
    account = await account_of(ada)
    path = f"/api/accounts/{account['id']}/absences"
    for day in range(50):
        await ada.post(path, _days(world, day, day))
    refused = await ada.http.post(path, json=_days(world, 60, 60))
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_absences")


async def test_the_owners_own_word_is_taken_back_by_nobody_else(world: World, ada: Tenant) -> None:
    """INVARIANT (4, 6): an admin says that somebody is away, and not that they are back."""
    here = await member_of(world, ada)
    (account,) = (await ada.get("/api/accounts"))["items"]
    path = f"/api/accounts/{account['id']}/absences"
    theirs = await ada.post(path, _days(world, 3, 4))
    assert theirs["by_owner"] is False
    await here.open(f"/me/away?account={account['id']}")
    await _says(here, _days(world, 0, 0), "Rest")
    (mine, _) = await ada.get(path)
    assert (mine["by_owner"], mine["reason"]) == (True, "Rest")
    refused = await ada.http.delete(f"{path}/{mine['id']}")
    assert (refused.status_code, refused.json()["code"]) == (403, "absence_is_personal")
    assert (await ada.http.delete(f"{path}/{theirs['id']}")).status_code == 204


async def test_on_my_page_days_are_kept_free_and_taken_back(world: World, ada: Tenant) -> None:
    """Said, seen, taken back; what is wrong is said beside what was typed."""
    here = await member_of(world, ada)
    (account,) = (await ada.get("/api/accounts"))["items"]
    page = await here.open(f"/me/away?account={account['id']}")
    assert "When are you away?" in page
    page = await here.send("/me/away", 422, first_day="", last_day="2020-01-01", reason="a\u202eb")
    assert 'id="first_day-fault"' in page
    assert 'id="reason-fault"' in page
    page = await _says(here, _days(world, 0, 1))
    assert "Nothing goes out in your name on these days" in page
    assert "away until" in page
    page = await here.send("/me/away/end", account=account["id"])
    assert "Taken back" in page
    assert "away until" not in page


async def test_a_link_alone_keeps_days_free_and_takes_none_back(world: World, ada: Tenant) -> None:
    """INVARIANT (4): whoever has the link may stop; going on again needs its person."""
    await member_of(world, ada)
    mia = next(one for one in await ada.get("/api/users") if one["email"] == "mia@example.com")
    (account,) = (await ada.get("/api/accounts"))["items"]
    back = await joined(world, await invited(ada, user_id=mia["id"]))
    await back.open(f"/me/away?account={account['id']}")
    page = await _says(back, _days(world, 0, 1))
    assert "Nothing goes out in your name on these days" in page
    page = await back.send("/me/away/end", 403, account=account["id"])
    assert "Show that it is you" in page


async def test_a_viewer_and_a_stranger_of_the_team(world: World, ada: Tenant) -> None:
    """Who owns nothing of it says nothing of it."""
    account = await account_of(ada)
    other = await world.person(ada, "Noa", "member")
    path = f"/api/accounts/{account['id']}/absences"
    refused = await other.http.post(path, json=_days(world, 0, 0))
    assert refused.status_code == 403


async def test_days_are_forgotten_with_the_person_and_after_a_while(
    world: World, ada: Tenant
) -> None:
    """Old ones after 90 days; all with the account."""
    here = await member_of(world, ada)
    (account,) = (await ada.get("/api/accounts"))["items"]
    path = f"/api/accounts/{account['id']}/absences"
    await ada.post(path, _days(world, 1, 2) | {"reason": "Surgery"})
    await world.ledger.conn.execute("update gateway.absences set last_day = current_date")
    await world.ledger.conn.execute(
        "insert into gateway.absences (id, client_id, account_id, first_day, last_day, by_owner,"
        " made_by) values (gen_random_uuid(), %s, %s, current_date - 99, current_date - 91, true,"
        " 'x')",
        (ada.client_id, account["id"]),
    )
    async with world.gateway.database.nobody() as conn:
        assert await purging.purge(conn, "absences", most=9) == 1
    cursor = await world.ledger.conn.execute("select count(*) as n from gateway.absences")
    assert await cursor.fetchone() == {"n": 1}
    await here.open("/me/delete")
    await here.send("/me/delete")
    cursor = await world.ledger.conn.execute("select count(*) as n from gateway.absences")
    assert await cursor.fetchone() == {"n": 0}
    assert "Surgery" not in str(await ada.get("/api/audit"))
