"""Pods that were made before reposts could say something."""

from importlib import resources
from typing import Any

from psycopg.types.json import Jsonb

from tests.integration.gateway.conftest import Tenant, World


async def test_a_pod_of_before_stays_silent(world: World, ada: Tenant) -> None:
    """P5: a later default changes nobody's pod; a new pod has it, and shows it."""
    old, new = [await ada.post("/api/pods", {"name": name}) for name in ("old", "new")]
    assert new["policy"]["repost"]["comment_share"] == 0.3
    before: dict[str, Any] = dict(old["policy"])
    before["repost"] = {
        name: value for name, value in before["repost"].items() if name != "comment_share"
    }
    await world.ledger.conn.execute(
        "update gateway.pods set policy = %s where id = %s", (Jsonb(before), old["id"])
    )
    folder = resources.files("chorus_gateway").joinpath("migrations")
    statement = folder.joinpath("0006_reposts_of_before.sql").read_bytes()
    for _ in range(2):
        await world.ledger.conn.execute(statement)
    shown = [(await ada.get(f"/api/pods/{pod['id']}"))["policy"] for pod in (old, new)]
    assert [policy["repost"]["comment_share"] for policy in shown] == [0, 0.3]
    assert shown[0] == before | {"repost": before["repost"] | {"comment_share": 0}}
