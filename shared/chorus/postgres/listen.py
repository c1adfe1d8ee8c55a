"""LISTEN on one dedicated connection: a notification sets an event."""

import asyncio
from collections.abc import Sequence

import psycopg
import structlog
from psycopg import sql

from chorus.process.stopping import Stopping
from chorus.retry import Pauses

_log = structlog.get_logger(__name__)


class Listener:
    """Wakes whoever waits for a channel. It is a hint, never a fact: the caller polls as well.

    After a reconnect every event is set, because notifications may have been missed meanwhile.
    """

    def __init__(self, dsn: str, channels: Sequence[str], *, longest_pause: float = 5.0) -> None:
        self._dsn = dsn
        self._events = {channel: asyncio.Event() for channel in channels}
        self._pauses = Pauses(longest=longest_pause)
        self._stopping = Stopping()
        self.connected = asyncio.Event()
        """Set while the connection listens."""

    def event(self, channel: str) -> asyncio.Event:
        """The event of a channel; whoever waited for it clears it before looking at the data."""
        return self._events[channel]

    async def wait(self, channel: str, seconds: float) -> bool:
        """Wait for a notification for at most `seconds`; clear it and tell whether one came."""
        event = self._events[channel]
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return False
        event.clear()
        return True

    async def stop(self) -> None:
        """Return once the connection is closed."""
        await self._stopping.stop()

    async def run(self) -> None:
        """Listen until stopped, reconnecting with growing pauses; `connected` tells when the
        database has answered.
        """
        with self._stopping.running():
            try:
                await self._run()
            finally:
                self.connected.clear()

    async def _run(self) -> None:
        while not self._stopping.told:
            try:
                await self._stopping.unless_told(self._listen())
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                if self.connected.is_set():
                    self._pauses.begin_anew()
                self.connected.clear()
                pause = self._pauses.next()
                _log.warning("postgres.listener_lost", error=str(error), again_in=pause)
                await self._stopping.pause(pause)

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(
            self._dsn,
            autocommit=True,
            connect_timeout=5,
            application_name="chorus-listener",
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
        ) as conn:
            for channel in self._events:
                await conn.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
            self.connected.set()
            for event in self._events.values():
                event.set()
            async for notification in conn.notifies():
                event_of_channel = self._events.get(notification.channel)
                if event_of_channel is not None:
                    event_of_channel.set()
