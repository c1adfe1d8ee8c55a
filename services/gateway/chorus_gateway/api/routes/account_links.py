"""Connecting one's own account: a link, the provider's page, and what came of it."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter

from chorus.postgres.pool import Connection
from chorus_gateway.account_links import Wanted
from chorus_gateway.api.context import AccountHolder
from chorus_gateway.api.problems import documented
from chorus_gateway.api.routes.accounts import check_room
from chorus_gateway.api.schemas.account_links import LinkView, NewLink, StartedLinkView
from chorus_gateway.caller import Caller, require_in_person
from chorus_gateway.domain.account_links import MAX_OPEN, SENTENCES
from chorus_gateway.problems import Problem
from chorus_gateway.store import accounts, links
from chorus_gateway.store.accounts import Account

router: Final = APIRouter(prefix="/accounts/links", tags=["accounts"])


@router.post(
    "",
    summary="Start connecting my own account",
    status_code=201,
    responses=documented(
        "in_person_only",
        "password_is_temporary",
        "account_not_found",
        "account_limit_reached",
        "too_many_links",
    ),
)
async def start_link(body: NewLink, caller: AccountHolder) -> StartedLinkView:
    """Open `url`: our page says whose team it is for, and leads to the provider's, where you sign
    in; the account is yours when the provider calls back. Our page then says so, and for a week
    whoever signed in can take the account back there.

    With `account_id` an account of yours is signed in again. A link is good once, for 30 minutes.
    """
    require_in_person(caller)
    service, who = caller.gateway.links, caller.principal
    async with caller.transaction() as conn:
        account = await _own(conn, caller, body.account_id) if body.account_id else None
        if account is None:
            await check_room(conn, caller)
        if await links.count_open(conn, who.user_id, caller.gateway.clock.now()) >= MAX_OPEN:
            raise Problem("too_many_links")
        wanted = Wanted(
            client_id=who.client_id,
            user_id=who.user_id,
            platform=account.platform if account else body.platform,
            account_id=body.account_id,
            display_name=body.display_name,
            timezone=body.timezone,
            active_hours=body.active_hours.model_dump() if body.active_hours else None,
        )
        link, name = await service.start(conn, wanted)
        await caller.note(conn, "account.link_started", link.id, kind=link.kind)
    reconnect = account.provider_account_id if account else None
    return StartedLinkView.model_validate(await service.page(link, name, reconnect))


@router.get("/{link_id}", summary="What came of a link", responses=documented("link_not_found"))
async def show_link(link_id: UUID, caller: AccountHolder) -> LinkView:
    """For whoever started it."""
    async with caller.transaction() as conn:
        link = await links.find(conn, link_id)
    if link is None or link.user_id != caller.principal.user_id:
        raise Problem("link_not_found")
    return LinkView(
        id=link.id,
        state=link.state,
        code=link.code,
        reason=SENTENCES.get(link.code or ""),
        account_id=link.connected_account_id,
        expires_at=link.expires_at,
    )


async def _own(conn: Connection, caller: Caller, account_id: UUID) -> Account:
    account = await accounts.find(conn, account_id)
    if account is None:
        raise Problem("account_not_found")
    if account.owner_user_id != caller.principal.user_id:
        raise Problem("not_allowed", "Only its owner signs an account in again.")
    return account
