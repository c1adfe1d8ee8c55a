"""The life of one execution, from its open row to its closed one.

look (where an effect may be there already) → text → announced → wait for the instant → a slot →
does it still stand? → the call, once → what came of it → verified where the answer was lost.
"""

import asyncio
from dataclasses import replace

import structlog

from chorus.clock import Clock
from chorus.errors import (
    IndeterminateWrite,
    PermanentProviderError,
    ProviderError,
    TransientProviderError,
)
from chorus.events import ActivityDue
from chorus.execution import measures
from chorus.execution.domain import endings
from chorus.execution.domain.endings import SILENT, Trial, Wording
from chorus.execution.domain.standing import Withheld
from chorus.execution.job import Called, End, Job, Limits
from chorus.execution.permits import Permits
from chorus.execution.port import Acts, AlreadyDoneError, Done, Found, Refused, Wordings
from chorus.execution.standings import NotOurs
from chorus.execution.turns import Turns
from chorus.execution.verification import Verifier
from chorus.journal import Closing, Journal, Worker
from chorus.journal.patience import patiently
from chorus.vocabulary import ErrorType, Kind, Mode

_log = structlog.get_logger()


class Executions:
    def __init__(
        self,
        *,
        journal: Journal,
        permits: Permits,
        worker: Worker,
        acts: Acts,
        verifier: Verifier,
        wordings: Wordings,
        turns: Turns,
        clock: Clock,
        limits: Limits,
    ) -> None:
        self._journal = journal
        self._permits = permits
        self._worker = worker
        self._acts = acts
        self._verifier = verifier
        self._wordings = wordings
        self._turns = turns
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
        trial = Trial(command=job.command, wording=job.known_wording)
        return await self._record(job, (endings.given_up(trial, self._clock.now()), ()))

    async def _record(self, job: Job, end: End) -> bool:
        executed, more = end
        closing = Closing(executed=executed, more=more, traceparent=job.traceparent)
        if not await patiently(lambda: self._journal.close(closing)):
            _log.warning("execution.lost", **_names(job))
            return False
        measures.ended(executed)
        _log.debug("execution.recorded", activity_id=job.key.activity_id, outcome=executed.outcome)
        return True

    async def _end_of(self, job: Job) -> End | None:
        """None: given back, or another worker's by now."""
        command = job.command
        if job.look_first or command.mode is Mode.VERIFY:
            end = await self._looked(job)
            if end is not None:
                return end
        wording = await self._worded(job)
        if wording is None:
            return None
        called = await self._in_turn(job, wording)
        return await self._judged(job, called) if isinstance(called, Called) else called

    async def _in_turn(self, job: Job, wording: Wording) -> Called | End | None:
        """Announced before the instant, called at it. None: given back, or another worker's."""
        turns, activity_id, due_at = self._turns, job.key.activity_id, job.command.due_at
        if not await turns.until(due_at - self._limits.ready) or not await turns.next.take():
            await self._give_back(job)
            return None
        try:
            await patiently(lambda: self._worker.announce(activity_id))
            if not await turns.until(due_at) or not await turns.calls.take():
                await self._give_back(job)
                return None
            try:
                return await self._called(job, wording)
            finally:
                turns.calls.give()
        finally:
            turns.next.give()

    async def _give_back(self, job: Job) -> None:
        await patiently(lambda: self._journal.give_back([job.key]))

    async def _looked(self, job: Job) -> End | None:
        """The end, where looking told it. None: the effect is absent and the command may go on."""
        command, trial = job.command, Trial(command=job.command, wording=job.known_wording)
        try:
            target = await self._acts.target(command, deadline=self._deadline())
            seen = await self._verifier.verify(
                command, target, job.traces(), quiet=job.quiet, patience=job.patience
            )
        except ProviderError as error:
            return endings.unknown(trial, error, self._clock.now()), ()
        if isinstance(seen, Found):
            return await self._found(trial, target, seen)
        job.checked = float("-inf")
        return (
            (endings.not_there(trial, self._clock.now()), ())
            if command.mode is Mode.VERIFY
            else None
        )

    async def _worded(self, job: Job) -> Wording | None:
        """The text, committed before it goes out where the effect is told by it. None: lost."""
        if job.command.kind is Kind.LIKE:
            return SILENT
        wording = job.wording or await self._wordings.wording(job.command)
        text = wording.text or ""
        noted = await patiently(lambda: self._journal.note(job.key, text=text, voice=wording.voice))
        return wording if noted else None

    async def _called(self, job: Job, wording: Wording) -> Called | End | None:
        """The one place where a call is made: from the last check to the write nothing waits."""
        command, deadline = job.command, self._deadline()
        trial = Trial(command=command, wording=wording)
        try:
            _require_text(command, wording)
            target = await self._acts.target(command, deadline=deadline)
            if endings.may_have_been_done(job.earlier.codes):
                seen = await self._verifier.glance(command, target, job.traces(wording))
                if seen is not None:
                    return await self._found(trial, target, seen)
            refused = await self._permits.refusal(job)
            if refused is not None:
                return self._kept_back(trial, None if isinstance(refused, NotOurs) else refused)
            return await self._write(job, trial, target)
        except ProviderError as error:
            return self._failed(trial, error)

    async def _write(self, job: Job, trial: Trial, target: str) -> Called | End | None:
        """The act itself, which asks for its permit when all is ready for the one request."""
        command, deadline = trial.command, self._deadline()
        permit = self._permits.of(job, deadline=deadline)
        answer: Done | IndeterminateWrite | AlreadyDoneError
        with measures.call(command):
            try:
                answer = await self._acts.write(
                    command, target, trial.wording.text or "", deadline=deadline, permit=permit
                )
            except Refused as refused:
                return self._kept_back(trial, refused.why)
            except (IndeterminateWrite, AlreadyDoneError) as error:
                answer = error
            except ProviderError as error:
                return self._failed(replace(trial, called_at=permit.called_at), error)
        _log.debug("call.ended", activity_id=command.activity_id, kind=command.kind)
        if permit.called_at is not None:
            trial = replace(trial, called_at=permit.called_at)
            return Called(trial=trial, target=target, called_at=permit.called_at, answer=answer)
        return self._uncalled(trial, answer)

    def _uncalled(self, trial: Trial, answer: Done | ProviderError) -> End:
        """Of an act that ended before it asked for its permit: whatever it says, none was made."""
        match answer:
            case Done():
                raise RuntimeError("an act was done without its permit")
            case IndeterminateWrite():
                kind, code = answer.error_type, answer.code
                answer = TransientProviderError(str(answer), error_type=kind, code=code)
        return self._failed(trial, answer)

    async def _judged(self, job: Job, called: Called) -> End:
        command, trial, answer = called.trial.command, called.trial, called.answer
        if isinstance(answer, Done):
            done = await self._acts.complete(
                command, called.target, trial.wording, answer, called.called_at
            )
            return endings.executed(trial, done.result, self._clock.now()), done.more
        _log.info("call.indeterminate", code=answer.code, error=str(answer), **_names(job))
        quiet = 0.0 if isinstance(answer, IndeterminateWrite) else float("inf")
        traces = job.traces(trial.wording)
        try:
            seen = await self._verifier.verify(command, called.target, traces, quiet=quiet)
        except ProviderError as error:
            return endings.unknown(trial, error, self._clock.now()), ()
        if isinstance(seen, Found):
            return await self._found(trial, called.target, seen)
        if isinstance(answer, AlreadyDoneError):
            return self._failed(trial, answer)
        return endings.not_there(trial, self._clock.now()), ()

    async def _found(self, trial: Trial, target: str, seen: Found) -> End:
        done = await self._acts.describe(trial.command, target, seen)
        return endings.executed(trial, done.result, self._clock.now(), verified=True), done.more

    def _failed(self, trial: Trial, error: ProviderError) -> End:
        command, failure = trial.command, endings.failure_of(error)
        _log.info(
            "execution.failed",
            activity_id=command.activity_id,
            execution=command.execution,
            kind=command.kind,
            error_type=failure.error_type,
            code=failure.code,
            error=failure.message,
        )
        return endings.failed(trial, failure, self._clock.now()), ()

    def _kept_back(self, trial: Trial, refused: Withheld | None) -> End | None:
        if refused is None:
            return None
        return endings.kept_back(trial, refused, self._clock.now()), ()

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
