"""What was there before a call, kept in its row: what is there later and was not before is ours."""

from collections.abc import Set as AbstractSet

from chorus_execution.job import Job
from chorus_execution.journal import Journal
from chorus_execution.journal.retry import until_available
from chorus_execution.port import NotPermitted


class StoredBaseline:
    """See `chorus_execution.port.Baseline`. Waits for a database that is away."""

    def __init__(self, journal: Journal, job: Job) -> None:
        self._journal = journal
        self._job = job

    @property
    def repeats(self) -> bool:
        """Whether an earlier call for this activity may have acted."""
        return self._job.may_be_ours

    @property
    def stood(self) -> AbstractSet[str] | None:
        """What was noted before a call that may have acted stays: its effect is not in it."""
        return self._job.earlier.stood if self._job.may_be_ours else None

    async def claimed(self) -> AbstractSet[str]:
        command = self._job.command
        known = await until_available(
            lambda: self._journal.known(command.activity_id, account_id=command.account_id)
        )
        return known.claimed

    async def note(self, names: AbstractSet[str] | None) -> None:
        """Committed when it returns. Raises NotPermitted: the row is another worker's by now."""
        if not await until_available(lambda: self._journal.note_stood(self._job.key, names)):
            raise NotPermitted(None)
        self._job.stood, self._job.noted = names, True
