"""Connecting one's own account: a link, the provider's page, and what came of it."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter

from chorus_gateway.account_links import Wanted
from chorus_gateway.actions import account_links as actions
from chorus_gateway.api.context import AccountHolder
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.account_links import LinkView, NewLink, StartedLinkView
from chorus_gateway.domain.account_links import SENTENCES
from chorus_gateway.hosted.port import USUAL

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
    who = caller.principal
    wanted = Wanted(
        client_id=who.client_id,
        user_id=who.user_id,
        platform=body.platform or USUAL,
        account_id=body.account_id,
        display_name=body.display_name,
        timezone=body.timezone,
        active_hours=body.model_dump(include={"active_hours"})["active_hours"],
    )
    return StartedLinkView.model_validate(await actions.start(caller, wanted))


@router.get("/{link_id}", summary="What came of a link", responses=documented("link_not_found"))
async def show_link(link_id: UUID, caller: AccountHolder) -> LinkView:
    """For whoever started it."""
    link = await actions.find(caller, link_id)
    return LinkView(
        id=link.id,
        state=link.state,
        code=link.code,
        reason=SENTENCES.get(link.code or ""),
        account_id=link.connected_account_id,
        expires_at=link.expires_at,
    )
