"""Who was let in is asked for again where something is changed.

A request is judged before its body is read, and a body may take its time: meanwhile the session may
have ended, the key been revoked, the person disabled or their role taken away.
"""

from datetime import datetime

from chorus.postgres.pool import Connection
from chorus_gateway.domain.principals import Principal, ProofKind
from chorus_gateway.domain.roles import Role
from chorus_gateway.problems import Problem
from chorus_gateway.store import page_sessions, sessions, users


async def require(
    conn: Connection, principal: Principal, now: datetime, *, alone: bool = False
) -> None:
    """Whoever ends what they are known by waits until the end of the transaction, then ends what
    was made in it too. `alone`: the transaction itself ends sessions of theirs.

    Raises Problem `not_signed_in`, or `not_allowed` where their role is another one by now.
    """
    if alone:
        await users.hold(conn, principal.user_id)
    role = await users.keep(conn, principal.user_id)
    if role is None or not await _goes_on(conn, principal, now):
        raise Problem("not_signed_in", "You were signed out meanwhile. Nothing was changed.")
    if principal.proof.role_of(Role(role)) != principal.role:
        raise Problem("not_allowed", "Your role was changed meanwhile. Nothing was changed.")


async def _goes_on(conn: Connection, principal: Principal, now: datetime) -> bool:
    proof = principal.proof
    match proof.kind:
        case ProofKind.SESSION:
            return await sessions.alive(conn, proof.id, principal.user_id, now)
        case ProofKind.KEY:
            return await sessions.find_key_in_force(conn, proof.id, now) is not None
        case ProofKind.PAGE:
            return await page_sessions.alive(conn, proof.id, now) is not None
        case ProofKind.ISSUER:
            return True
