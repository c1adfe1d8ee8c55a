"""Whether Postgres takes us in, asked once before a pool is opened: a pool keeps the reason."""

import re
from contextlib import suppress

import psycopg

from chorus.errors import ConfigurationError, DependencyUnavailable
from chorus.settings import PostgresSettings
from chorus.telemetry.logs import describe

_REFUSALS = re.compile(
    r"password authentication failed"
    r"|no password supplied"
    r"|no pg_hba\.conf entry"
    r"|is not permitted to log in"
    r"|permission denied for database"
    r"|(?:role|database) \".*\" does not exist"
    r"|no such (?:user|database)"
)
"""SQLSTATE classes 28 and 3D, in the server's words: libpq keeps the state of a refused connection
to itself (`psycopg.Error.sqlstate` is None). A server that speaks another language is waited for.
"""


async def require_answer(settings: PostgresSettings, *, name: str) -> None:
    """Sign in once and leave, within the connect timeout of each host.

    ConfigurationError where waiting will not help: the address cannot be read, or the role, its
    password or the database is wrong. DependencyUnavailable in all other cases.
    """
    try:
        connection = await psycopg.AsyncConnection.connect(
            settings.dsn.get_secret_value(),
            autocommit=True,
            application_name=name,
            connect_timeout=settings.connect_timeout,
        )
    except psycopg.ProgrammingError:
        # Its text may quote the address, and with it a password.
        raise ConfigurationError("Cannot start: DATABASE_URL cannot be read.") from None
    except psycopg.OperationalError as error:
        if _REFUSALS.search(str(error)):
            raise ConfigurationError(f"Cannot start: Postgres refuses us: {error}") from error
        raise DependencyUnavailable(f"Postgres does not answer: {describe(error)}") from error
    with suppress(psycopg.OperationalError):
        await connection.close()
