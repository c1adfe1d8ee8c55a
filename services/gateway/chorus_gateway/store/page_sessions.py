"""Sessions of our pages, each known by a cookie: digests only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.store.database import one, run
from chorus_gateway.store.sessions import Found

_SQL = load("chorus_gateway.store", "page_sessions.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSession:
    """A person in a browser. `proven_at`: when they showed in it who they are."""

    id: UUID
    client_id: UUID
    user_id: UUID
    invitation_id: UUID | None
    created_at: datetime
    expires_at: datetime
    proven_at: datetime | None

    @property
    def by_link(self) -> bool:
        """Whether the link of an invitation opened it, and no password."""
        return self.invitation_id is not None

    def chooses_password(self, *, present: bool) -> bool:
        """Whether it is here that its person chooses one: a first one, or, where they came back by
        a link, one in the place of what they have forgotten.
        """
        return self.by_link or not present


async def add(conn: Connection, session: PageSession, digest: bytes) -> None:
    """Store a new one."""
    parameters = {
        "id": session.id,
        "client_id": session.client_id,
        "user_id": session.user_id,
        "invitation_id": session.invitation_id,
        "created_at": session.created_at,
        "expires_at": session.expires_at,
        "proven_at": session.proven_at,
        "digest": digest,
    }
    await run(conn, _SQL.add, parameters)


async def find_by_secret(conn: Connection, digest: bytes) -> Found | None:
    """The tenant of a session."""
    return await one(conn, Found, _SQL.find_by_secret, {"digest": digest})


async def alive(conn: Connection, session_id: UUID, now: datetime) -> PageSession | None:
    """The session, if it goes on."""
    return await one(conn, PageSession, _SQL.alive, {"id": session_id, "now": now})


async def prove(conn: Connection, session_id: UUID, now: datetime) -> None:
    """Its person has shown in it who they are."""
    await run(conn, _SQL.prove, {"id": session_id, "now": now})


async def end(conn: Connection, session_id: UUID, now: datetime) -> None:
    """It is over at once."""
    await run(conn, _SQL.end, {"id": session_id, "now": now})


async def end_of_links(conn: Connection, *, user_id: UUID, but: UUID | None, now: datetime) -> None:
    """All other sessions of a person are over that a password of their own did not open."""
    await run(conn, _SQL.end_of_links, {"user_id": user_id, "but": but, "now": now})
