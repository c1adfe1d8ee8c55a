"""`create-tenant`: makes a tenant with its owner. There is no open sign-up."""

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chorus.errors import ChorusError, ConfigurationError
from chorus.ids import new_id
from chorus.postgres.pool import open_pool
from chorus.settings import PostgresSettings, load
from chorus_gateway.domain import passwords as rules
from chorus_gateway.domain.roles import Role
from chorus_gateway.domain.tiers import Tier
from chorus_gateway.identity.passwords import Passwords
from chorus_gateway.store import audit, clients, users
from chorus_gateway.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTenant:
    """Who is to be made."""

    name: str
    email: str
    tier: Tier
    password: str


async def create(database: Database, passwords: Passwords, wanted: NewTenant) -> tuple[UUID, UUID]:
    """Make it; answers the tenant's and the owner's ids. ConfigurationError with what is wrong."""
    fault = rules.fault(wanted.password, email=wanted.email)
    if fault or "@" not in wanted.email:
        raise ConfigurationError(fault or f"{wanted.email!r} is no e-mail address.")
    client_id, user_id = new_id(), new_id()
    password_hash = await passwords.hash(wanted.password)
    async with database.nobody() as conn:
        if await users.find_sign_ins(conn, wanted.email):
            raise ConfigurationError(f"Somebody signs in with {wanted.email} already.")
    async with database.tenant(client_id) as conn:
        await clients.add(conn, client_id=client_id, name=wanted.name, tier=wanted.tier)
        owner = await users.add(
            conn,
            user_id=user_id,
            client_id=client_id,
            email=wanted.email,
            name=wanted.email.partition("@")[0],
            role=Role.OWNER,
            password_hash=password_hash,
        )
        if owner is None:
            raise ConfigurationError(f"Somebody signs in with {wanted.email} already.")
        await audit.add(
            conn,
            client_id=client_id,
            actor="operator",
            action="tenant.made",
            subject_id=client_id,
            detail={"tier": wanted.tier},
        )
    return client_id, user_id


def main(arguments: Sequence[str]) -> int:
    """The command. The password comes from CHORUS_PASSWORD, --password-stdin, or a prompt."""
    parser = argparse.ArgumentParser(prog="chorus_gateway create-tenant", description=__doc__)
    parser.add_argument("--name", required=True)
    parser.add_argument("--email", required=True)
    parser.add_argument("--tier", type=Tier, choices=list(Tier), default=Tier.STARTER)
    parser.add_argument("--password-stdin", action="store_true")
    chosen = parser.parse_args(arguments)
    try:
        wanted = NewTenant(
            name=chosen.name,
            email=chosen.email.lower(),
            tier=chosen.tier,
            password=password_from(
                from_stdin=chosen.password_stdin, prompt="Password of the owner: "
            ),
        )
        client_id, user_id = asyncio.run(_create(wanted))
    except ChorusError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f'{{"client_id": "{client_id}", "user_id": "{user_id}"}}\n')
    return 0


async def _create(wanted: NewTenant) -> tuple[UUID, UUID]:
    pool = await open_pool(load(PostgresSettings), name="create-tenant")
    try:
        return await create(Database(pool), Passwords(), wanted)
    finally:
        await pool.close()


def password_from(*, from_stdin: bool, prompt: str) -> str:
    """One line of standard input, else CHORUS_PASSWORD, else what is typed unseen at the prompt."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    return os.environ.get("CHORUS_PASSWORD") or getpass.getpass(prompt)
