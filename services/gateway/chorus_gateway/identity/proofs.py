"""What rests on an account: a password that was chosen in a session which a link had opened.

A link proves nobody, the account does (ADR 27). Whose last account is gone has shown nothing any
more, and what was chosen or made on the strength of it ends with it: else a throwaway account made
somebody else this person for good.
"""

from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus_gateway.store import audit, sessions, users


async def account_gone(
    conn: Connection, user_id: UUID, *, client_id: UUID, actor: str, now: datetime
) -> None:
    """In the transaction in which an account stopped being this person's."""
    if await users.lose_password_of_link(conn, user_id):
        await sessions.revoke_user(conn, user_id, now)
        await _note(conn, user_id, client_id=client_id, actor=actor, code="account_gone")


async def connected_elsewhere(
    conn: Connection, user_id: UUID, *, client_id: UUID, session_id: UUID, now: datetime
) -> None:
    """In the transaction in which this person connects a new account in a session of our pages.

    A password that was chosen in another session which a link had opened is of before it. Sessions
    that a password of theirs opened connect further accounts by that password's own strength.
    """
    if await users.lose_password_of_elsewhere(conn, user_id, session_id=session_id):
        await sessions.revoke_user(conn, user_id, now, but=session_id)
        actor = f"user:{user_id}"
        await _note(conn, user_id, client_id=client_id, actor=actor, code="connected_elsewhere")


async def _note(conn: Connection, user_id: UUID, *, client_id: UUID, actor: str, code: str) -> None:
    await audit.add(
        conn,
        client_id=client_id,
        actor=actor,
        action="user.password_ended",
        subject_id=user_id,
        detail={"code": code},
    )
