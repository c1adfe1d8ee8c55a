"""Accounts as they are shown: with the pause that stops them."""

from collections.abc import Sequence
from typing import cast

from chorus.postgres.pool import Connection
from chorus_gateway.api.schemas.accounts import AccountView
from chorus_gateway.api.schemas.activities import PauseView
from chorus_gateway.domain.account_status import AccountStatus, shown
from chorus_gateway.store import activities
from chorus_gateway.store.accounts import Account
from chorus_gateway.store.activities import Pause


async def account_views(conn: Connection, accounts: Sequence[Account]) -> list[AccountView]:
    """The same accounts, each with the pause of its own that is in force."""
    pauses = await activities.pauses_of_accounts(conn, [account.id for account in accounts])
    return [_view(account, pauses.get(account.id)) for account in accounts]


async def account_view(conn: Connection, account: Account) -> AccountView:
    """One account."""
    (view,) = await account_views(conn, [account])
    return view


def _view(account: Account, pause: Pause | None) -> AccountView:
    stored = cast("AccountStatus", account.status)
    fields = {name: getattr(account, name) for name in Account.__slots__}
    return AccountView.model_validate(
        fields
        | {
            "status": shown(stored, pause.code if pause else None),
            "pause": PauseView.model_validate(pause) if pause else None,
            "consented_kinds": account.kinds_in_force,
            "withheld": None if account.owner_active else "owner_disabled",
        }
    )
