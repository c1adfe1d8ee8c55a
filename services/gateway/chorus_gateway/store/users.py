"""People, and what is asked about them before their tenant is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.store.database import many, one, run

_SQL = load("chorus_gateway.store", "users.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person of a tenant."""

    id: UUID
    client_id: UUID
    email: str
    name: str
    role: str
    active: bool
    created_at: datetime
    updated_at: datetime
    password_temporary: bool
    """Somebody else chose it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a sign-in is judged by."""

    user_id: UUID
    client_id: UUID
    password_hash: str | None
    outside: bool = False
    """An outside issuer says who they are: there is no password of theirs here."""


async def find_sign_ins(conn: Connection, email: str) -> list[Credentials]:
    """The active people with this e-mail and a password, of whatever teams; 8 at most."""
    return await many(conn, Credentials, _SQL.find_sign_ins, {"email": email})


async def password_of(conn: Connection, user_id: UUID) -> Credentials | None:
    """What a person of the transaction's tenant signs in with."""
    return await one(conn, Credentials, _SQL.password_of, {"id": user_id})


async def add(
    conn: Connection,
    *,
    user_id: UUID,
    client_id: UUID,
    email: str,
    name: str,
    role: str,
    password_hash: str | None,
    external_subject: str | None = None,
    password_temporary: bool = False,
) -> User | None:
    """A new person; None when the e-mail is taken in this team."""
    parameters = {
        "id": user_id,
        "client_id": client_id,
        "email": email.lower(),
        "name": name,
        "role": role,
        "password_hash": password_hash,
        "external_subject": external_subject,
        "password_temporary": password_temporary,
    }
    return await one(conn, User, _SQL.add, parameters)


async def find(conn: Connection, user_id: UUID) -> User | None:
    """A person of the transaction's tenant."""
    return await one(conn, User, _SQL.find, {"id": user_id})


async def find_by_email(conn: Connection, email: str) -> User | None:
    """The person of the transaction's tenant who has this address."""
    return await one(conn, User, _SQL.find_by_email, {"email": email.lower()})


async def emails_among(conn: Connection, emails: Sequence[str]) -> set[str]:
    """Those of these addresses that somebody of the transaction's tenant has."""
    cursor = await conn.execute(_SQL.emails_among, {"emails": list(emails)})
    return {row["email"] for row in await cursor.fetchall()}


async def find_external(conn: Connection, subject: str) -> User | None:
    """The person that an outside issuer calls `subject`."""
    return await one(conn, User, _SQL.find_external, {"subject": subject})


async def say_role(conn: Connection, subject: str, *, role: str, said_at: datetime) -> User | None:
    """What their issuer says they are; None: it has said so, or something later, before."""
    parameters = {"subject": subject, "role": role, "said_at": said_at}
    return await one(conn, User, _SQL.say_role, parameters)


async def lock(conn: Connection, user_id: UUID) -> User | None:
    """The same, locked until the end of the transaction."""
    return await one(conn, User, _SQL.lock, {"id": user_id})


async def listing(conn: Connection) -> list[User]:
    """Everybody of the transaction's tenant, oldest first (at most 1000)."""
    return await many(conn, User, _SQL.listing, {})


async def other_owners(conn: Connection, user_id: UUID) -> int:
    """How many active owners there are besides this one."""
    cursor = await conn.execute(_SQL.other_owners, {"id": user_id})
    row = await cursor.fetchone()
    return int(row["n"]) if row else 0


async def save(conn: Connection, user: User) -> User | None:
    """Store name, role and whether they are active."""
    parameters = {"id": user.id, "name": user.name, "role": user.role, "active": user.active}
    return await one(conn, User, _SQL.save, parameters)


async def renew_digest(conn: Connection, user_id: UUID, digest: str, renewed: str) -> bool:
    """Whether the password is still that of `digest`, and has its new one now."""
    values = {"id": user_id, "digest": digest, "renewed": renewed}
    return await run(conn, _SQL.renew_digest, values) > 0


async def still_signs_in(conn: Connection, user_id: UUID, digest: str) -> bool:
    """Whether this is their password yet: asked in the transaction that opens something by it."""
    cursor = await conn.execute(_SQL.still_signs_in, {"id": user_id, "digest": digest})
    return await cursor.fetchone() is not None


async def hold(conn: Connection, user_id: UUID) -> None:
    """A person's sessions and password, until the end of the transaction: nobody else opens, ends
    or chooses one of them. To be asked for before any other row is locked.
    """
    await run(conn, _SQL.hold, {"id": user_id})


async def keep(conn: Connection, user_id: UUID) -> str | None:
    """The role of somebody who is active, which stays theirs until the end of the transaction, as
    their sessions do; None: nobody.
    """
    row = await (await conn.execute(_SQL.keep, {"id": user_id})).fetchone()
    return str(row["role"]) if row and row["active"] else None


async def choose_password(
    conn: Connection, user_id: UUID, password_hash: str, *, of_link: bool, session_id: UUID
) -> None:
    """The person's own password, which nobody else knows, chosen in this session of our pages.

    of_link: whether a link opened it.
    """
    values = {
        "id": user_id,
        "password_hash": password_hash,
        "of_link": of_link,
        "session_id": session_id,
    }
    await run(conn, _SQL.choose_password, values)


async def change_password(
    conn: Connection, user_id: UUID, *, digest: str, password_hash: str
) -> bool:
    """Whether the password of `digest` was still theirs, and the new one is now."""
    values = {"id": user_id, "digest": digest, "password_hash": password_hash}
    return await run(conn, _SQL.change_password, values) > 0


async def give_password(conn: Connection, email: str, password_hash: str) -> User | None:
    """A temporary one, by which its person chooses their own. None: nobody here has this address,
    or they sign in elsewhere.
    """
    values = {"email": email.lower(), "password_hash": password_hash}
    return await one(conn, User, _SQL.give_password, values)


async def password_is_of_link(conn: Connection, user_id: UUID) -> bool:
    """Whether their password ends with the last of their accounts."""
    cursor = await conn.execute(_SQL.password_is_of_link, {"id": user_id})
    return await cursor.fetchone() is not None


async def end_password_of_link(conn: Connection, user_id: UUID) -> bool:
    """Whether this person had a password that rests on accounts alone."""
    return await run(conn, _SQL.end_password_of_link, {"id": user_id}) > 0


async def end_password_of_another_session(
    conn: Connection, user_id: UUID, *, session_id: UUID
) -> bool:
    """Whether this person had a password that was chosen in another session that a link opened,
    where this one is such a session too.
    """
    values = {"id": user_id, "session_id": session_id}
    return await run(conn, _SQL.end_password_of_another_session, values) > 0


async def end_password_of_session(conn: Connection, user_id: UUID, *, session_id: UUID) -> bool:
    """Whether this person had a password that may have been chosen in this invitation's session."""
    values = {"id": user_id, "session_id": session_id}
    return await run(conn, _SQL.end_password_of_session, values) > 0


async def forget(conn: Connection, user_id: UUID) -> None:
    """Nothing in a person's row names them any more, and nobody signs in by it.

    Nor in how they came: their invitations, and the links by which accounts were connected; nor in
    the audit log, whose rows stay.
    """
    forgetting = (_SQL.forget_in_audit, _SQL.forget, _SQL.forget_invitations, _SQL.forget_links)
    for statement in forgetting:
        await run(conn, statement, {"id": user_id})
