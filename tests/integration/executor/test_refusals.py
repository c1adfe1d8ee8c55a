"""Definite answers of the provider become outcomes with the class of E6."""

from typing import Any

import pytest

from chorus.vocabulary import ErrorType, Kind, Mode, Outcome, Platform
from chorus_sandbox.world.faults import FaultKind
from tests.integration.executor.harness import Harness


@pytest.mark.parametrize(
    ("fault", "values", "error_type", "retryable", "challenge"),
    [
        ("status", {"type": "too_many_requests"}, ErrorType.RATE_LIMIT, True, False),
        ("checkpoint", {}, ErrorType.AUTH_ERROR, False, True),
        ("disconnected", {}, ErrorType.AUTH_ERROR, False, True),
        ("restricted", {}, ErrorType.PROFILE_BLOCKED, False, True),
        ("post_gone", {}, ErrorType.POST_NOT_FOUND, False, False),
        ("status", {"type": "invalid_post"}, ErrorType.POST_NOT_FOUND, False, False),
        ("status", {"type": "service_unavailable"}, ErrorType.NETWORK_ERROR, True, False),
    ],
)
async def test_a_refusal_is_recorded_with_its_class(
    harness: Harness,
    fault: FaultKind,
    values: dict[str, Any],
    error_type: ErrorType,
    retryable: bool,
    challenge: bool,
) -> None:
    """E4, E6, invariant 5."""
    executor = await harness.executor()
    harness.fault(fault, "react", **values)
    await executor.handle(await harness.due(Kind.LIKE))

    outcome = await harness.outcome()
    assert outcome.outcome is Outcome.FAILED
    failure = outcome.failure
    assert failure is not None
    assert (failure.error_type, failure.retryable, failure.challenge) == (
        error_type,
        retryable,
        challenge,
    )
    assert harness.effects == []
    (row,) = await harness.attempts()
    assert row["failure"]["error_type"] == error_type


@pytest.mark.parametrize("seconds", [None, 7])
async def test_a_rate_limit_says_how_long_to_wait(harness: Harness, seconds: int | None) -> None:
    """E7: Retry-After is handed on; without it the ledger's own back-off holds."""
    executor = await harness.executor()
    harness.fault("status", "react", type="too_many_requests", retry_after=seconds)
    await executor.handle(await harness.due(Kind.LIKE))

    failure = (await harness.outcome()).failure
    assert failure is not None
    assert failure.retry_after == seconds


async def test_a_reaction_that_is_there_already_counts_as_done(harness: Harness) -> None:
    """E5: `action_already_performed` is believed only after a look."""
    executor = await harness.executor()
    command = await harness.due(Kind.LIKE)
    await executor.handle(command)
    harness.fault("status", "react", type="action_already_performed")

    await executor.handle(await harness.again(command))

    outcome = await harness.outcome(2)
    assert (outcome.outcome, outcome.verified) == (Outcome.EXECUTED, True)
    assert len(harness.effects) == 1


async def test_a_comment_without_a_text_is_refused_before_any_call(harness: Harness) -> None:
    """E3."""
    executor = await harness.executor()
    await executor.handle(await harness.due(Kind.COMMENT, text=None))

    failure = (await harness.outcome()).failure
    assert failure is not None
    assert (failure.code, failure.retryable) == ("no_text", False)
    assert harness.server.sandbox.truth.refused == []


async def test_a_provider_that_is_down_is_no_lost_answer(harness: Harness) -> None:
    """E6: a refused connection never reached anybody, so nothing is to be verified."""
    executor = await harness.executor(unipile_url="http://127.0.0.1:9/api/v1")
    await executor.handle(await harness.due(Kind.LIKE))

    failure = (await harness.outcome()).failure
    assert failure is not None
    assert (failure.error_type, failure.retryable, failure.code) == (
        ErrorType.NETWORK_ERROR,
        True,
        None,
    )


@pytest.mark.parametrize("kind", [Kind.LIKE, Kind.PUBLISH])
async def test_what_nobody_provides_on_a_platform_is_refused_before_any_call(
    harness: Harness, kind: Kind
) -> None:
    """E4: an account of a network without a provider; a person reads what is missing."""
    executor = await harness.executor()
    await executor.handle(await harness.due(kind, text="News.", platform=Platform.TIKTOK))

    outcome = await harness.outcome()
    assert outcome.failure is not None
    assert (outcome.outcome, outcome.called_at) == (Outcome.FAILED, None)
    assert (outcome.failure.code, outcome.failure.retryable) == ("not_provided", False)
    assert "on tiktok" in outcome.failure.message
    assert harness.server.sandbox.truth.refused == []
    assert harness.effects == []


async def test_a_look_that_nobody_can_make_tells_no_absence(harness: Harness) -> None:
    """INVARIANT (1): what may have happened stays so where no provider can look for it."""
    executor = await harness.executor()
    command = await harness.due(Kind.LIKE, platform=Platform.TIKTOK)
    await executor.handle(command)

    await executor.handle(await harness.again(command, mode=Mode.VERIFY))

    assert (await harness.outcome(2)).outcome is Outcome.UNKNOWN
