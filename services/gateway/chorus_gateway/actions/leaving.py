"""A person has themselves deleted: nothing more is done, and what names them is gone."""

from dataclasses import replace

from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind
from chorus_gateway.actions.consents import recheck, record
from chorus_gateway.actions.people import keep_an_owner
from chorus_gateway.caller import Caller
from chorus_gateway.domain.members import Departure
from chorus_gateway.problems import Problem
from chorus_gateway.store import accounts, members, sessions, users
from chorus_gateway.store.accounts import Account


async def may_leave(caller: Caller) -> bool:
    """Whether they have shown who they are, or have nothing by which they could show it."""
    if not caller.principal.temporary:
        return True
    async with caller.reading() as conn:
        owned = await accounts.owned_by(conn, caller.principal.user_id)
        known = await users.password_of(conn, caller.principal.user_id)
    return not owned and (known is None or not (known.password_hash or known.outside))


async def leave(caller: Caller) -> int | None:
    """In one transaction: consents withdrawn, accounts removed and marked to be forgotten by the
    provider, pods left, phrases gone, name and address gone, sessions and keys ended.

    It cannot be undone, so it is no stop: see `may_leave`. What was done stays in
    the record, without their name. Answers how many activities were called off; None: that is not
    known yet.
    """
    user_id = caller.principal.user_id
    if not await may_leave(caller):
        raise Problem("sign_in_again_first")
    async with caller.transaction(alone=True) as conn:
        user = await users.lock(conn, user_id)
        if user is None:
            raise Problem("user_not_found")
        await keep_an_owner(conn, user, replace(user, active=False))
        owned = [await accounts.lock(conn, one) for one in await accounts.owned_by(conn, user_id)]
        for account in owned:
            if account is not None:
                await _give_up(conn, caller, account)
        await caller.note(conn, "user.left", user_id)
        await sessions.revoke_user(conn, user_id, caller.gateway.clock.now())
        await users.forget(conn, user_id)
    counts = [await recheck(caller, account.id) for account in owned if account is not None]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


async def _give_up(conn: Connection, caller: Caller, account: Account) -> None:
    kinds = [Kind(kind) for kind in account.consented_kinds]
    await record(conn, caller, account, kinds, granted=False)
    for member in await members.of_owner(conn, caller.principal.user_id):
        if member.account_id == account.id:
            await members.depart(conn, member, Departure(whole=True))
            await members.remove(conn, member.id)
    await accounts.remove(conn, account.id)
    await accounts.forget(conn, account.id, caller.gateway.clock.now())
    await caller.note(conn, "account.removed", account.id)
