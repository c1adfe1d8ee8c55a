"""`set-password`: a temporary password for somebody who lost theirs, and whom no admin lets in."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from uuid import UUID

from chorus.clock import Clock
from chorus.errors import ChorusError, ConfigurationError
from chorus.postgres.clock import database_clock
from chorus.postgres.pool import Connection, open_pool
from chorus.settings import PostgresSettings, load
from chorus_gateway.create_tenant import password_from
from chorus_gateway.domain import passwords as rules
from chorus_gateway.identity.passwords import Passwords
from chorus_gateway.store import audit, sessions, users
from chorus_gateway.store.database import Database
from chorus_gateway.store.users import User


async def give(
    database: Database,
    passwords: Passwords,
    clock: Clock,
    *,
    client_id: UUID,
    email: str,
    password: str,
) -> User:
    """They sign in with it and choose their own; sessions, tokens and keys of theirs end.

    ConfigurationError with what is wrong.
    """
    fault = rules.fault(password, email=email)
    if fault:
        raise ConfigurationError(fault)
    digest = await passwords.hash(password)
    async with database.tenant(client_id) as conn:
        return await _give(conn, clock, client_id=client_id, email=email, digest=digest)


async def _give(
    conn: Connection, clock: Clock, *, client_id: UUID, email: str, digest: str
) -> User:
    user = await users.give_password(conn, email, digest)
    if user is None:
        raise ConfigurationError(
            f"Nobody of this team who is active has the address {email!r} and signs in here."
        )
    await sessions.revoke_user(conn, user.id, clock.now())
    await audit.add(
        conn,
        client_id=client_id,
        actor="operator",
        action="user.password_given",
        subject_id=user.id,
    )
    return user


def main(arguments: Sequence[str]) -> int:
    """The command. The password comes from CHORUS_PASSWORD, --password-stdin, or a prompt."""
    parser = argparse.ArgumentParser(prog="chorus_gateway set-password", description=__doc__)
    parser.add_argument("--tenant", required=True, type=UUID, help="the id of their team")
    parser.add_argument("--email", required=True)
    parser.add_argument("--password-stdin", action="store_true")
    chosen = parser.parse_args(arguments)
    password = password_from(from_stdin=chosen.password_stdin, prompt="A temporary password: ")
    try:
        user = asyncio.run(_run(chosen.tenant, chosen.email.lower(), password))
    except ChorusError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f'{{"user_id": "{user.id}"}}\n')
    return 0


async def _run(client_id: UUID, email: str, password: str) -> User:
    pool = await open_pool(load(PostgresSettings), name="set-password")
    try:
        clock = await database_clock(pool)
        database = Database(pool)
        return await give(
            database, Passwords(), clock, client_id=client_id, email=email, password=password
        )
    finally:
        await pool.close()
