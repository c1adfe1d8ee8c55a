"""Accounts as they are shown: with the pause that stops them, and what hides their new posts."""

from collections.abc import Sequence
from typing import Final, cast
from uuid import UUID

from chorus.documents import CONSIDERATE
from chorus.postgres.pool import Connection
from chorus_gateway.api.schemas.accounts import AccountView, ModesView, ProviderStatusView
from chorus_gateway.api.schemas.activities import PauseView, UnsettledView
from chorus_gateway.domain.account_status import AccountStatus, shown
from chorus_gateway.domain.approval_modes import modes_of
from chorus_gateway.domain.detection import Unsettled
from chorus_gateway.domain.provider_status import Against, sentence
from chorus_gateway.store import activities, detections
from chorus_gateway.store.accounts import Account
from chorus_gateway.store.activities import Pause

_CONSIDERATE: Final = {
    "opens": f"{CONSIDERATE.opens:%H:%M}",
    "closes": f"{CONSIDERATE.closes:%H:%M}",
}


async def account_views(conn: Connection, accounts: Sequence[Account]) -> list[AccountView]:
    """The same accounts, each with the pause of its own that is in force, and the publication that
    hides its new posts.
    """
    ids = [account.id for account in accounts]
    pauses = await activities.pauses_of_accounts(conn, ids)
    unsettled: dict[UUID, Unsettled] = {}
    for each in await detections.unsettled(conn, accounts=ids):
        unsettled.setdefault(each.account_id, each)
    return [_view(each, pauses.get(each.id), unsettled.get(each.id)) for each in accounts]


async def account_view(conn: Connection, account: Account) -> AccountView:
    """One account."""
    (view,) = await account_views(conn, [account])
    return view


def _view(account: Account, pause: Pause | None, unsettled: Unsettled | None) -> AccountView:
    standing = cast("AccountStatus", account.standing)
    fields = {name: getattr(account, name) for name in Account.__slots__}
    return AccountView.model_validate(
        fields
        | {
            "hours_in_force": account.active_hours or _CONSIDERATE,
            "status": shown(standing, pause.code if pause else None),
            "provider_status": _provider_status(account),
            "pause": PauseView.model_validate(pause) if pause else None,
            "unsettled": UnsettledView.model_validate(unsettled) if unsettled else None,
            "consented_kinds": account.kinds_in_force,
            "approval_modes": ModesView.model_validate(modes_of(account.approval_modes)),
            "withheld": None if account.owner_active else "owner_disabled",
        }
    )


def _provider_status(account: Account) -> ProviderStatusView | None:
    """What the provider says against it, where its owner and people would let it act."""
    word, since = account.provider_word, account.provider_status_at
    if word is None or since is None or account.status != "connected":
        return None
    said = sentence(cast("Against", account.standing), word, confirmed=account.provider_confirmed)
    return ProviderStatusView(
        word=word, sentence=said, since=since, confirmed=account.provider_confirmed
    )
