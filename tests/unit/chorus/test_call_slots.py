"""Waiting for an instant, for a slot, and for one's account."""

import asyncio
from datetime import timedelta
from uuid import UUID

from chorus.clock import SystemClock
from chorus.testing import FakeClock
from chorus_execution.call_slots import CallSlots, OneAtATime

TENANT, OTHER = UUID(int=1), UUID(int=2)


async def test_no_more_than_the_slots_are_taken() -> None:
    """E1: first come, first served."""
    slots = CallSlots(2, SystemClock())
    assert [await slots.calls.take(TENANT), await slots.calls.take(TENANT)] == [True, True]
    third = asyncio.create_task(slots.calls.take(TENANT))
    fourth = asyncio.create_task(slots.calls.take(TENANT))
    await asyncio.sleep(0)
    assert not third.done()

    slots.calls.give()
    assert await third
    assert not fourth.done()
    slots.calls.give()
    assert await fourth


async def test_tenants_take_turns() -> None:
    """P10: whoever waits with one act waits for one of a crowd, not for all of it."""
    slots, served = CallSlots(1, SystemClock()), list[UUID]()
    assert await slots.calls.take(TENANT)

    async def act(tenant: UUID) -> None:
        assert await slots.calls.take(tenant)
        served.append(tenant)
        slots.calls.give()

    async with asyncio.TaskGroup() as group:
        for tenant in (TENANT, TENANT, TENANT, OTHER):
            group.create_task(act(tenant))
            await asyncio.sleep(0)
        slots.calls.give()
    assert served == [TENANT, OTHER, TENANT, TENANT]


async def test_a_waiter_that_gave_up_costs_no_slot() -> None:
    """E1."""
    slots = CallSlots(1, SystemClock())
    await slots.calls.take(TENANT)
    waiting = asyncio.create_task(slots.calls.take(TENANT))
    await asyncio.sleep(0)
    slots.calls.give()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert await slots.calls.take(TENANT)


async def test_the_end_wakes_all_who_wait() -> None:
    """INVARIANT: at the end nothing more is begun, neither after a wait nor after a slot."""
    slots = CallSlots(1, SystemClock())
    await slots.calls.take(TENANT)
    slot = asyncio.create_task(slots.calls.take(TENANT))
    later = SystemClock().now() + timedelta(hours=1)
    instant = asyncio.create_task(slots.until(later))
    await asyncio.sleep(0)

    slots.close()

    assert not any(await asyncio.gather(slot, instant))
    assert not await slots.calls.take(TENANT)
    assert not await slots.until(SystemClock().now())


async def test_the_instant_is_never_early() -> None:
    """E1: not due yet is not executed."""
    clock = SystemClock()
    slots = CallSlots(1, clock)
    for milliseconds in (-5, 0, 1, 3, 12):
        instant = clock.now() + timedelta(milliseconds=milliseconds)
        assert await slots.until(instant)
        assert clock.now() >= instant


async def test_a_wait_goes_by_the_clock_of_now() -> None:
    """ADR 21: the database's clock was behind by an hour for a moment, and is right again."""
    instant = SystemClock().now()
    clock = FakeClock(instant - timedelta(hours=1))
    waiting = asyncio.create_task(CallSlots(1, clock).until(instant))
    await asyncio.sleep(0)
    clock.move_to(instant)
    assert await asyncio.wait_for(waiting, 60)


async def test_an_account_does_one_thing_at_a_time() -> None:
    """An account never does two things at once; another account is not kept."""
    accounts, one, other = OneAtATime(), UUID(int=1), UUID(int=2)
    await accounts.enter(one)
    await accounts.enter(other)
    second = asyncio.create_task(accounts.enter(one))
    third = asyncio.create_task(accounts.enter(one))
    await asyncio.sleep(0)
    assert not second.done()

    second.cancel()
    accounts.leave(one)
    await third
    accounts.leave(one)
    await accounts.enter(one)
