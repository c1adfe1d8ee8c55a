"""How much is left to Chorus, in the API and on My page; and what its person does by hand (P7)."""

from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from chorus.vocabulary import Kind, Lane, State
from chorus_gateway.scheduler.fake_ledger import Held
from chorus_gateway.scheduler.port import PlannedActivity
from tests.integration.gateway.browsing import Browser, browser, forms, invited, joined, member_of
from tests.integration.gateway.conftest import POST_URL, Tenant, World, account_of

AUTO = {"like": "auto", "comment": "auto", "repost": "auto"}


async def _suggestion(world: World, ada: Tenant, account_id: str, *, kind: str = "comment") -> UUID:
    """In the ledger, which the fake scheduler knows as well."""
    post = await ada.post("/api/posts", {"url": POST_URL})
    at = world.clock.now()
    activity_id = await world.ledger.activity(
        client_id=ada.client_id,
        post_id=post["id"],
        account_id=UUID(account_id),
        at=at,
        kind=kind,
        state="awaiting_approval",
    )
    await world.ledger.conn.execute(
        "update scheduler.activities set suggested = true, approval = 'not_needed',"
        " draft_text = 'Well said.', target_url = %s, approval_expires_at = %s where id = %s",
        (POST_URL, at, activity_id),
    )
    planned = PlannedActivity(
        id=activity_id,
        account_id=UUID(account_id),
        member_id=None,
        member_name=None,
        kind=Kind(kind),
        lane=Lane.API,
        state=State.AWAITING_APPROVAL,
        scheduled_for=at,
        text="Well said.",
        reason_code="suggested",
        reason="It is left to the account's person.",
    )
    held = Held(client_id=ada.client_id, account_id=UUID(account_id), activity=planned)
    world.scheduler.put(held)
    return activity_id


async def _account(ada: Tenant) -> dict[str, Any]:
    (account,) = (await ada.get("/api/accounts"))["items"]
    return dict(account)


async def test_narrower_is_in_force_at_once_and_wider_the_owners_alone(
    world: World, ada: Tenant
) -> None:
    """INVARIANT (4, 6): an admin may narrow it; only its owner lets Chorus do more again."""
    mia = await world.person(ada, "mia", "member")
    account = await account_of(mia)
    path = f"/api/accounts/{account['id']}/approval-modes"
    assert account["approval_modes"] == AUTO
    narrowed = await ada.http.patch(path, json={"comment": "suggest", "like": "approve_each"})
    assert narrowed.json()["approval_modes"] == AUTO | {
        "comment": "suggest",
        "like": "approve_each",
    }
    assert world.scheduler.calls[-1] == f"recheck by user:{ada.user_id}"
    refused = await ada.http.patch(path, json={"like": "suggest", "comment": "approve_each"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert (await ada.get(f"/api/accounts/{account['id']}"))["approval_modes"]["like"] != "suggest"
    widened = await mia.http.patch(path, json={"comment": "auto"})
    assert widened.json()["approval_modes"] == AUTO | {"like": "approve_each"}
    bo = await world.person(ada, "bo", "member")
    for body in ({"like": "suggest"}, {}):
        assert (await bo.http.patch(path, json=body)).status_code == 403
    noted = [e for e in (await ada.get("/api/audit"))["items"] if "approval_modes" in e["action"]]
    assert noted[0]["detail"] == {"modes": {"comment": "auto"}, "before": {"comment": "suggest"}}


@pytest.mark.parametrize(
    "modes", [{"like": "often"}, {"publish": "auto"}, {"like": 1}, {"like": None}, [], "auto"]
)
async def test_the_database_knows_the_modes(world: World, ada: Tenant, modes: Any) -> None:
    """Whatever program writes it: a word that nobody knows is nothing that could be wider."""
    await account_of(ada)
    with pytest.raises(psycopg.errors.CheckViolation):
        await world.ledger.conn.execute(
            "update gateway.accounts set approval_modes = %s", (Jsonb(modes),)
        )


async def test_a_suggestion_is_shown_as_one_and_its_owner_says_that_they_did_it(
    world: World, ada: Tenant
) -> None:
    """P7: in the list, in the counters; nobody else can know, and nobody makes it go out."""
    mia = await world.person(ada, "mia", "member")
    account = await account_of(mia)
    activity_id = await _suggestion(world, ada, account["id"])
    (shown,) = (await ada.get("/api/activities", params={"state": "suggested"}))["items"]
    assert (shown["id"], shown["suggested"]) == (str(activity_id), True)
    listed = await ada.get("/api/activities", params={"state": "awaiting_approval"})
    assert listed["items"] == []
    path = f"/api/activities/{activity_id}/done-by-hand"
    refused = await ada.http.post(path)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    done = await mia.post(f"{path}")
    assert (done["state"], done["reason_code"]) == ("executed", "done_by_hand")
    await world.ledger.conn.execute(
        "update scheduler.activities set state = 'executed', effect = 'seen', by_hand = true"
    )
    assert (await ada.get("/api/queue/stats"))["completed"] == 0


async def _by_link(world: World, ada: Tenant) -> Browser:
    mia = next(one for one in await ada.get("/api/users") if one["email"] == "mia@example.com")
    return await joined(world, await invited(ada, user_id=mia["id"]))


async def test_my_page_shows_the_modes_and_changes_them(world: World, ada: Tenant) -> None:
    """P7: kind by kind; an old form widens nothing, and narrows whatever it was made of."""
    here = await member_of(world, ada)
    there = browser(world)
    there.http.cookies = here.http.cookies
    await here.open("/me")
    await there.open("/me")
    await there.send("/me/modes", mode_comment="suggest")
    assert "Saved, and in force now" in there.page
    assert (await _account(ada))["approval_modes"] == AUTO | {"comment": "suggest"}
    await here.send("/me/modes", mode_like="approve_each")
    assert (await _account(ada))["approval_modes"]["comment"] == "suggest"
    await there.send("/me/modes", mode_comment="approve_each")
    page = await here.send("/me/modes", mode_comment="auto", seen_comment="suggest")
    assert "changed meanwhile" in page
    modes = (await _account(ada))["approval_modes"]
    assert modes == AUTO | {"like": "approve_each", "comment": "approve_each"}


async def test_who_came_by_a_link_narrows_alone(world: World, ada: Tenant) -> None:
    """INVARIANT (4, 6): the link's holder stops, and lets nothing more be done."""
    await member_of(world, ada)
    back = await _by_link(world, ada)
    await back.send("/me/modes", mode_like="suggest")
    assert "Saved, and in force now" in back.page
    select = back.page[back.page.index('name="mode_like"') :]
    assert "Do it for me" not in select[: select.index("</select>")]
    token = forms(back.page)["/me/modes"].fields
    asked = token | {"mode_like": ["auto"], "seen_like": ["suggest"]}
    answer = await back.http.post("/me/modes", data=asked)
    assert (answer.status_code, "Show that it is you" in answer.text) == (403, True)
    assert (await _account(ada))["approval_modes"]["like"] == "suggest"
    activity_id = await _suggestion(world, ada, (await _account(ada))["id"])
    await back.open("/me")
    assert f"/me/activities/{activity_id}/done" not in back.page
    said = {"form": token["form"][0]}
    refused = await back.http.post(f"/me/activities/{activity_id}/done", data=said)
    assert refused.status_code == 403
    await back.send(f"/me/activities/{activity_id}/reject")
    assert world.scheduler.held(activity_id).activity.state is State.CANCELLED


async def test_i_did_it_is_one_tap_beside_the_post(world: World, ada: Tenant) -> None:
    """P7: the post's link, what to say, and the word that it is done."""
    here = await member_of(world, ada)
    activity_id = await _suggestion(world, ada, (await _account(ada))["id"])
    page = await here.open("/me")
    assert "For you to do yourself: 1" in page
    assert f'href="{POST_URL}"' in page
    assert "Well said." in page
    assert f"/me/activities/{activity_id}/approve" not in page
    await here.send(f"/me/activities/{activity_id}/done")
    assert "Kept as done by you" in here.page
    assert world.scheduler.held(activity_id).activity.reason_code == "done_by_hand"
