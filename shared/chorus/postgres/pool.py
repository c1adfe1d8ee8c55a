"""The connection pool of a service."""

import select
import time
from collections.abc import Mapping

from psycopg import AsyncConnection, OperationalError
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from chorus.errors import DependencyUnavailable
from chorus.postgres.sign_in_check import require_answer
from chorus.settings import PostgresSettings
from chorus.telemetry import metrics

Connection = AsyncConnection[DictRow]
Pool = AsyncConnectionPool[Connection]


_MISS_LOST_CLIENTS = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}


class _MeasuredPool(AsyncConnectionPool[Connection]):
    """A pool that tells how long its callers waited."""

    async def getconn(self, timeout: float | None = None) -> Connection:  # noqa: ASYNC109
        started = time.perf_counter()
        try:
            return await super().getconn(timeout)
        finally:
            metrics.postgres.pool_wait.labels(self.name).observe(time.perf_counter() - started)


def connection_options(settings: PostgresSettings, session: Mapping[str, str] | None = None) -> str:
    """The `options` of libpq that set `session` and the time-outs on every connection.

    A transaction that stands idle is broken off: a process that is frozen in the middle of one must
    not keep its locks from the others.
    """
    timeout = str(settings.statement_timeout_ms)
    return session_options(
        {
            "statement_timeout": timeout,
            "idle_in_transaction_session_timeout": timeout,
            **(session or {}),
        }
    )


def session_options(values: Mapping[str, str]) -> str:
    """Session settings as libpq's `options`, with those by which the server misses a lost client.

    Without them a machine that went away keeps its locks for the two hours of TCP's own default.
    """
    both = {**_MISS_LOST_CLIENTS, **values}
    return " ".join(f"-c {name}={_escaped(value)}" for name, value in both.items())


async def open_pool(
    settings: PostgresSettings, *, name: str, session: Mapping[str, str] | None = None
) -> Pool:
    """Open a pool of autocommit connections whose rows are dictionaries.

    A transaction is explicit: `async with conn.transaction()`. A connection that died with the
    server is noticed when it is taken, and replaced. Raises DependencyUnavailable when the
    server does not answer, ConfigurationError when it refuses us (`require_answer`).
    """
    await require_answer(settings, name=name)
    pool = _MeasuredPool(
        settings.dsn.get_secret_value(),
        connection_class=AsyncConnection[DictRow],
        kwargs={
            "autocommit": True,
            "row_factory": dict_row,
            "application_name": name,
            "connect_timeout": settings.connect_timeout,
            "options": connection_options(settings, session),
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": settings.statement_timeout_ms + 5_000,
        },
        min_size=settings.pool_min,
        max_size=max(settings.pool_max, settings.pool_min),
        timeout=settings.pool_timeout,
        check=_check,
        reconnect_timeout=30,
        name=name,
        open=False,
    )
    try:
        await pool.open(wait=True, timeout=settings.pool_timeout)
    except (PoolTimeout, OperationalError) as error:
        await pool.close(timeout=1)
        raise DependencyUnavailable(f"Postgres did not answer pool {name!r}: {error}") from error
    return pool


async def _check(connection: Connection) -> None:
    """Ask the server only where its end has said something unasked, as it does when it goes away.

    Asking each time would be one more statement for each that a busy service sends.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        await AsyncConnectionPool.check_connection(connection)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(" ", "\\ ")
