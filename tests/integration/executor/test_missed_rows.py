"""Rows that an executor owns without knowing, as the answer to a commit was lost."""

import asyncio

from chorus.vocabulary import Kind, Outcome
from chorus_execution.journal import Opening, key_of
from tests.integration.executor.harness import Harness


async def test_a_row_whose_entry_was_not_confirmed_is_carried_out(harness: Harness) -> None:
    """INVARIANT: nothing stays open behind a living worker, even if no message comes again."""
    executor = await harness.executor()
    command = await harness.due(Kind.LIKE)
    await executor.core.journal.open(Opening(command=command, traceparent=None))

    outcome = await harness.outcome()

    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, False)
    assert len(harness.effects) == 1


async def test_what_is_in_hand_is_not_missed(harness: Harness) -> None:
    """INVARIANT: a row that somebody works on is not let go, however long it takes."""
    executor = await harness.executor(engagement_seconds=5)
    point = harness.hold_point("react", "after")
    command = await harness.due(Kind.LIKE)
    handling = asyncio.create_task(executor.handle(command))
    await point.wait_for(1)

    for _ in range(3):
        await executor.core.sweep._look_for_missed()
    assert await executor.core.journal.open_rows() == {key_of(command)}
    harness.server.sandbox.hold_points.release(point)
    await handling

    (row,) = await harness.attempts()
    assert (row["takeovers"], row["outcome"]) == (0, "executed")
