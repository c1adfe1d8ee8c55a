"""Who speaks for whom: consent, phrases, approval, pauses, disabled people (C2, B9, B13, B3)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.integration.gateway.conftest import (
    FIRST_PASSWORD,
    PASSWORD,
    POST_URL,
    Tenant,
    World,
    account_of,
    client_of,
    connected,
    consent,
    pod_with_member,
)


async def _key(world: World, who: Tenant, *scopes: str) -> httpx.AsyncClient:
    made = await who.post("/api/api-keys", {"name": "robot", "scopes": list(scopes)})
    return client_of(world.app, {"authorization": f"Bearer {made['key']}"})


async def _published(world: World, account: dict[str, Any]) -> dict[str, Any]:
    cursor = await world.ledger.conn.execute(
        "select * from gateway.api_accounts where account_id = %s", (account["id"],)
    )
    row = await cursor.fetchone()
    assert row is not None
    return row


def _code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


async def test_a_yes_names_the_text_that_was_shown(ada: Tenant) -> None:
    """INVARIANT, finding C2: none, another kind's, a made-up one: nothing is agreed to."""
    account = await connected(ada)
    path = f"/api/accounts/{account['id']}/consents"
    right = consent("like", "comment")
    like = right["text_sha256"]["like"]
    for shown in ({}, {"like": like}, {"like": like, "comment": like}, {"comment": "0" * 64}):
        response = await ada.http.post(path, json=right | {"text_sha256": shown})
        assert _code(response) == (409, "text_not_shown"), shown
    assert (await ada.get(f"/api/accounts/{account['id']}"))["consented_kinds"] == []
    assert (await ada.post(path, right))["consented_kinds"] == ["like", "comment"]
    entry = (await ada.get(path))["items"][0]
    assert entry["text_sha256"] == right["text_sha256"][entry["kind"]]


async def test_the_texts_say_what_they_are_called(ada: Tenant) -> None:
    """Finding C2: whoever shows a text can name it."""
    shown = {text["kind"]: text["sha256"] for text in await ada.get("/api/consent-texts")}
    assert shown["like"] == consent("like")["text_sha256"]["like"]
    assert len(set(shown.values())) == len(shown)


async def _temporary(world: World, ada: Tenant) -> tuple[UUID, httpx.AsyncClient]:
    body = {"email": "tim@example.com", "name": "Tim", "password": FIRST_PASSWORD}
    user = await ada.post("/api/users", body)
    assert user["password_temporary"] is True
    return UUID(user["id"]), await world.signed_in("tim@example.com", FIRST_PASSWORD)


async def test_with_a_password_of_somebody_else_nothing_is_done_in_ones_name(
    world: World, ada: Tenant
) -> None:
    """INVARIANT, finding C2: an admin who signs in as a member connects and agrees to nothing."""
    user_id, tim = await _temporary(world, ada)
    assert _code(await tim.post("/api/accounts/links", json={})) == (403, "password_is_temporary")
    account = await connected(ada)
    pod = await ada.post("/api/pods", {"name": "pod"})
    member = await ada.post(f"/api/pods/{pod['id']}/members", {"account_id": account["id"]})
    await world.ledger.conn.execute(
        "update gateway.accounts set owner_user_id = %s, proven_at = clock_timestamp()"
        " where id = %s",
        (user_id, account["id"]),
    )
    path = f"/api/accounts/{account['id']}/consents"
    response = await tim.post(path, json=consent("like"))
    assert _code(response) == (403, "consent_is_personal")
    response = await tim.patch(f"/api/pod-members/{member['id']}", json={"phrases": ["Hi."]})
    assert _code(response) == (403, "password_is_temporary")
    for hours in ({"active_hours": "any_time"}, {"timezone": "Asia/Tokyo"}):
        response = await tim.patch(f"/api/accounts/{account['id']}", json=hours)
        assert _code(response) == (403, "password_is_temporary")
    withdrawn = {"kinds": ["like"], "granted": False}
    assert (await tim.post(path, json=withdrawn)).status_code == 201


async def test_tokens_of_before_a_chosen_password_are_worth_nothing(
    world: World, ada: Tenant
) -> None:
    """INVARIANT, finding C2: whoever knew the first password is out at once, not in 15 minutes."""
    _, by_the_admin = await _temporary(world, ada)
    tim = await world.signed_in("tim@example.com", FIRST_PASSWORD)
    same = {"present": FIRST_PASSWORD, "new": FIRST_PASSWORD}
    assert (await tim.put("/api/me/password", json=same)).status_code == 422
    chosen = {"present": FIRST_PASSWORD, "new": PASSWORD}
    assert (await tim.put("/api/me/password", json=chosen)).status_code == 204
    for http in (by_the_admin, tim):
        assert (await http.get("/api/me")).status_code == 401
    tim = await world.signed_in("tim@example.com")
    assert (await tim.get("/api/me")).json()["user"]["password_temporary"] is False
    assert (await tim.post("/api/accounts/links", json={})).status_code == 201


async def test_nothing_of_a_disabled_person_is_in_force(world: World, ada: Tenant) -> None:
    """INVARIANT, finding C2: suspended at once, called off at once, and theirs again later."""
    mia = await world.person(ada, "mia", "member")
    account = await account_of(mia)
    path = f"/api/users/{mia.user_id}"
    world.scheduler.calls.clear()
    assert (await ada.http.patch(path, json={"active": False})).is_success
    seen = await _published(world, account)
    assert (seen["consented_kinds"], seen["withheld"]) == ([], "owner_disabled")
    shown = await ada.get(f"/api/accounts/{account['id']}")
    assert (shown["consented_kinds"], shown["withheld"]) == ([], "owner_disabled")
    assert any(call.startswith("recheck") for call in world.scheduler.calls)
    consents = f"/api/accounts/{account['id']}/consents"
    await ada.post(consents, {"kinds": ["like", "repost"], "granted": False})
    assert (await ada.http.patch(path, json={"active": True})).is_success
    seen = await _published(world, account)
    assert (set(seen["consented_kinds"]), seen["withheld"]) == ({"comment", "publish"}, None)


async def test_a_disabled_persons_tokens_do_not_come_back(world: World, ada: Tenant) -> None:
    """Finding C2: let in again, they sign in again."""
    mia = await world.person(ada, "mia", "member")
    for active in (False, True):
        await ada.http.patch(f"/api/users/{mia.user_id}", json={"active": active})
    assert (await mia.http.get("/api/me")).status_code == 401


async def test_phrases_are_their_owners_words(world: World, ada: Tenant) -> None:
    """INVARIANT, finding B9: no admin and no key puts words into somebody's mouth."""
    mia = await world.person(ada, "mia", "member")
    account = await account_of(mia)
    pod = await ada.post("/api/pods", {"name": "pod"})
    members = f"/api/pods/{pod['id']}/members"
    body = {"account_id": account["id"]}
    response = await ada.http.post(members, json=body | {"phrases": ["Buy now!"]})
    assert _code(response) == (403, "phrases_are_personal")
    member = await ada.post(members, body)
    path = f"/api/pod-members/{member['id']}"
    own_key = await _key(world, ada, "write")
    for http in (ada.http, own_key):
        response = await http.patch(path, json={"phrases": ["Buy now!"]})
        assert _code(response) == (403, "phrases_are_personal")
    response = await mia.http.patch(path, json={"phrases": ["Well said."]})
    assert response.json()["phrases"] == ["Well said."]
    renamed = await ada.http.patch(path, json={"name": "Mia M."})
    assert renamed.json()["phrases"] == ["Well said."]


async def test_phrases_do_not_outlive_their_owner(world: World, ada: Tenant) -> None:
    """INVARIANT, finding B9: an account in other hands says nothing of what was said before."""
    mia, noa = [await world.person(ada, name, "member") for name in ("mia", "noa")]
    account = await connected(mia, "acc-x")
    pod = await ada.post("/api/pods", {"name": "pod"})
    member = await ada.post(f"/api/pods/{pod['id']}/members", {"account_id": account["id"]})
    path = f"/api/pod-members/{member['id']}"
    assert (await mia.http.patch(path, json={"phrases": ["Mine."]})).is_success
    await mia.http.delete(f"/api/accounts/{account['id']}")
    await connected(noa, "acc-x")
    assert (await ada.get(path))["phrases"] == []
    cursor = await world.ledger.conn.execute("select phrases from gateway.api_members")
    row = await cursor.fetchone()
    assert row is not None
    assert row["phrases"] == []


async def test_an_owner_takes_part_less_or_leaves_by_themselves(world: World, ada: Tenant) -> None:
    """Finding B3: and what is planned is called off at once."""
    mia = await world.person(ada, "mia", "member")
    account = await account_of(mia)
    pod = await ada.post("/api/pods", {"name": "pod"})
    member = await ada.post(f"/api/pods/{pod['id']}/members", {"account_id": account["id"]})
    path = f"/api/pod-members/{member['id']}"
    for who, body in (
        (mia, {"kinds": ["like"]}),
        (mia, {"active": False}),
        (mia, {"active": True}),
    ):
        world.scheduler.calls.clear()
        assert (await who.http.patch(path, json=body)).is_success
        assert [call.split()[0] for call in world.scheduler.calls] == ["recheck"]
    response = await mia.http.patch(path, json={"name": "Boss"})
    assert _code(response) == (403, "not_allowed")
    noa = await world.person(ada, "noa", "member")
    assert (await noa.http.delete(path)).status_code == 403
    world.scheduler.calls.clear()
    assert (await mia.http.delete(path)).status_code == 204
    assert [call.split()[0] for call in world.scheduler.calls] == ["recheck"]


async def test_who_left_comes_back_by_themselves(world: World, ada: Tenant) -> None:
    """INVARIANT (4, 6): no admin and no key puts an account back into a pod its owner has left."""
    mia = await world.person(ada, "mia", "member")
    account = await account_of(mia)
    pod = await ada.post("/api/pods", {"name": "pod"})
    adding, body = f"/api/pods/{pod['id']}/members", {"account_id": account["id"]}
    assert _code(await mia.http.post(adding, json=body)) == (403, "not_allowed")
    member = await ada.post(adding, body)
    key = await _key(world, ada, "write")
    path = f"/api/pod-members/{member['id']}"
    assert (await mia.http.patch(path, json={"active": False})).json()["left_by_owner"] is True
    for http in (ada.http, key):
        response = await http.patch(path, json={"active": True})
        assert _code(response) == (403, "left_by_themselves")
    assert (await ada.http.delete(path)).is_success, "an admin takes the row away, not the no"
    for http in (ada.http, key):
        response = await http.post(adding, json=body)
        assert _code(response) == (403, "left_by_themselves")

    back = await mia.post(adding, body)

    assert (back["active"], back["left_by_owner"]) == (True, False)
    path = f"/api/pod-members/{back['id']}"
    for active in (False, True):
        assert (await ada.http.patch(path, json={"active": active})).is_success
    assert (await mia.http.delete(path)).is_success
    assert _code(await ada.http.post(adding, json=body)) == (403, "left_by_themselves")


async def test_kinds_that_an_owner_declined_stay_out(world: World, ada: Tenant) -> None:
    """INVARIANT (4, 6): the others are the pod's to choose."""
    mia = await world.person(ada, "mia", "member")
    account = await account_of(mia)
    pod = await ada.post("/api/pods", {"name": "pod"})
    member = await ada.post(f"/api/pods/{pod['id']}/members", {"account_id": account["id"]})
    path = f"/api/pod-members/{member['id']}"
    assert (await mia.http.patch(path, json={"kinds": ["like", "repost"]})).is_success
    response = await ada.http.patch(path, json={"kinds": ["like", "comment"]})
    assert _code(response) == (403, "left_by_themselves")
    for kinds in (["like"], ["like", "repost"]):
        changed = await ada.http.patch(path, json={"kinds": kinds})
        assert (changed.json()["kinds"], changed.json()["declined_kinds"]) == (kinds, ["comment"])
    assert (await mia.http.patch(path, json={"kinds": ["comment"]})).is_success
    assert (await ada.http.patch(path, json={"kinds": ["comment"]})).is_success


async def test_a_key_leaves_for_its_person_and_does_not_come_back(
    world: World, ada: Tenant
) -> None:
    """INVARIANT (4, 6): a no by whatever means, a yes in person."""
    pod, account, member = await pod_with_member(ada)
    path = f"/api/pod-members/{member['id']}"
    key = await _key(world, ada, "write")
    assert (await key.patch(path, json={"active": False})).is_success
    response = await key.patch(path, json={"active": True})
    assert _code(response) == (403, "left_by_themselves")
    assert (await ada.http.patch(path, json={"active": True})).is_success
    assert (await ada.http.delete(path)).is_success
    body = {"account_id": account["id"]}
    response = await key.post(f"/api/pods/{pod['id']}/members", json=body)
    assert _code(response) == (403, "left_by_themselves")


async def test_nobody_says_by_hand_that_an_account_is_connected(world: World, ada: Tenant) -> None:
    """INVARIANT (4a): it is what the provider says and what its owner did."""
    account = await account_of(ada)
    path = f"/api/accounts/{account['id']}"
    key = await _key(world, ada, "write")
    assert (await key.patch(path, json={"status": "disconnected"})).json()["status"] == (
        "disconnected"
    )
    for http in (ada.http, key):
        response = await http.patch(path, json={"status": "connected"})
        assert _code(response) == (422, "invalid_request")
    assert (await ada.get(path))["status"] == "disconnected"


@pytest.mark.parametrize("scopes", [("read",), ("write",), ("read", "write")])
async def test_a_key_approves_nothing_unless_it_was_made_for_it(
    world: World, ada: Tenant, scopes: tuple[str, ...]
) -> None:
    """INVARIANT, finding B9: a yes to words is a person's, or of a key that says so."""
    _, account, _ = await pod_with_member(ada)
    post = await ada.post("/api/posts", {"url": POST_URL})
    activity_id = await world.ledger.activity(
        client_id=ada.client_id,
        post_id=post["id"],
        account_id=account["id"],
        at=world.clock.now() - timedelta(minutes=1),
        state="awaiting_approval",
    )
    key = await _key(world, ada, *scopes)
    for method, path, body in (
        ("POST", f"/api/activities/{activity_id}/approve", {}),
        ("PATCH", f"/api/activities/{activity_id}", {"text": "Other words."}),
        ("POST", f"/api/activities/{activity_id}/decide", {"happened": True}),
    ):
        response = await key.request(method, path, json=body)
        assert _code(response) == (403, "not_allowed"), path
    made = await _key(world, ada, "write", "approve")
    response = await made.post(f"/api/activities/{activity_id}/approve", json={})
    assert _code(response) != (403, "not_allowed")


@pytest.mark.parametrize("by", ["admin", "owner"])
async def test_who_lifts_what(world: World, ada: Tenant, by: str) -> None:
    """INVARIANT, finding B13: an admin's pause is an admin's, an own stop is the owner's."""
    mia = await world.person(ada, "mia", "member")
    account = await account_of(mia)
    maker, other = (ada, mia) if by == "admin" else (mia, ada)
    body = {"scope": "account", "scope_id": account["id"], "reason": "Because."}
    pause = await maker.post("/api/pauses", body)
    await world.ledger.pause(
        client_id=ada.client_id,
        scope="account",
        scope_id=UUID(account["id"]),
        pause_id=UUID(pause["id"]),
        paused_by=f"user:{maker.user_id}",
    )
    path = f"/api/pauses/{pause['id']}/resume"
    assert _code(await other.http.post(path)) == (403, "not_allowed")
    assert (await maker.http.post(path)).status_code == 200


@pytest.mark.parametrize("who", ["owner", "admin"])
async def test_a_challenges_pause_is_lifted_in_person(world: World, ada: Tenant, who: str) -> None:
    """INVARIANT, finding B13: never by a key, whose ever it is."""
    mia = await world.person(ada, "mia", "member")
    account = await account_of(mia)
    scope_id = UUID(account["id"])
    pause_id = await world.scheduler.pause(
        client_id=ada.client_id, scope="account", scope_id=scope_id, reason="?", actor="system"
    )
    await world.ledger.pause(
        client_id=ada.client_id,
        scope="account",
        scope_id=scope_id,
        code="challenge",
        pause_id=pause_id,
        paused_by="system",
    )
    path = f"/api/pauses/{pause_id}/resume"
    key = await _key(world, ada, "write", "approve")
    assert _code(await key.post(path)) == (403, "in_person_only")
    noa = await world.person(ada, "noa", "member")
    assert _code(await noa.http.post(path)) == (403, "not_allowed")
    chosen = mia if who == "owner" else ada
    assert (await chosen.http.post(path)).status_code == 200


async def test_a_role_takes_nobodys_no_away(world: World, ada: Tenant) -> None:
    """INVARIANT (4, 6), finding C2: who became a viewer stops all that is done in their name, and
    nothing is done meanwhile.
    """
    mia = await world.person(ada, "mia", "member")
    account = await account_of(mia)
    pod = await ada.post("/api/pods", {"name": "p"})
    member = await ada.post(f"/api/pods/{pod['id']}/members", {"account_id": account["id"]})
    await ada.http.patch(f"/api/users/{mia.user_id}", json={"role": "viewer"})
    cursor = await world.ledger.conn.execute(
        "select consented_kinds, withheld from gateway.api_accounts"
    )
    assert await cursor.fetchall() == [{"consented_kinds": [], "withheld": "owner_disabled"}]

    path = f"/api/accounts/{account['id']}"
    body = {"scope": "account", "scope_id": account["id"], "reason": "No more."}
    assert (await mia.http.post("/api/pauses", json=body)).status_code == 201
    member_path = f"/api/pod-members/{member['id']}"
    assert (await mia.http.patch(member_path, json={"active": False})).status_code == 200
    assert (await mia.http.delete(member_path)).status_code == 204
    no = {"kinds": ["like"], "granted": False}
    assert (await mia.http.post(f"{path}/consents", json=no)).status_code == 201
    yes = await mia.http.post(f"{path}/consents", json=consent("like"))
    assert _code(yes) == (403, "consent_is_personal")
    assert (await mia.http.delete(path)).status_code == 200


async def test_a_key_decides_on_nobodys_words_unless_it_was_made_for_it(
    world: World, ada: Tenant
) -> None:
    """INVARIANT, finding B9: neither by a policy, nor by a voice, nor by a post."""
    pod, account, member = await pod_with_member(ada)
    voice = await ada.post("/api/cartridges", {"name": "v", "definition": {}})
    wishes = (
        ("POST", "/api/cartridges", {"name": "w", "definition": {}}),
        ("PATCH", f"/api/cartridges/{voice['id']}", {"definition": {"closings": ["Buy it."]}}),
        ("PATCH", f"/api/pods/{pod['id']}", {"policy": {"comment": {"approval": "auto"}}}),
        ("PATCH", f"/api/pods/{pod['id']}", {"cartridge_id": voice["id"]}),
        ("PATCH", f"/api/pod-members/{member['id']}", {"cartridge_id": voice["id"]}),
        ("POST", "/api/posts", {"text": "I like it.", "account_id": account["id"]}),
    )
    key = await _key(world, ada, "write")
    for method, path, body in wishes:
        response = await key.request(method, path, json=body)
        assert _code(response) == (403, "not_allowed"), path
    made = await _key(world, ada, "write", "approve")
    for method, path, body in wishes:
        assert (await made.request(method, path, json=body)).is_success, path
