"""Consents (invariant 4): given, withdrawn, and what follows from the lack of one."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import structlog

from chorus.errors import DependencyUnavailable
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind
from chorus_gateway.caller import Caller
from chorus_gateway.domain.consent import VERSION, current_text, may_answer, not_shown
from chorus_gateway.problems import Problem
from chorus_gateway.store import accounts
from chorus_gateway.store.accounts import Account

_log = structlog.get_logger(__name__)


def require_present_text(version: str | None) -> None:
    """409 where somebody was shown an old text; who names none is judged by the texts' digests."""
    if version not in (None, VERSION):
        raise Problem(
            "conflict", f"The present text is version {VERSION}. Show that one and ask again."
        )


async def answer(
    conn: Connection,
    caller: Caller,
    account_id: UUID,
    *,
    kinds: Sequence[Kind],
    granted: bool,
    shown: Mapping[Kind, str],
) -> list[Kind]:
    """Only the owner grants, the owner and admins withdraw. Answers what is in force then.

    `shown`: by its digest, the text of each kind that the owner read.
    """
    account = await accounts.lock(conn, account_id)
    if account is None:
        raise Problem("account_not_found")
    if not may_answer(caller.principal, owner_user_id=account.owner_user_id, granted=granted):
        raise Problem("consent_is_personal" if granted else "not_allowed")
    unseen = not_shown(kinds, shown) if granted else []
    if unseen:
        raise Problem("text_not_shown", kinds=[str(kind) for kind in unseen])
    await record(conn, caller, account, kinds, granted=granted)
    now = await accounts.find(conn, account_id)
    return [Kind(kind) for kind in now.kinds_in_force] if now else []


async def record(
    conn: Connection, caller: Caller, account: Account, kinds: Iterable[Kind], *, granted: bool
) -> None:
    """Append the answer to the log, kind by kind. The account must be locked."""
    said = list(dict.fromkeys(kinds))
    for kind in said:
        await accounts.record_consent(
            conn,
            account=account,
            text=current_text(kind),
            granted=granted,
            by_user_id=caller.principal.user_id,
            address=caller.address,
        )
    if said:
        action = "consent.granted" if granted else "consent.withdrawn"
        await caller.note(conn, action, account.id, kinds=[str(kind) for kind in said])


async def recheck(caller: Caller, account_id: UUID) -> int | None:
    """Have what may no longer happen called off at once; how many, None where nobody knows yet."""
    try:
        return await caller.gateway.scheduler.recheck(
            client_id=caller.principal.client_id,
            account_id=account_id,
            actor=caller.principal.actor,
        )
    except DependencyUnavailable as error:
        # It sweeps by itself as well, and nothing goes out without a consent in force.
        _log.warning("consent.recheck_postponed", account_id=str(account_id), error=str(error))
        return None
