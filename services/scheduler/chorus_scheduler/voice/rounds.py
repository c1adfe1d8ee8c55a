"""Texts that wait for the model get their voice: by it, by the rules, or none."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from chorus.clock import Clock
from chorus.documents import VoiceCartridge
from chorus.outbox.store import append
from chorus.postgres.pool import Pool
from chorus.process.rounds import Every, Rounds
from chorus.voice.voicing import Voiced, by_rules, of_model
from chorus_scheduler.messages import activity_scheduled
from chorus_scheduler.store import voices
from chorus_scheduler.store.plan_inputs import lock_tenant
from chorus_scheduler.store.voices import Pending
from chorus_scheduler.voice.port import VoiceFailedError, VoiceRenderer

_log = structlog.get_logger(__name__)
_AT_ONCE: Final = 20
_LEASE: Final = timedelta(seconds=120)


class VoiceRounds:
    """Whatever the model does, every text ends with a voice: nothing waits for it for ever."""

    def __init__(
        self, *, pool: Pool, clock: Clock, model: VoiceRenderer | None, every: float
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._model = model
        rounds = Rounds(Every(every, self.round))
        self.run, self.stop = rounds.run, rounds.stop

    async def round(self) -> int:
        """Every text that waits now; several are asked for at once. How many got a voice."""
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            waiting = await voices.claim(conn, now=now, until=now + _LEASE, limit=_AT_ONCE)
        return sum(await asyncio.gather(*(self._voice(each) for each in waiting)))

    async def _voice(self, pending: Pending) -> bool:
        async with self._pool.connection() as conn:
            found = await voices.cartridges(conn, pending.client_id, [pending.cartridge_id])
        voiced = await self._said(pending, found.get(pending.cartridge_id))
        if await self._save(pending, voiced):
            return True
        # Somebody else says just that on this post: the member's own words are nobody else's.
        return await self._save(pending, Voiced(text=pending.source_text, voice="fallback"))

    async def _said(self, pending: Pending, cartridge: VoiceCartridge | None) -> Voiced:
        draft = pending.source_text
        if cartridge is None or self._model is None:
            return by_rules(draft, cartridge, pending.id)
        try:
            said = await self._model.render(draft, cartridge)
        except VoiceFailedError as error:
            _log.warning("voice.failed", activity_id=str(pending.id), error=str(error))
            said = None
        return of_model(said, draft, cartridge, pending.id)

    async def _save(self, pending: Pending, voiced: Voiced) -> bool:
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            # Two that say the same see each other, as plans do.
            await lock_tenant(conn, pending.client_id)
            said = await voices.save(conn, pending, voiced, now)
            if said is not None:
                await append(conn, "scheduler", [activity_scheduled(said, now)])
        return said is not None
