"""How much of an account's acts is left to Chorus: chosen kind by kind, narrower at once."""

from collections.abc import Mapping
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.vocabulary import ApprovalMode, Kind
from chorus_gateway.actions.consents import recheck
from chorus_gateway.caller import Caller
from chorus_gateway.domain.approval_modes import STRANGER, is_wider, may_choose, modes_of
from chorus_gateway.problems import Problem
from chorus_gateway.store import accounts
from chorus_gateway.store.accounts import Account

Chosen = Mapping[Kind, ApprovalMode]


async def choose(
    caller: Caller, account_id: UUID, wanted: Chosen, *, seen: Chosen | None = None
) -> Account:
    """Of each kind that is named: all of them, or none where one is refused.

    What is planned follows at once where it is narrower, and asks before its call in any case;
    what waits for its person goes on waiting where it is wider. Problem `conflict` where it would
    be wider than what holds now, and something else holds than was `seen`.
    """
    async with caller.transaction() as conn:
        account = await accounts.lock(conn, account_id)
        if account is None:
            raise Problem("account_not_found")
        present = modes_of(account.approval_modes)
        for kind, mode in wanted.items():
            if seen is not None and is_wider(mode, present[kind]) and seen[kind] != present[kind]:
                raise Problem("conflict", f"Something else was chosen for a {kind} meanwhile.")
        saved = await _choose(conn, caller, account, wanted)
    await recheck(caller, account_id)
    return saved


async def _choose(conn: Connection, caller: Caller, account: Account, wanted: Chosen) -> Account:
    if not caller.principal.may_act_for(account.owner_user_id):
        raise Problem("not_allowed", STRANGER)
    present = modes_of(account.approval_modes)
    for kind, mode in wanted.items():
        refused = may_choose(
            caller.principal, account.owner_user_id, wanted=mode, present=present[kind]
        )
        if refused is not None:
            raise Problem(refused.code, refused.sentence)
    said = {str(kind): str(mode) for kind, mode in wanted.items()}
    before = {str(kind): str(present[kind]) for kind in wanted}
    saved = await accounts.choose_modes(conn, account.id, account.approval_modes | said)
    if saved is None:
        raise Problem("account_not_found")
    await caller.note(conn, "account.approval_modes_chosen", account.id, modes=said, before=before)
    return saved
