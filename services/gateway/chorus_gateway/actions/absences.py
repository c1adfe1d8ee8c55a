"""Absences of an account's owner: said by them or by admins, taken back, and applied.

Saying one is a stop: no role and no session is too small for it. Taking one back lets things be
done again, so that of an owner is theirs alone, in a session that has shown who they are.
"""

from datetime import date
from uuid import UUID

import structlog

from chorus.documents.absences import AbsencesApplied
from chorus.errors import DependencyUnavailable
from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus_gateway.caller import Caller
from chorus_gateway.domain.absences import MOST, Absence, fault, shortened, today_in
from chorus_gateway.domain.roles import Permission
from chorus_gateway.problems import Problem
from chorus_gateway.store import absences, accounts
from chorus_gateway.store.accounts import Account
from chorus_gateway.store.database import NOT_YET

_log = structlog.get_logger(__name__)


async def listing(conn: Connection, caller: Caller, account: Account) -> list[Absence]:
    """Those that are not over, the first ones first."""
    today = today_in(account.timezone, caller.gateway.clock.now())
    return await absences.of_account(conn, account.id, since=today, limit=MOST)


async def add(
    conn: Connection,
    caller: Caller,
    account_id: UUID,
    *,
    first_day: date,
    last_day: date,
    reason: str | None,
) -> Absence:
    """In force when the transaction commits; have it applied then (`apply`)."""
    account = await _lock(conn, caller, account_id)
    today = today_in(account.timezone, caller.gateway.clock.now())
    wrong = fault(first_day, last_day, today)
    if wrong is not None:
        raise Problem(
            "invalid_request", errors=[{"pointer": f"/body/{wrong[0]}", "detail": wrong[1]}]
        )
    if len(await listing(conn, caller, account)) >= MOST:
        raise Problem("too_many_absences")
    absence = await absences.add(
        conn,
        Absence(
            id=new_id(),
            client_id=account.client_id,
            account_id=account_id,
            first_day=first_day,
            last_day=last_day,
            reason=reason,
            by_owner=caller.principal.user_id == account.owner_user_id,
            made_by=caller.principal.actor,
            made_at=NOT_YET,
        ),
    )
    await caller.note(conn, "absence.added", account_id, **_days(absence))
    return absence


async def end(caller: Caller, account_id: UUID, absence_id: UUID) -> AbsencesApplied | None:
    """From today on they are back; what has not begun is taken back whole."""
    async with caller.transaction() as conn:
        account = await _lock(conn, caller, account_id)
        absence = await absences.find(conn, absence_id, account_id=account_id)
        if absence is None:
            raise Problem("absence_not_found")
        _require_may_end(caller, account, absence)
        today = today_in(account.timezone, caller.gateway.clock.now())
        if absence.last_day < today:
            raise Problem("absence_not_found", "This absence is over already.")
        last_day = shortened(absence, today)
        if last_day is None:
            await absences.remove(conn, absence_id)
        else:
            await absences.shorten(conn, absence_id, last_day)
        await caller.note(conn, "absence.ended", account_id, **_days(absence))
    return await apply(caller, account_id)


async def apply(caller: Caller, account_id: UUID) -> AbsencesApplied | None:
    """Have what is planned placed again; None: nobody knows yet what came of it."""
    try:
        return await caller.gateway.scheduler.absences_changed(
            client_id=caller.principal.client_id,
            account_id=account_id,
            actor=caller.principal.actor,
        )
    except DependencyUnavailable as error:
        # The days are in force all the same: what is planned in them is moved when it is due.
        _log.warning("account.absences_put_off", account_id=str(account_id), error=str(error))
        return None


def _require_may_end(caller: Caller, account: Account, absence: Absence) -> None:
    if not caller.principal.may(Permission.OWN_ACCOUNTS):
        raise Problem("not_allowed")
    if caller.principal.temporary:
        raise Problem("password_is_temporary")
    if absence.by_owner and caller.principal.user_id != account.owner_user_id:
        raise Problem("absence_is_personal")


async def _lock(conn: Connection, caller: Caller, account_id: UUID) -> Account:
    account = await accounts.lock(conn, account_id)
    if account is None:
        raise Problem("account_not_found")
    if not caller.principal.may_act_for(account.owner_user_id):
        raise Problem("not_allowed", "This is somebody else's account.")
    return account


def _days(absence: Absence) -> dict[str, str]:
    """Without the reason, which is nobody else's business for as long as the log is kept."""
    return {
        "absence_id": str(absence.id),
        "first_day": absence.first_day.isoformat(),
        "last_day": absence.last_day.isoformat(),
    }
