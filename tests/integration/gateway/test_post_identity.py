"""Which post a registered address is: what the network says, not what somebody typed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from chorus.events import PostPublished
from chorus.kafka.envelope import Received, decode
from chorus.linkedin import parse_post
from chorus.testing import record_of
from chorus.vocabulary import Kind, Lane, Platform, State
from chorus_gateway.domain.post_identity import GIVE_UP_AFTER, FoundPost
from chorus_gateway.handlers import Handlers
from chorus_gateway.scheduler.port import PlannedActivity
from tests.integration.gateway.conftest import Tenant, World, account_of, pod_with_member

ACTIVITY = "urn:li:activity:7379160923545600000"
SHARE = "urn:li:share:7379160923545600001"
UGC = "urn:li:ugcPost:7379160923545600002"
SITE = "https://www.linkedin.com"
ADDRESSES = {
    ACTIVITY: f"{SITE}/posts/ada_x-activity-7379160923545600000-Ab1c",
    SHARE: f"{SITE}/feed/update/{SHARE}/",
    UGC: "https://de.linkedin.com/posts/ada_ugcPost-7379160923545600002?utm_source=share",
}


@pytest.fixture
async def reader(ada: Tenant) -> dict[str, Any]:
    """An account through which posts are looked up."""
    return await account_of(ada)


def _one_post(world: World, **changes: Any) -> FoundPost:
    """All three numbers are one post."""
    found = FoundPost(
        social_id=ACTIVITY,
        url=f"{ADDRESSES[ACTIVITY]}/",
        author_provider_id="ACoAAuthor",
        published_at=world.clock.now() - timedelta(minutes=5),
    )
    found = replace(found, **changes)
    world.lookup.posts = dict.fromkeys(ADDRESSES, found)
    return found


async def _known_as(world: World, account: dict[str, Any], profile: str) -> None:
    await world.ledger.conn.execute(
        "update gateway.accounts set profile_id = %s where id = %s", (profile, account["id"])
    )


async def _told(world: World) -> list[dict[str, Any]]:
    rows = await world.ledger.outbox()
    return [orjson.loads(row["value"]) for row in rows if row["topic"] == "post.published"]


async def _again(world: World, tenant: Tenant) -> Tenant:
    """Signed in once more: the clock went past the token's end."""
    return replace(tenant, http=await world.signed_in(tenant.email))


async def test_the_addresses_of_one_post_are_one_post(
    world: World, ada: Tenant, reader: dict[str, Any]
) -> None:
    """INVARIANT: Finding A4: activity, share and ugcPost of one post are told to others once."""
    del reader
    _one_post(world)
    first = await ada.post("/api/posts", {"url": ADDRESSES[UGC]})
    assert first["state"] == "published"
    assert first["social_id"] == ACTIVITY
    for address in (*ADDRESSES.values(), *ADDRESSES):
        for _ in range(2):
            answer = await ada.http.post("/api/posts", json={"url": address})
            assert (answer.status_code, answer.json()["code"]) == (409, "post_exists")
            assert answer.json()["post_id"] == first["id"]
    assert [event["post_id"] for event in await _told(world)] == [first["id"]]
    assert [post["id"] for post in (await ada.get("/api/posts"))["items"]] == [first["id"]]


async def test_what_the_network_says_is_what_is_told(
    world: World, ada: Tenant, reader: dict[str, Any]
) -> None:
    """Finding A4, B6: id, address, author and time are the network's."""
    await _known_as(world, reader, "ACoAAuthor")
    found = _one_post(world)
    post = await ada.post(
        "/api/posts", {"url": ADDRESSES[SHARE], "published_at": "2026-01-01T00:00Z"}
    )
    assert post["author_account_id"] == reader["id"]
    assert post["author_provider_id"] == "ACoAAuthor"
    assert post["url"] == found.url
    (event,) = await _told(world)
    assert event["social_id"] == ACTIVITY
    assert event["author_account_id"] == reader["id"]
    assert event["url"] == found.url
    assert found.published_at is not None
    assert post["published_at"] == found.published_at.isoformat().replace("+00:00", "Z")


async def test_a_named_author_is_a_hint(world: World, ada: Tenant, reader: dict[str, Any]) -> None:
    """Finding B6: refused where the network names another; kept where it names none."""
    await _known_as(world, reader, "ACoAReader")
    _one_post(world)
    body = {"url": ADDRESSES[SHARE], "account_id": reader["id"]}
    answer = await ada.http.post("/api/posts", json=body, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (409, "author_differs")
    assert await _told(world) == []
    _one_post(world, author_provider_id=None)
    answer = await ada.http.post("/api/posts", json=body, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 201, answer.text
    assert answer.json()["author_account_id"] == reader["id"]


async def test_an_author_who_is_connected_later_is_found(
    world: World, ada: Tenant, reader: dict[str, Any]
) -> None:
    """Finding B6: what others read names the author's account whenever it came."""
    _one_post(world)
    post = await ada.post("/api/posts", {"url": ADDRESSES[SHARE]})
    assert post["author_account_id"] is None
    await _known_as(world, reader, "ACoAAuthor")
    cursor = await world.ledger.conn.execute(
        "select author_account_id, state from gateway.api_posts where post_id = %s", (post["id"],)
    )
    assert await cursor.fetchone() == {
        "author_account_id": UUID(reader["id"]),
        "state": "published",
    }


async def test_nothing_is_told_while_nobody_can_say(
    world: World, ada: Tenant, reader: dict[str, Any]
) -> None:
    """INVARIANT: Finding A4: a post that is not known is `resolving`, and told once it is known."""
    del reader
    _one_post(world)
    world.lookup.available = False
    key = {"Idempotency-Key": "once"}
    answer = await ada.http.post("/api/posts", json={"url": ADDRESSES[SHARE]}, headers=key)
    assert answer.status_code == 202
    post = answer.json()
    assert post["state"] == "resolving"
    again = await ada.http.post("/api/posts", json={"url": ADDRESSES[SHARE]}, headers=key)
    assert (again.status_code, again.json()) == (202, post)
    await world.gateway.post_identity.sweep()
    assert len(world.lookup.asked) == 1
    assert await _told(world) == []
    world.clock.advance(timedelta(minutes=1))
    await world.gateway.post_identity.sweep()
    shown = await ada.get(f"/api/posts/{post['id']}")
    assert (shown["state"], "provider" in shown["failure_reason"]) == ("resolving", True)
    world.lookup.available = True
    world.clock.advance(timedelta(minutes=1))
    for _ in range(2):
        await world.gateway.post_identity.sweep()
    shown = await ada.get(f"/api/posts/{post['id']}")
    assert (shown["state"], shown["social_id"]) == ("published", ACTIVITY)
    assert shown["failure_reason"] is None
    assert [event["post_id"] for event in await _told(world)] == [post["id"]]


async def test_a_waiting_post_that_turns_out_to_be_another_is_merged(
    world: World, ada: Tenant, reader: dict[str, Any]
) -> None:
    """Finding A4: it says why and leads there; nothing is planned for it."""
    del reader
    _one_post(world)
    world.lookup.available = False
    later = await ada.post("/api/posts", {"url": ADDRESSES[SHARE]})
    world.lookup.available = True
    first = await ada.post("/api/posts", {"url": ADDRESSES[UGC]})
    world.clock.advance(timedelta(minutes=1))
    await world.gateway.post_identity.sweep()
    shown = await ada.get(f"/api/posts/{later['id']}")
    assert (shown["state"], shown["merged_into"]) == ("merged", first["id"])
    assert "registered already" in shown["failure_reason"]
    assert len(await _told(world)) == 1
    answer = await ada.http.post("/api/posts", json={"url": ADDRESSES[SHARE]})
    assert answer.json()["post_id"] == first["id"]
    merged = (await ada.get("/api/posts?state=merged"))["items"]
    assert [post["id"] for post in merged] == [later["id"]]


async def test_a_post_that_is_not_there_is_refused_with_a_reason(
    world: World, ada: Tenant, reader: dict[str, Any]
) -> None:
    """Finding A4: it fails, is told to nobody, and may be registered again."""
    del reader
    world.lookup.strict = True
    post = await ada.post("/api/posts", {"url": ADDRESSES[SHARE]})
    assert post["state"] == "failed"
    assert "no such post" in post["failure_reason"]
    assert await _told(world) == []
    _one_post(world)
    again = await ada.post("/api/posts", {"url": ADDRESSES[SHARE]})
    assert (again["id"], again["state"]) == (post["id"], "published")


async def test_a_post_that_one_account_does_not_see_is_looked_up_through_another(
    world: World, ada: Tenant, reader: dict[str, Any]
) -> None:
    """Finding A4: what one may not see, another may; the pod's accounts are asked first."""
    pod, account, _ = await pod_with_member(ada)
    _one_post(world)
    world.lookup.blind.add(account["provider_account_id"])
    body = {"url": ADDRESSES[SHARE], "pod_id": pod["id"]}
    assert (await ada.post("/api/posts", body))["state"] == "published"
    asked = [who for _, who in world.lookup.asked]
    assert asked == [account["provider_account_id"], reader["provider_account_id"]]


async def test_nobody_is_asked_who_did_not_agree_or_was_stopped(
    world: World, ada: Tenant, reader: dict[str, Any]
) -> None:
    """Finding A4: looking is done in somebody's name too: consent, connection, owner, pauses."""
    conn = world.ledger.conn
    undo = {
        "update gateway.accounts set status = 'needs_login'": "set status = 'connected'",
        "update gateway.accounts set removed_at = now()": "set removed_at = null",
        "update gateway.accounts set consented_kinds = '{}'": "set consented_kinds = '{like}'",
    }
    for number, (do, back) in enumerate(undo.items()):
        await conn.execute(do.encode())
        post = await ada.post("/api/posts", {"url": f"urn:li:share:737916092354561000{number}"})
        assert post["state"] == "resolving"
        await conn.execute(f"update gateway.accounts {back}".encode())
    assert world.lookup.asked == []
    world.lookup.refused.add(reader["provider_account_id"])
    for number in range(2):
        post = await ada.post("/api/posts", {"url": f"urn:li:share:737916092354562000{number}"})
        assert post["state"] == "resolving"
    assert len(world.lookup.asked) == 1, "who may not look is not asked again and again"


async def test_an_account_looks_so_often_and_no_more(
    world: World, ada: Tenant, reader: dict[str, Any]
) -> None:
    """Finding A4: reading has limits too, over all replicas; the rest waits."""
    del reader
    await world.ledger.conn.execute(
        "insert into gateway.post_lookups (client_id, account_id, asked, window_ends)"
        " select client_id, id, 59, %s from gateway.accounts",
        (world.clock.now() + timedelta(minutes=30),),
    )
    assert (await ada.post("/api/posts", {"url": ADDRESSES[SHARE]}))["state"] == "published"
    waiting = await ada.post("/api/posts", {"url": ADDRESSES[UGC]})
    assert waiting["state"] == "resolving"
    world.clock.advance(timedelta(minutes=31))
    await world.gateway.post_identity.sweep()
    ada = await _again(world, ada)
    assert (await ada.get(f"/api/posts/{waiting['id']}"))["state"] == "published"


async def test_a_post_that_nobody_knows_for_a_day_is_given_up(world: World, ada: Tenant) -> None:
    """Finding A4: it ends with a reason."""
    post = await ada.post("/api/posts", {"url": ADDRESSES[SHARE]})
    assert post["state"] == "resolving"
    world.clock.advance(GIVE_UP_AFTER + timedelta(minutes=10))
    await world.gateway.post_identity.sweep()
    shown = await (await _again(world, ada)).get(f"/api/posts/{post['id']}")
    assert shown["state"] == "failed"
    assert "nobody could say" in shown["failure_reason"]


async def test_two_tenants_may_have_the_same_post(
    world: World, ada: Tenant, bob: Tenant, reader: dict[str, Any]
) -> None:
    """Finding A4: unique is a post of a tenant."""
    del reader
    await account_of(bob)
    _one_post(world)
    ours = await ada.post("/api/posts", {"url": ADDRESSES[SHARE]})
    theirs = await bob.post("/api/posts", {"url": ADDRESSES[UGC]})
    assert ours["id"] != theirs["id"]
    assert theirs["state"] == "published"


def _went_out(world: World, tenant: Tenant, post: dict[str, Any]) -> Received[Any]:
    event = PostPublished(
        platform=Platform.LINKEDIN,
        client_id=tenant.client_id,
        post_id=UUID(post["id"]),
        url=parse_post(ADDRESSES[ACTIVITY]).url,
        social_id=ACTIVITY,
        published_at=world.clock.now(),
        source="published",
        amplify=True,
        correlation_id="c",
    )
    return decode(record_of(event), {PostPublished.type: PostPublished})


@pytest.mark.parametrize("address", [SHARE, ACTIVITY])
async def test_a_post_that_we_published_is_found_by_every_address(
    world: World, ada: Tenant, reader: dict[str, Any], address: str
) -> None:
    """Finding A4: what went out through us is not registered a second time."""
    _one_post(world)
    queued = await ada.post("/api/posts", {"text": "We shipped.", "account_id": reader["id"]})
    handlers = Handlers(world.gateway.database, world.clock)
    await world.ledger.publishing(queued, ada.client_id, world.clock.now())
    await handlers.on_post_published(_went_out(world, ada, queued))
    answer = await ada.http.post("/api/posts", json={"url": ADDRESSES[address]})
    assert answer.status_code == 409
    assert answer.json()["post_id"] == queued["id"]


async def test_news_of_a_post_that_was_registered_meanwhile_merges_the_two(
    world: World, ada: Tenant, reader: dict[str, Any]
) -> None:
    """Finding A4: whatever comes first, it is one post, and what was wanted of it is not lost."""
    _one_post(world)
    pod, _, _ = await pod_with_member(ada)
    body = {"text": "We shipped.", "account_id": reader["id"], "pod_id": pod["id"]}
    queued = await ada.post("/api/posts", body)
    registered = await ada.post("/api/posts", {"url": ADDRESSES[SHARE], "amplify": False})
    handlers = Handlers(world.gateway.database, world.clock)
    await world.ledger.publishing(queued, ada.client_id, world.clock.now())
    for _ in range(2):
        await handlers.on_post_published(_went_out(world, ada, queued))
    merged = await ada.get(f"/api/posts/{queued['id']}")
    assert (merged["state"], merged["merged_into"]) == ("merged", registered["id"])
    first, again = await _told(world)
    assert first["post_id"] == again["post_id"] == registered["id"]
    assert (first["amplify"], again["amplify"], again["pod_id"]) == (False, True, pod["id"])


async def _unheard_publication(
    world: World, ada: Tenant, reader: dict[str, Any]
) -> tuple[dict[str, Any], UUID]:
    """A queued post of which nobody could tell whether it went out."""
    queued = await ada.post("/api/posts", {"text": "We shipped.", "account_id": reader["id"]})
    activity = await world.ledger.publishing(queued, ada.client_id, world.clock.now())
    await world.ledger.conn.execute(
        "update scheduler.activities set state = 'unknown', effect = 'possible', unheard = '{}',"
        " lease_until = null, needs_person = true where id = %s",
        (activity,),
    )
    held = PlannedActivity(
        id=activity,
        account_id=UUID(reader["id"]),
        member_id=None,
        member_name=None,
        kind=Kind.PUBLISH,
        lane=Lane.API,
        state=State.UNKNOWN,
        scheduled_for=world.clock.now(),
        text=None,
        reason_code="unknown",
        reason="It may have happened.",
    )
    world.scheduler.holds(ada.client_id, held)
    return queued, activity


async def test_an_address_that_was_refused_is_given_again(
    world: World, ada: Tenant, reader: dict[str, Any]
) -> None:
    """Q1: that it happened stands; where it is may be corrected, and says what was wrong."""
    await _known_as(world, reader, "ACoAAda")
    queued, activity = await _unheard_publication(world, ada, reader)
    path = f"/api/activities/{activity}/decide"
    _one_post(world)
    wrong = {"happened": True, "url": ADDRESSES[SHARE], "reason": "I saw it"}
    for _ in range(2):
        answer = await ada.http.post(path, json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (409, "address_refused")
        assert "somebody else's" in answer.json()["detail"]
        await world.ledger.published(activity)
    shown = await ada.get(f"/api/posts/{queued['id']}")
    assert (shown["state"], shown["url"]) == ("failed", None)
    _one_post(world, author_provider_id="ACoAAda")

    moved = await ada.post(path, wrong)

    assert (moved["state"], len(world.scheduler.calls)) == ("executed", 1)
    shown = await ada.get(f"/api/posts/{queued['id']}")
    assert (shown["state"], shown["social_id"]) == ("published", ACTIVITY)
    answer = await ada.http.post(path, json=wrong)
    assert (answer.status_code, answer.json()["code"]) == (409, "move_not_allowed")


@pytest.mark.parametrize("named", ["theirs", "failed", "resolving"])
async def test_what_somebody_registered_is_not_ours_unless_it_may_be(
    world: World, ada: Tenant, reader: dict[str, Any], named: str
) -> None:
    """Q1, finding A4: a publication is not merged into somebody else's post, nor into nothing."""
    await _known_as(world, reader, "ACoAAda")
    _one_post(world)
    world.lookup.available = named != "resolving"
    world.lookup.strict = named == "failed"
    if named == "failed":
        world.lookup.posts = {}
    theirs = await ada.post("/api/posts", {"url": ADDRESSES[SHARE]})
    assert theirs["state"] == {"theirs": "published"}.get(named, named)
    queued, activity = await _unheard_publication(world, ada, reader)
    answer = await ada.http.post(
        f"/api/activities/{activity}/decide", json={"happened": True, "url": ADDRESSES[SHARE]}
    )
    wanted = "conflict" if named == "resolving" else "address_refused"
    assert (answer.status_code, answer.json()["code"]) == (409, wanted)
    assert (await ada.get(f"/api/posts/{queued['id']}"))["state"] == "queued"
    assert world.scheduler.held(activity).activity.state is State.UNKNOWN


async def test_a_refused_address_is_free_for_the_post_that_is_there(
    world: World, ada: Tenant, reader: dict[str, Any]
) -> None:
    """Q1: whose post it is may register it."""
    await _known_as(world, reader, "ACoAAda")
    _, activity = await _unheard_publication(world, ada, reader)
    _one_post(world)
    body = {"happened": True, "url": ADDRESSES[SHARE]}
    await ada.http.post(f"/api/activities/{activity}/decide", json=body)
    assert (await ada.post("/api/posts", {"url": ADDRESSES[SHARE]}))["state"] == "published"


async def test_a_decision_that_the_scheduler_did_not_hear_moves_no_post(
    world: World, ada: Tenant, reader: dict[str, Any]
) -> None:
    """Q1: what a person says of a publication is in force as a whole, or not at all."""
    queued, activity = await _unheard_publication(world, ada, reader)
    world.scheduler.available = False
    answer = await ada.http.post(
        f"/api/activities/{activity}/decide",
        json={"happened": True, "url": ADDRESSES[ACTIVITY], "reason": "I saw it"},
    )
    assert answer.status_code == 503
    post = await ada.get(f"/api/posts/{queued['id']}")
    assert (post["state"], post["url"]) == ("queued", None)
