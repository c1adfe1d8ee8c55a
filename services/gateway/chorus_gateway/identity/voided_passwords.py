"""Ends passwords whose ground is gone (ADR 27).

A password that was chosen in the session of an invitation rests on the account that was shown in
it: an invitation proves nobody, the account does. Each function ends the password where its rule
says so, with the person's tokens and keys, writes `user.password_ended` with a code and tells of it
(`password.ended`), once; otherwise it does nothing. All are for the transaction in which the
account changes hands.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from chorus.events import PasswordEnded
from chorus.kafka.envelope import encode
from chorus.outbox.store import append
from chorus.postgres.pool import Connection
from chorus.telemetry import tracing
from chorus_gateway.post_events import SOURCE
from chorus_gateway.store import accounts, audit, page_sessions, sessions, users

_Code = Literal["account_gone", "connected_elsewhere", "taken_back"]


async def end_if_no_account_is_left(
    conn: Connection, user_id: UUID, *, client_id: UUID, actor: str, now: datetime
) -> None:
    """`account_gone`: an account stopped being this person's, and it was their last. Sessions that
    links opened have nothing to show for themselves any more, and end too.
    """
    await users.hold(conn, user_id)
    if await accounts.owned_by(conn, user_id):
        return
    await page_sessions.end_of_links(conn, user_id=user_id, but=None, now=now)
    if await users.end_password_of_link(conn, user_id):
        await sessions.revoke_user(conn, user_id, now)
        await _tell(conn, user_id, client_id=client_id, actor=actor, code="account_gone", now=now)


async def end_if_chosen_in_another_session(
    conn: Connection, user_id: UUID, *, client_id: UUID, session_id: UUID, now: datetime
) -> None:
    """`connected_elsewhere`: a new account is connected in an invitation's session, and it was in
    another one of those that the password was chosen. `session_id` itself goes on.
    """
    await users.hold(conn, user_id)
    if await users.end_password_of_another_session(conn, user_id, session_id=session_id):
        await sessions.revoke_user(conn, user_id, now, but=session_id)
        actor = f"user:{user_id}"
        await _tell(
            conn, user_id, client_id=client_id, actor=actor, code="connected_elsewhere", now=now
        )


async def end_with_session(
    conn: Connection,
    user_id: UUID,
    *,
    client_id: UUID,
    session_id: UUID,
    actor: str,
    now: datetime,
) -> None:
    """`taken_back`: whoever was in this session was taken for somebody else. Sessions, tokens and
    keys end in any case; the password where an invitation opened the session, or it was chosen in
    one of that kind.
    """
    await users.hold(conn, user_id)
    await sessions.revoke_user(conn, user_id, now)
    if await users.end_password_of_session(conn, user_id, session_id=session_id):
        await _tell(conn, user_id, client_id=client_id, actor=actor, code="taken_back", now=now)


async def _tell(
    conn: Connection, user_id: UUID, *, client_id: UUID, actor: str, code: _Code, now: datetime
) -> None:
    await audit.add(
        conn,
        client_id=client_id,
        actor=actor,
        action="user.password_ended",
        subject_id=user_id,
        detail={"code": code},
    )
    event = PasswordEnded(
        client_id=client_id,
        user_id=user_id,
        code=code,
        ended_at=now,
        correlation_id=f"password-{user_id}",
    )
    message = encode(event, source=SOURCE, time=now, traceparent=tracing.current.get())
    await append(conn, "gateway", [message])
