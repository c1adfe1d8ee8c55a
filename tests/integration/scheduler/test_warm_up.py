"""I3, I5: who goes on after a challenge starts slowly, wherever limits are asked for."""

from datetime import datetime, timedelta
from uuid import UUID

from chorus.documents.limits import AccountLimits, KindAllowance
from chorus.ids import new_id
from chorus.vocabulary import Kind
from chorus_lab.seeding import make_post
from chorus_scheduler.planning.inputs import PlanRequest
from chorus_scheduler.store import accounts, placing
from tests.integration.scheduler.conftest import NOW, World

OLD = NOW - timedelta(days=400)


async def _old_account(world: World) -> UUID:
    account = world.tenant.accounts[0]
    await world.owner.execute("update gateway.accounts set connected_at = %s", (OLD,))
    return account


async def _challenged(world: World, account: UUID, *, resumed: datetime) -> None:
    """A challenge, and somebody who looked at it and let the account go on."""
    pause = new_id()
    await world.steering.challenged(
        pause_id=pause, client_id=world.tenant.client_id, account_id=account, reason="Who are you?"
    )
    await world.steering.resume(pause_id=pause, client_id=world.tenant.client_id, actor="user:ada")
    await world.owner.execute(
        "update scheduler.pauses set resumed_at = %s where id = %s", (resumed, pause)
    )


async def _limits(world: World, account: UUID) -> AccountLimits:
    return await world.steering.limits(client_id=world.tenant.client_id, account_id=account)


def _likes(limits: AccountLimits) -> KindAllowance:
    (like,) = [each for each in limits.kinds if each.kind is Kind.LIKE]
    return like


async def test_an_account_warms_up_again_after_a_challenge(world: World) -> None:
    """A third of its limits at first, all of them after a week."""
    account = await _old_account(world)
    assert (await _limits(world, account)).warm_up_share == 1.0
    await _challenged(world, account, resumed=NOW - timedelta(days=1))
    warming = await _limits(world, account)
    assert (warming.warm_up_share, warming.warm_up_ends_at) == (0.3, NOW + timedelta(days=6))
    (hour,) = [each for each in _likes(warming).limits if each.name == "per_hour"]
    assert (_likes(warming).amounts.per_hour, hour.count) == (10, 3)
    other = world.tenant.accounts[1]
    assert (await _limits(world, other)).warm_up_share == 1.0
    world.clock.advance(timedelta(days=6))
    assert (await _limits(world, account)).warm_up_share == 1.0


async def test_plans_hand_over_and_every_move_see_the_same(world: World) -> None:
    """INVARIANT (I3): whoever asks for an account's limits is told of its challenge."""
    account = await _old_account(world)
    back = NOW - timedelta(days=1)
    await _challenged(world, account, resumed=back)
    async with world.pool.connection() as conn:
        standing = (await accounts.standings(conn, [account]))[account]
        cursor = await conn.execute(placing.SQL.account_hours, {"accounts": [account]})
        (moved,) = await cursor.fetchall()
    assert standing.warms_from == back
    assert moved["warms_from"] == back


async def test_a_plan_spreads_what_an_account_may_not_do_yet(world: World) -> None:
    """Four likes of an account that may do three an hour: the fourth comes an hour later."""
    account = await _old_account(world)
    await _challenged(world, account, resumed=NOW - timedelta(days=1))
    await world.owner.execute("update gateway.pod_members set active = account_id = %s", (account,))
    for _ in range(4):
        post = await make_post(world.owner, world.tenant, published_at=NOW)
        asked = PlanRequest(
            client_id=world.tenant.client_id,
            post_id=post,
            kinds=[Kind.LIKE],
            actor="test",
            correlation_id="c",
        )
        await world.planner.plan(asked)
    rows = await world.rows("select due_at from scheduler.activities order by due_at")
    times = [row["due_at"] for row in rows]
    assert times[3] - times[0] >= timedelta(hours=1)
