"""The passwords with which the services' roles sign in. The roles themselves are a migration."""

from collections.abc import Mapping

import psycopg
from psycopg import sql
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from chorus.errors import ConfigurationError
from chorus.postgres.queries import load

_QUERIES = load("chorus.postgres", "migrate.sql")


class RolePasswords(BaseSettings):
    """Of the roles `chorus_<service>`, from CHORUS_<SERVICE>_PASSWORD.

    None: the role keeps what it has, as where an operator of the database sees to it.
    """

    model_config = SettingsConfigDict(env_prefix="CHORUS_", extra="ignore")

    gateway_password: SecretStr | None = Field(default=None, min_length=16)
    scheduler_password: SecretStr | None = Field(default=None, min_length=16)
    executor_password: SecretStr | None = Field(default=None, min_length=16)
    browser_repost_password: SecretStr | None = Field(default=None, min_length=16)
    notifier_password: SecretStr | None = Field(default=None, min_length=16)

    def by_role(self) -> dict[str, str]:
        """Those that were given."""
        return {
            f"chorus_{name.removesuffix('_password')}": password.get_secret_value()
            for name, password in self
            if password is not None
        }


async def let_in(dsn: str, passwords: Mapping[str, str]) -> None:
    """Give each role its password, all or none; connections that are open stay open.

    May be repeated, and by several at once. ConfigurationError where `dsn` may not do it.
    """
    async with await psycopg.AsyncConnection.connect(
        dsn, connect_timeout=10, application_name="chorus-roles"
    ) as conn:
        # Two at once would fail: "tuple concurrently updated". Ends with the transaction.
        await conn.execute(_QUERIES.lock_transaction)
        for role, password in passwords.items():
            try:
                await conn.execute(_statement(conn, role, password))
            except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject) as error:
                raise ConfigurationError(
                    f"The password of {role} cannot be set: {error.diag.message_primary}."
                ) from error


def _statement(
    conn: psycopg.AsyncConnection[tuple[object, ...]], role: str, password: str
) -> sql.Composed:
    # Only what verifies the password is sent: statements end up in the server's logs.
    verifier = conn.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return sql.SQL("alter role {} password {}").format(
        sql.Identifier(role), sql.Literal(verifier.decode())
    )
