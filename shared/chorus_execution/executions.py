"""The life of one execution, from its open row to its closed one.

verify (where an effect may be there) → text → announced → wait for the instant → a slot →
is it still eligible? → the call, once → what came of it → verified where the answer was lost.
"""

import asyncio
import time
from dataclasses import replace

import structlog

from chorus.clock import Clock
from chorus.errors import (
    ChallengeError,
    IndeterminateWrite,
    PermanentProviderError,
    ProviderError,
    TransientProviderError,
)
from chorus.events import ActivityDue
from chorus.vocabulary import ErrorType, Kind, Mode
from chorus_execution import telemetry
from chorus_execution.baseline import StoredBaseline
from chorus_execution.call_slots import CallSlots
from chorus_execution.challenges import Challenges
from chorus_execution.domain import outcomes
from chorus_execution.domain.eligibility import ALREADY_DONE, Withheld
from chorus_execution.domain.outcomes import SILENT, Execution, Wording
from chorus_execution.eligibility_check import NotOurs
from chorus_execution.job import Called, End, Job, Limits
from chorus_execution.journal import Closing, Journal, Known, Worker
from chorus_execution.journal.retry import until_available
from chorus_execution.permits import Permits
from chorus_execution.port import (
    ABSENT,
    Absent,
    Acts,
    AlreadyDoneError,
    Done,
    EarlierUntold,
    Found,
    NotPermitted,
)
from chorus_execution.verification import Verifier

_log = structlog.get_logger()


class Executions:
    def __init__(
        self,
        *,
        journal: Journal,
        permits: Permits,
        challenges: Challenges,
        worker: Worker,
        acts: Acts,
        verifier: Verifier,
        slots: CallSlots,
        clock: Clock,
        limits: Limits,
    ) -> None:
        self._journal = journal
        self._permits = permits
        self._challenges = challenges
        self._worker = worker
        self._acts = acts
        self._verifier = verifier
        self._slots = slots
        self._clock = clock
        self._limits = limits
        self.under_way = 0

    async def run(self, job: Job) -> None:
        """Bring a job to its end, or give it back. Waits for a database that is away.

        A job that breaks off here stays announced until its row is let go of.
        """
        self.under_way += 1
        try:
            end = await self._end_of(job)
        finally:
            self.under_way -= 1
        if end is not None:
            await self._record(job, end)
        self._worker.settled(job.key.activity_id)

    async def give_up(self, job: Job) -> bool:
        """End a job as unknown, for a person, because carrying it out breaks off each time."""
        execution = Execution(command=job.command, wording=job.known_wording)
        return await self._record(job, (outcomes.given_up(execution, self._clock.now()), ()))

    async def _record(self, job: Job, end: End) -> bool:
        executed, more = end
        closing = Closing(executed=executed, more=more, traceparent=job.traceparent)
        challenged = executed.failure is not None and executed.failure.challenge
        if challenged:
            self._challenges.met(executed.account_id)
        written = await until_available(lambda: self._journal.close(closing))
        if challenged:
            self._challenges.recorded(executed.account_id, time.monotonic())
        if not written:
            _log.warning("execution.lost", **_names(job))
            return False
        telemetry.ended(executed)
        _log.debug("execution.recorded", activity_id=job.key.activity_id, outcome=executed.outcome)
        return True

    async def _end_of(self, job: Job) -> End | None:
        """None: given back, or another worker's by now."""
        command = job.command
        if job.suspect or command.mode is Mode.VERIFY:
            end = await self._verified(job)
            if end is not None:
                return end
        wording = await self._worded(job)
        if wording is None:
            return None
        called = await self._in_turn(job, wording)
        return await self._judged(job, called) if isinstance(called, Called) else called

    async def _in_turn(self, job: Job, wording: Wording) -> Called | End | None:
        """Announced before the instant, called at it. None: given back, or another worker's."""
        slots, due_at, tenant = self._slots, job.command.due_at, job.command.client_id
        if not await slots.until(due_at - self._limits.ready) or not await slots.next.take(tenant):
            await self._give_back(job)
            return None
        try:
            if not await until_available(lambda: self._worker.announce(*job.key)):
                return None
            if not await slots.until(due_at) or not await slots.calls.take(tenant):
                await self._give_back(job)
                return None
            try:
                return await self._called(job, wording)
            finally:
                slots.calls.give()
        finally:
            slots.next.give()

    async def _give_back(self, job: Job) -> None:
        await until_available(lambda: self._journal.give_back([job.key]))

    async def _verified(self, job: Job) -> End | None:
        """The end, where that told it. None: the effect is absent and the command may go on."""
        command, execution = job.command, Execution(command=job.command, wording=job.known_wording)
        known = await self._known(job)
        if command.mode is Mode.VERIFY and not known.performed:
            return outcomes.nothing_known(execution, self._clock.now()), ()
        try:
            target = await self._acts.target(command, deadline=self._deadline())
            marks = job.marks(known.claimed)
            seen = await self._verifier.verify(
                command, target, marks, effect_window=job.effect_window
            )
        except ProviderError as error:
            return outcomes.unknown(execution, error, self._clock.now()), ()
        if isinstance(seen, Found):
            return await self._found(execution, target, seen)
        job.checked = float("-inf")
        return (
            (outcomes.not_there(execution, self._clock.now()), ())
            if command.mode is Mode.VERIFY
            else None
        )

    async def _known(self, job: Job) -> Known:
        activity_id, account_id = job.command.activity_id, job.command.account_id
        return await until_available(
            lambda: self._journal.known(activity_id, account_id=account_id)
        )

    async def _worded(self, job: Job) -> Wording | None:
        """The text, committed before it goes out: the ledger's, byte for byte, once its row says
        whose voice it is in. None: lost.
        """
        command = job.command
        if command.kind is Kind.LIKE:
            return SILENT
        wording = job.wording or Wording(text=command.text or "", voice=command.voice or "none")
        text = wording.text or ""
        noted = await until_available(
            lambda: self._journal.note(job.key, text=text, voice=wording.voice)
        )
        return wording if noted else None

    async def _called(self, job: Job, wording: Wording) -> Called | End | None:
        """The one place where a call is made, once nothing stands against it."""
        command, deadline = job.command, self._deadline()
        execution = Execution(command=command, wording=wording)
        try:
            _require_text(command, wording)
            target = await self._acts.target(command, deadline=deadline)
        except ProviderError as error:
            return self._failed(execution, error)
        if job.earlier.doubtful or job.earlier.denied:
            end = await self._checked_once(job, execution, target)
            if end is not None:
                return end
        withheld = await self._permits.check(job)
        if withheld is not None:
            return self._withhold(execution, None if isinstance(withheld, NotOurs) else withheld)
        return await self._write(job, execution, target)

    async def _checked_once(self, job: Job, execution: Execution, target: str) -> End | None:
        """One more check where an earlier execution may have acted. None: nothing is there, or it
        cannot be told, and a person who checked has told it.
        """
        marks = job.marks((await self._known(job)).claimed, execution.wording)
        try:
            seen = await self._verifier.check_once(job.command, target, marks)
        except ProviderError as error:
            if not job.earlier.doubtful:
                return self._failed(execution, error) if isinstance(error, ChallengeError) else None
            return outcomes.unknown(execution, error, self._clock.now()), ()
        return await self._found(execution, target, seen) if isinstance(seen, Found) else None

    async def _write(self, job: Job, execution: Execution, target: str) -> Called | End | None:
        """The act itself, which asks for its permit when all is ready for the one request."""
        command, deadline = execution.command, self._deadline()
        permit = self._permits.of(job, deadline=deadline)
        text, baseline = execution.wording.text or "", StoredBaseline(self._journal, job)
        answer: Done | IndeterminateWrite | AlreadyDoneError
        with telemetry.call(command):
            try:
                answer = await self._acts.write(
                    command, target, text, deadline=deadline, baseline=baseline, permit=permit
                )
            except NotPermitted as stopped:
                return self._withhold(execution, stopped.why)
            except EarlierUntold as untold:
                return outcomes.unknown(execution, untold.error, self._clock.now()), ()
            except (IndeterminateWrite, AlreadyDoneError) as error:
                answer = error
            except ProviderError as error:
                return self._failed(replace(execution, called_at=permit.called_at), error)
        _log.debug("call.ended", activity_id=command.activity_id, kind=command.kind)
        if permit.called_at is not None or isinstance(answer, AlreadyDoneError):
            execution = replace(execution, called_at=permit.called_at)
            return Called(execution=execution, target=target, left=permit.left, answer=answer)
        return self._uncalled(execution, answer)

    def _uncalled(self, execution: Execution, answer: Done | IndeterminateWrite) -> End:
        """Of an act that ended before it asked for its permit: whatever it says, none was made."""
        match answer:
            case Done():
                raise RuntimeError("an act was done without its permit")
            case IndeterminateWrite(error_type=kind, code=code):
                error = TransientProviderError(str(answer), error_type=kind, code=code)
                return self._failed(execution, error)

    async def _judged(self, job: Job, called: Called) -> End:
        match called.answer:
            case Done() as done:
                return await self._done(job, called, done)
            case AlreadyDoneError() as error:
                _log.info("call.already_done", code=error.code, **_names(job))
                return await self._already_done(job, called)
            case IndeterminateWrite() as error:
                _log.info("call.left_unclear", code=error.code, error=str(error), **_names(job))
                return await self._unanswered(job, called)

    async def _done(self, job: Job, called: Called, done: Done) -> End:
        execution = called.execution
        marks = job.marks(frozenset(), execution.wording)
        stands = await self._acts.complete(
            execution.command, called.target, execution.wording, done, marks
        )
        now = self._clock.now()
        executed = outcomes.executed(execution, stands.result, now, challenge=stands.challenge)
        return executed, stands.more

    async def _unanswered(self, job: Job, called: Called) -> End:
        """Looked for as long as the provider may work on it, by whoever holds the row by then."""
        works = max(0.0, called.left + self._limits.works - asyncio.get_running_loop().time())
        await until_available(lambda: self._journal.suspect(job.key, seconds=works))
        seen = await self._sought(job, called, effect_window=works)
        if isinstance(seen, Absent):
            return outcomes.not_there(called.execution, self._clock.now()), ()
        return seen

    async def _already_done(self, job: Job, called: Called) -> End:
        """Ours only where an earlier call for this activity may have done it, and is found."""
        if job.may_be_ours:
            seen = await self._sought(job, called, quiet=float("inf"))
            if not isinstance(seen, Absent):
                return seen
        return outcomes.withhold(called.execution, ALREADY_DONE, self._clock.now()), ()

    async def _sought(
        self, job: Job, called: Called, *, quiet: float = 0.0, effect_window: float = 0.0
    ) -> End | Absent:
        """After the call: found, cannot tell, or absent."""
        execution = called.execution
        marks = job.marks((await self._known(job)).claimed, execution.wording)
        try:
            seen = await self._verifier.verify(
                execution.command, called.target, marks, quiet=quiet, effect_window=effect_window
            )
        except ProviderError as error:
            return outcomes.unknown(execution, error, self._clock.now()), ()
        return (
            await self._found(execution, called.target, seen) if isinstance(seen, Found) else ABSENT
        )

    async def _found(self, execution: Execution, target: str, seen: Found) -> End:
        stands = await self._acts.describe(execution.command, target, seen)
        now, challenge = self._clock.now(), stands.challenge
        executed = outcomes.executed(
            execution, stands.result, now, verified=True, challenge=challenge
        )
        return executed, stands.more

    def _failed(self, execution: Execution, error: ProviderError) -> End:
        command, failure = execution.command, outcomes.failure_of(error)
        _log.info(
            "execution.failed",
            activity_id=command.activity_id,
            execution=command.execution,
            kind=command.kind,
            error_type=failure.error_type,
            code=failure.code,
            error=failure.message,
        )
        return outcomes.failed(execution, failure, self._clock.now()), ()

    def _withhold(self, execution: Execution, withheld: Withheld | None) -> End | None:
        if withheld is None:
            return None
        return outcomes.withhold(execution, withheld, self._clock.now()), ()

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._limits.engagement


def _require_text(command: ActivityDue, wording: Wording) -> None:
    if command.kind in {Kind.COMMENT, Kind.PUBLISH} and not (wording.text or "").strip():
        raise PermanentProviderError(
            "There is no text to send.", error_type=ErrorType.API_ERROR, code="no_text"
        )


def _names(job: Job) -> dict[str, object]:
    return {
        "activity_id": job.command.activity_id,
        "execution": job.command.execution,
        "kind": job.command.kind,
    }
