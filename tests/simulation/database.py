"""The real Postgres under virtual time.

A statement is carried out while the whole loop stands still, so nothing of the machine's own timing
gets into a run; what it costs is drawn from the seed and spent in virtual time before and after it.
A statement that waits for a lock is set aside and looked at again in virtual time, for its holder
must go on. The server's clock is ours as well: functions that come before Postgres' own in the path
read it from a file, which costs no round trip. So the server must run on this machine.
"""

import asyncio
import os
import random
import select
import tempfile
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import AsyncConnection, AsyncCursor, sql
from psycopg.rows import DictRow, dict_row

from chorus.postgres.pool import session_options
from tests.simulation.loop import START, Process, VirtualLoop, process

_CLOCK = """
create schema sim;
grant usage on schema sim to public;
create function sim.clock_timestamp() returns timestamptz
    language sql volatile security definer as
    $$ select pg_read_file('{file}')::timestamptz $$;
create function sim.now() returns timestamptz
    language sql stable security definer as
    $$ select pg_read_file('{file}')::timestamptz $$;
create function sim.statement_timestamp() returns timestamptz
    language sql stable security definer as
    $$ select pg_read_file('{file}')::timestamptz $$;
"""
DUE = "chorus_scheduler_due"
CHANNELS = (DUE, "chorus_outbox_scheduler")
"""Those that statements name in their text; others come as a parameter."""
_LOCK_WAIT = 15.0


def clock_file(dsn: str) -> Path:
    """Where the server reads what time it is."""
    return Path(tempfile.gettempdir()) / f"{dsn.rpartition('/')[2]}.clock"


def prepare(dsn: str) -> None:
    """Give an empty database the simulation's clock; what is migrated after that goes by it."""
    file = clock_file(dsn)
    file.write_text(START.isoformat())
    file.chmod(0o644)
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(_CLOCK.format(file=file))
        name = conn.info.dbname
        change = sql.SQL("alter database {} set search_path = sim, pg_catalog, public")
        conn.execute(change.format(sql.Identifier(name)))
        quick = sql.SQL("alter database {} set deadlock_timeout = '50ms'")
        conn.execute(quick.format(sql.Identifier(name)))


class SimCursor(AsyncCursor[DictRow]):
    """Notes what asks for a notification: it is given when the transaction has committed."""

    async def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        connection = self.connection
        if isinstance(connection, SimConnection) and "notify" in (text := _text(query)):
            connection.notifying |= {name for name in CHANNELS if name in text}
            if isinstance(params, dict) and "channel" in params:
                connection.notifying.add(params["channel"])
        return await super().execute(query, params, **options)


_TEXTS: dict[int, str] = {}


def _text(query: Any) -> str:
    if isinstance(query, str):
        return query
    known = _TEXTS.get(id(query))
    if known is None:
        known = _TEXTS[id(query)] = repr(query)
    return known


class SimConnection(AsyncConnection[DictRow]):
    """A connection of one process."""

    database: "Database"
    owner: Process
    notifying: set[str]
    slow = True
    touched = 0.0

    async def wait(self, gen: Any, interval: float = 0.0, timeout: float | None = None) -> Any:  # noqa: ASYNC109
        database = self.database
        if self.slow:
            await asyncio.sleep(database.cost())
        if self.owner.dead or self.closed:
            gen.close()
            raise psycopg.OperationalError("the connection is closed")
        self.touched = database.loop.time()
        database.tick()
        found = await self._drive(gen)
        status = self.pgconn.transaction_status
        if self.notifying and status == psycopg.pq.TransactionStatus.IDLE:
            database.woken(self.notifying)
            self.notifying = set()
        if self.slow:
            await asyncio.sleep(database.cost())
        return found

    async def _drive(self, gen: Any) -> Any:
        blocked_since: float | None = None
        try:
            wanted = next(gen)
            poll, fileno = select.poll(), self.pgconn.socket
            while True:
                poll.register(fileno, _MASKS[int(wanted)])
                ready = poll.poll(0 if blocked_since is not None else 8)
                if ready:
                    wanted = gen.send(_ready(ready[0][1]))
                elif self.database.is_blocked(self.info.backend_pid):
                    blocked_since = blocked_since or self.database.loop.time()
                    if self.database.loop.time() - blocked_since > _LOCK_WAIT:
                        self.database.cancel(self.info.backend_pid)
                        blocked_since = None
                        continue
                    await asyncio.sleep(0.003)
                    if self.owner.dead or self.closed:
                        raise psycopg.OperationalError("the connection is closed")
                else:
                    blocked_since = None
        except StopIteration as end:
            return end.value
        except OSError as error:
            raise psycopg.OperationalError("the connection is lost") from error


_MASKS = {1: select.POLLIN, 2: select.POLLOUT, 3: select.POLLIN | select.POLLOUT}


def _ready(events: int) -> Any:
    found = 0
    if events & ~select.POLLOUT:
        found |= 1
    if events & select.POLLOUT:
        found |= 2
    return psycopg.waiting.Ready(found)


class Database:
    """The server as the processes of one run reach it. `ahead`: by how much its clock is off."""

    def __init__(self, dsn: str, loop: VirtualLoop, seed: int) -> None:
        self.dsn = dsn
        self.loop = loop
        self.dice = random.Random(f"database {seed}")
        self.ahead = 0.0
        self.slowness = 1.0
        self.statements = 0
        self.wakers: list[tuple[str, asyncio.Event]] = []
        self._shown = START - timedelta(days=1)
        self._clock = os.open(clock_file(dsn), os.O_WRONLY | os.O_TRUNC)
        self.tick()
        self._admin = psycopg.connect(dsn, autocommit=True)
        self._open: dict[SimConnection, None] = {}

    def cost(self) -> float:
        """Seconds that the way to or from the server takes."""
        dice = self.dice
        base = 0.0002 + dice.random() * 0.002
        if dice.random() < 0.01:
            base += dice.random() * 0.25
        return base * self.slowness

    def tick(self) -> None:
        """Show the server what time it is."""
        self.statements += 1
        now = self.loop.wall() + timedelta(seconds=self.ahead)
        if now != self._shown:
            self._shown = now
            os.pwrite(self._clock, now.isoformat(timespec="microseconds").encode(), 0)

    def woken(self, channels: Collection[str]) -> None:
        for channel, event in self.wakers:
            if channel in channels:
                event.set()

    def waker(self, channel: str) -> asyncio.Event:
        event = asyncio.Event()
        self.wakers.append((channel, event))
        return event

    def is_blocked(self, pid: int) -> bool:
        row = self._admin.execute("select cardinality(pg_blocking_pids(%s))", (pid,)).fetchone()
        return bool(row and row[0])

    def cancel(self, pid: int) -> None:
        self._admin.execute("select pg_cancel_backend(%s)", (pid,))

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """What an onlooker sees, at once and for nothing."""
        self.tick()
        cursor = self._admin.cursor(row_factory=dict_row)
        return cursor.execute(query, parameters).fetchall()

    def change(self, query: str, *parameters: Any) -> int:
        """What an onlooker changes, at once and for nothing. The number of rows."""
        self.tick()
        return self._admin.execute(query, parameters).rowcount

    def connect(self, role: str | None, session: Mapping[str, str] | None = None) -> SimConnection:
        """A connection of the process that asks."""
        values = dict(session or {})
        if role is not None:
            values["role"] = role
        pgconn = psycopg.pq.PGconn.connect(
            psycopg.conninfo.make_conninfo(self.dsn, options=session_options(values)).encode()
        )
        if pgconn.status != psycopg.pq.ConnStatus.OK:
            raise psycopg.OperationalError(pgconn.get_error_message())
        pgconn.nonblocking = 1
        connection = SimConnection(pgconn, row_factory=dict_row)
        connection.cursor_factory = SimCursor
        connection._autocommit = True
        connection.database, connection.owner = self, process.get()
        connection.notifying = set()
        self._open[connection] = None
        return connection

    def forget(self, connection: SimConnection) -> None:
        self._open.pop(connection, None)

    def cut(self, owner: Process, *, only_idle: bool = False) -> None:
        """The connections of a process end, and the server has noticed when this returns."""
        mine = [each for each in self._open if each.owner is owner]
        if only_idle:
            mine = [c for c in mine if not c.closed and _in_transaction(c)]
        pids = [each.info.backend_pid for each in mine if not each.closed]
        for each in mine:
            each.pgconn.finish()
            self._open.pop(each, None)
        self._gone(pids)

    def _gone(self, pids: list[int]) -> None:
        while pids:
            self._admin.execute("select pg_terminate_backend(p) from unnest(%s::int[]) p", (pids,))
            found = self._admin.execute(
                "select pid from pg_stat_activity where pid = any(%s)", (pids,)
            ).fetchall()
            pids = [row[0] for row in found]

    def close(self) -> None:
        for each in list(self._open):
            each.pgconn.finish()
        self._open.clear()
        self._admin.close()
        os.close(self._clock)


def _in_transaction(connection: SimConnection) -> bool:
    return connection.pgconn.transaction_status != psycopg.pq.TransactionStatus.IDLE


class SimPool:
    """As much of `psycopg_pool.AsyncConnectionPool` as the product uses."""

    close_returns = False

    def __init__(
        self,
        database: Database,
        role: str | None,
        *,
        name: str,
        size: int = 10,
        session: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._database, self._role, self._session = database, role, session
        self._free: list[SimConnection] = []
        self._room = asyncio.Semaphore(size)
        self._closed = False

    @asynccontextmanager
    async def connection(self, timeout: float | None = None) -> AsyncIterator[SimConnection]:  # noqa: ASYNC109
        connection = await self.getconn()
        try:
            async with connection:
                yield connection
        finally:
            await self.putconn(connection)

    async def getconn(self, timeout: float | None = None) -> SimConnection:  # noqa: ASYNC109
        await self._room.acquire()
        while self._free:
            connection = self._free.pop()
            if not connection.closed:
                return connection
        try:
            connection = self._database.connect(self._role, self._session)
        except BaseException:
            self._room.release()
            raise
        connection._pool = self  # type: ignore[assignment]
        return connection

    async def putconn(self, connection: SimConnection) -> None:
        if not connection.closed and _in_transaction(connection):
            connection.pgconn.finish()
        if connection.closed:
            self._database.forget(connection)
        else:
            self._free.append(connection)
        self._room.release()

    async def close(self, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        for connection in self._free:
            connection.pgconn.finish()


class SimListener:
    """See `chorus.postgres.listen.Listener`: one channel, the dispatcher's."""

    def __init__(self, database: Database) -> None:
        self._event = database.waker(DUE)
        self.connected = asyncio.Event()
        self.connected.set()

    def event(self, channel: str) -> asyncio.Event:
        return self._event

    async def wait(self, channel: str, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True

    async def start(self) -> None:
        """Nothing is opened."""

    async def stop(self) -> None:
        """Nothing was opened."""


def tables(dsn: str) -> Iterator[str]:
    """Every table of the product, for emptying."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        rows = conn.execute(
            "select schemaname, tablename from pg_tables"
            " where schemaname in ('gateway', 'scheduler', 'engagement', 'notifier')"
            " order by 1, 2"
        ).fetchall()
    for schema, table in rows:
        if table != "rate_limits":
            yield f"{schema}.{table}"


def empty(dsn: str, names: list[str]) -> None:
    """As migrated: nothing in any table but the default limits."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("set session_replication_role = replica")
        conn.execute(f"truncate {', '.join(names)} restart identity cascade")
        conn.execute("delete from scheduler.rate_limits where client_id is not null")
