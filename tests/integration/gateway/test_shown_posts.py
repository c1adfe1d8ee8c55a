"""What stands beside something that waits for a yes: the post as the network shows it."""

from typing import Any

import pytest

from chorus.hidden import without_hidden
from chorus_gateway.domain.post_identity import FoundPost
from tests.integration.gateway.conftest import POST_URL, Tenant, World, account_of

ACTIVITY = "urn:li:activity:7379160923545600000"


@pytest.fixture
async def reader(world: World, ada: Tenant) -> dict[str, Any]:
    return await account_of(ada)


async def _beside(world: World, ada: Tenant, reader: dict[str, Any], **told: Any) -> dict[str, Any]:
    """What the list of activities says of a comment on a post that the network shows so."""
    found = FoundPost(social_id=ACTIVITY, url=POST_URL, **told)
    world.lookup.posts.update({ACTIVITY: found})
    post = await ada.post("/api/posts", {"url": POST_URL, "account_id": reader["id"]})
    # What was queued under the same row, before somebody pointed it to this address.
    await world.ledger.conn.execute("update gateway.posts set text = 'We shipped.'")
    waits = await world.ledger.activity(
        client_id=ada.client_id,
        post_id=post["id"],
        account_id=reader["id"],
        at=world.clock.now(),
        kind="comment",
        state="awaiting_approval",
    )
    listed = (await ada.get("/api/activities", params={"state": "awaiting_approval"}))["items"]
    return next(one for one in listed if one["id"] == str(waits))


async def test_it_is_what_stands_at_the_address(
    world: World, ada: Tenant, reader: dict[str, Any]
) -> None:
    """A1: a yes is to the post that is there: the network's word, not what was queued or said."""
    shown = await _beside(world, ada, reader, author_name="Grace Hopper", text="Buy my coins.")
    assert (shown["post_author"], shown["post_beginning"]) == ("Grace Hopper", "Buy my coins.")


async def test_without_the_networks_word_it_is_ours(
    world: World, ada: Tenant, reader: dict[str, Any]
) -> None:
    """A1: an author and a text that the network does not tell."""
    shown = await _beside(world, ada, reader, text="\u200b\u2066")
    assert (shown["post_author"], shown["post_beginning"]) == (
        reader["display_name"],
        "We shipped.",
    )


async def test_nothing_hides_in_it(world: World, ada: Tenant, reader: dict[str, Any]) -> None:
    """I8: signs that turn a line round, or are not seen, are not shown."""
    told = {
        "author_name": "Grace\u202e\u2066 ada fo tsop",
        "text": "A\u200bll \U0001f468\u200d\U0001f469",
    }
    shown = await _beside(world, ada, reader, **told)
    assert shown["post_author"] == "Grace ada fo tsop"
    assert shown["post_beginning"] == "All \U0001f468\u200d\U0001f469"


def test_flags_stay_as_they_are() -> None:
    """I8: they are made of signs that hide elsewhere."""
    wales = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
    assert without_hidden(f"{wales}\u202e!\U000e0067") == f"{wales}!"
