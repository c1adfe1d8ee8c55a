"""What events do to a post's row, repeated and out of order."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chorus.events import PostPublished, PublishFailed
from chorus.kafka.envelope import Received, decode
from chorus.testing import record_of
from chorus.vocabulary import Platform
from chorus_gateway.handlers import Handlers, NotHandedOver
from tests.integration.gateway.conftest import POST_URL, Tenant, World, account_of

_MODELS = {model.type: model for model in (PostPublished, PublishFailed)}


@pytest.fixture
async def queued(world: World, ada: Tenant) -> dict[str, Any]:
    """A queued post that an executor was told to publish."""
    account = await account_of(ada)
    body = {"text": "We shipped.", "account_id": account["id"]}
    post = dict(await ada.post("/api/posts", body))
    await world.ledger.publishing(post, ada.client_id, world.clock.now())
    return post


def _received(event: PostPublished | PublishFailed) -> Received[Any]:
    return decode(record_of(event), _MODELS)


def _published(world: World, tenant: Tenant, post_id: str, **changes: Any) -> Received[Any]:
    event = PostPublished(
        platform=Platform.LINKEDIN,
        client_id=tenant.client_id,
        post_id=UUID(post_id),
        url=POST_URL,
        social_id="urn:li:activity:7379160923545600000",
        published_at=world.clock.now() + timedelta(minutes=1),
        source="published",
        correlation_id="c",
    )
    return _received(event.model_copy(update=changes))


def _failed(tenant: Tenant, post_id: str) -> Received[Any]:
    return _received(
        PublishFailed(
            client_id=tenant.client_id,
            post_id=UUID(post_id),
            state="failed",
            reason="The network refused it.",
            correlation_id="c",
        )
    )


async def test_a_published_post_has_its_address(
    world: World, ada: Tenant, queued: dict[str, Any]
) -> None:
    """post.published by the executor: url, social_id, state, time; twice is the same."""
    handlers = Handlers(world.gateway.database, world.clock)
    for _ in range(2):
        await handlers.on_post_published(_published(world, ada, queued["id"]))
    post = await ada.get(f"/api/posts/{queued['id']}")
    assert (post["state"], post["url"]) == ("published", POST_URL)
    assert post["social_id"] == "urn:li:activity:7379160923545600000"
    assert post["published_at"] == "2026-01-05T09:01:00Z"


async def test_what_is_live_stays_live(world: World, ada: Tenant, queued: dict[str, Any]) -> None:
    """A late failure is no truth any more; a late success is."""
    handlers = Handlers(world.gateway.database, world.clock)
    await handlers.on_publish_failed(_failed(ada, queued["id"]))
    post = await ada.get(f"/api/posts/{queued['id']}")
    assert (post["state"], post["failure_reason"]) == ("failed", "The network refused it.")
    await handlers.on_post_published(_published(world, ada, queued["id"]))
    await handlers.on_publish_failed(_failed(ada, queued["id"]))
    post = await ada.get(f"/api/posts/{queued['id']}")
    assert (post["state"], post["failure_reason"]) == ("published", None)


async def test_an_address_that_was_registered_meanwhile_stops_nothing(
    world: World, ada: Tenant, queued: dict[str, Any]
) -> None:
    """Finding A4: the row that was told to others stays, and the other one leads to it."""
    first = await ada.post("/api/posts", {"url": POST_URL})
    await Handlers(world.gateway.database, world.clock).on_post_published(
        _published(world, ada, queued["id"])
    )
    merged = await ada.get(f"/api/posts/{queued['id']}")
    assert (merged["state"], merged["merged_into"]) == ("merged", first["id"])


async def test_events_of_others_change_nothing(
    world: World, ada: Tenant, bob: Tenant, queued: dict[str, Any]
) -> None:
    """INVARIANT (P10): an event is handled as its own tenant; our own announcements are known."""
    handlers = Handlers(world.gateway.database, world.clock)
    with pytest.raises(NotHandedOver):
        await handlers.on_post_published(_published(world, bob, queued["id"]))
    await handlers.on_post_published(_published(world, ada, queued["id"], source="registered"))
    shown = await ada.get(f"/api/posts/{queued['id']}")
    assert shown | {"activities": {}, "unsettled": None} == queued


async def test_nobody_says_that_a_post_is_out_which_nobody_was_told_to_publish(
    world: World, ada: Tenant
) -> None:
    """INVARIANT, finding D1: what somebody at the broker says is held against the ledger."""
    account = await account_of(ada)
    tomorrow = (world.clock.now() + timedelta(days=1)).isoformat()
    post = await ada.post(
        "/api/posts", {"text": "News.", "account_id": account["id"], "publish_at": tomorrow}
    )
    handlers = Handlers(world.gateway.database, world.clock)
    with pytest.raises(NotHandedOver):
        await handlers.on_post_published(_published(world, ada, post["id"]))
    assert (await ada.get(f"/api/posts/{post['id']}"))["state"] == "queued"
