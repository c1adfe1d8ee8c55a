"""What watches found, by their kind."""

from chorus.events import WatchChecked
from chorus.kafka.envelope import Received
from chorus.vocabulary import WatchKind
from chorus_gateway.detection import Detector, asked_for
from chorus_gateway.domain.provider_status import Answer, word_of
from chorus_gateway.provider_status import ProviderStatus
from chorus_gateway.store import watches
from chorus_gateway.store.database import Database
from chorus_gateway.store.provider_status import Named


class WatchAnswers:
    """Any answer may be told again, late, and in another order."""

    def __init__(self, database: Database, detector: Detector, status: ProviderStatus) -> None:
        self._database = database
        self._detector = detector
        self._status = status

    async def on_watch_checked(self, received: Received[WatchChecked]) -> None:
        """Raises NotAskedFor for what the ledger never asked for."""
        event = received.event
        if event.kind is WatchKind.POSTS_OF_ACCOUNT:
            await self._detector.on_watch_checked(received)
        elif event.kind is WatchKind.STATUS_OF_ACCOUNT:
            await self._on_status(event)

    async def _on_status(self, event: WatchChecked) -> None:
        seen = event.account
        if seen is None:
            return
        answer = Answer(
            word=word_of(seen.word), asked_at=seen.asked_at, answered_at=event.checked_at
        )
        account = Named(id=event.account_id, client_id=event.client_id)
        async with self._database.tenant(event.client_id) as conn:
            asked_for(event, await watches.find(conn, event.watch_id))
            await self._status.watched(conn, account, answer, profile_id=seen.profile_id)
