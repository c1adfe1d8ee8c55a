"""The relay: publishes the rows of one schema's outbox in order, and deletes what the broker has.

Any number of processes may run one; the holder of a session advisory lock works, the others wait.
It keeps no cursor, so a row that becomes visible late is sent late and never skipped. A crash
between the broker's answer and the delete repeats a batch; consumers know it by (ce_source, ce_id).
"""

import asyncio

import orjson
import psycopg
import structlog
from psycopg import AsyncConnection, sql
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import set_json_loads

from chorus.errors import DependencyUnavailable
from chorus.kafka.envelope import Outgoing
from chorus.kafka.producer import Publisher
from chorus.outbox.store import Statements, channel, statement, statements
from chorus.postgres.pool import Connection, Pool, session_options
from chorus.postgres.transient import is_transient
from chorus.process.stopping import Stopping
from chorus.retry import Pauses
from chorus.telemetry import metrics as declared
from chorus.telemetry.logs import describe
from chorus.telemetry.metrics import OutboxMetrics

_log = structlog.get_logger(__name__)

_MEASURE_EVERY = 5.0
_GATHER = 0.01
"""Seconds between two batches that were not full: many small ones cost as much as many large."""
_LAST_BATCH = 5.0
"""Seconds that the batch under way may take when the relay is to stop."""


class Relay:
    """Publishes `<schema>.outbox` until it is asked to stop.

    The lock and all its work share one dedicated connection, so a lost session ends its work too.
    The pool serves the measuring alone.
    """

    def __init__(
        self,
        pool: Pool,
        dsn: str,
        schema: str,
        producer: Publisher,
        *,
        batch: int = 500,
        poll_seconds: float = 0.5,
        metrics: OutboxMetrics = declared.outbox,
        reading: Statements | None = None,
    ) -> None:
        self._pool = pool
        self._dsn = dsn
        self._schema = schema
        self._producer = producer
        self._batch = batch
        self._poll_seconds = poll_seconds
        self._metrics = metrics
        self._reading = reading or statements(schema)
        self._stopping = Stopping()
        self._publishing = False
        self.leading = asyncio.Event()
        """Set while this process is the relay of its schema."""

    def request_stop(self) -> None:
        """Make `run` end after the batch under way."""
        self._stopping.tell()

    async def stop(self) -> None:
        """Return once the batch under way is sent, or its time is over."""
        await self._stopping.stop()

    async def run(self) -> None:
        """Publish until stopped. A lost broker or database is waited for."""
        with self._stopping.running():
            await self._run()

    async def _run(self) -> None:
        stop = asyncio.create_task(self._stopping.until_told(), name="relay-stop")
        work = asyncio.create_task(self._work(), name=f"relay-{self._schema}")
        measure = asyncio.create_task(self._measure(), name=f"relay-{self._schema}-measure")
        tasks = [stop, work, measure]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
            measure.cancel()
            if self._publishing:
                await asyncio.wait([work], timeout=_LAST_BATCH)
            work.cancel()
            await asyncio.wait(tasks)
        for task in (work, measure):
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

    async def _work(self) -> None:
        pauses = Pauses()
        while not self._stopping.told:
            try:
                await self._lead()
                pauses.begin_anew()
            except psycopg.Error as error:
                if not is_transient(error):
                    raise
                self._metrics.failures.labels(self._schema, "postgres").inc()
                await self._pause(pauses.next(), error)
            finally:
                self.leading.clear()
                self._metrics.leader.labels(self._schema).set(0)

    async def _lead(self) -> None:
        """Connect, wait to be the leader, and publish until stopped or the session is lost."""
        async with await self._connect() as conn:
            set_json_loads(orjson.loads, conn)
            name = channel(self._schema)
            await conn.execute(sql.SQL("listen {}").format(sql.Identifier(name)))
            while not await self._elected(conn):
                await self._stopping.pause(2 * self._poll_seconds)
                if self._stopping.told:
                    return
            self.leading.set()
            self._metrics.leader.labels(self._schema).set(1)
            _log.info("outbox.lead_taken", schema=self._schema)
            await self._publish_steadily(conn)

    async def _publish_steadily(self, conn: Connection) -> None:
        pauses = Pauses()
        while not self._stopping.told:
            self._publishing = True
            try:
                sent = await self._publish(conn)
            except DependencyUnavailable as error:
                self._metrics.failures.labels(self._schema, "kafka").inc()
                await self._pause(pauses.next(), error)
                continue
            finally:
                self._publishing = False
            pauses.begin_anew()
            if 0 < sent < self._batch:
                await self._stopping.pause(_GATHER)
            # Also after a full batch, or the notifications would pile up in the connection.
            await self._sleep(conn, self._poll_seconds if sent < self._batch else 0)

    async def _connect(self) -> Connection:
        return await AsyncConnection[DictRow].connect(
            self._dsn,
            autocommit=True,
            row_factory=dict_row,
            connect_timeout=5,
            application_name=f"chorus-relay-{self._schema}",
            options=session_options({"statement_timeout": "15000"}),
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=20_000,
        )

    async def _elected(self, conn: Connection) -> bool:
        found = await conn.execute(
            statement("lead", self._schema), {"channel": channel(self._schema)}
        )
        row = await found.fetchone()
        return row is not None and bool(row["leads"])

    async def _publish(self, conn: Connection) -> int:
        found = await conn.execute(self._reading.oldest, {"batch": self._batch}, binary=True)
        rows = await found.fetchall()
        if rows:
            await self._producer.send([_outgoing(row) for row in rows])
            await conn.execute(self._reading.remove, {"ids": [row["id"] for row in rows]})
            self._metrics.published.labels(self._schema).inc(len(rows))
        return len(rows)

    async def _sleep(self, conn: Connection, seconds: float) -> None:
        """Until something was appended, or the time has passed."""
        async for _ in conn.notifies(timeout=seconds, stop_after=1):
            pass

    async def _pause(self, pause: float, error: Exception) -> None:
        _log.warning(
            "outbox.interrupted", schema=self._schema, error=describe(error), again_in=pause
        )
        await self._stopping.pause(pause)

    async def _measure(self) -> None:
        while True:
            try:
                async with self._pool.connection() as conn:
                    row = await (await conn.execute(self._reading.depth)).fetchone()
            except psycopg.Error as error:
                if not is_transient(error):
                    raise
            else:
                if row is not None:
                    self._metrics.unpublished.labels(self._schema).set(row["unpublished"])
                    self._metrics.oldest_age.labels(self._schema).set(row["oldest_age"])
            await asyncio.sleep(_MEASURE_EVERY)


def _outgoing(row: DictRow) -> Outgoing:
    return Outgoing(
        topic=row["topic"],
        key=row["key"],
        value=row["value"],
        headers=[(name, value.encode()) for name, value in row["headers"]],
    )
