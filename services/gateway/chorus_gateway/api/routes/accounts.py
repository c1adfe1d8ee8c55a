"""Accounts and consent."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind
from chorus_gateway.actions import accounts as actions
from chorus_gateway.actions import approval_modes as modes
from chorus_gateway.actions import consents
from chorus_gateway.api.account_views import account_view, account_views
from chorus_gateway.api.context import AccountHolder, Reader, Stopper
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.operations import STOPS
from chorus_gateway.api.pagination import Cursor, Limit, Page, cursor_after, id_after, number_after
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.accounts import (
    AccountChanges,
    AccountView,
    ConsentEntryView,
    ConsentRequest,
    ConsentResult,
    ConsentTextView,
    ModeChanges,
)
from chorus_gateway.api.schemas.explaining import IdlenessView
from chorus_gateway.caller import Caller
from chorus_gateway.domain.consent import current_text
from chorus_gateway.problems import Problem
from chorus_gateway.store import accounts

router: Final = APIRouter(tags=["accounts"])


@router.get("/accounts", summary="List accounts", responses=documented("bad_cursor"))
async def list_accounts(
    caller: Reader,
    mine: Annotated[bool, Query(description="Only those that I own.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AccountView]:
    """Newest first."""
    owner = caller.principal.user_id if mine else None
    async with caller.reading() as conn:
        found = await accounts.listing(
            conn, before=id_after(cursor), limit=limit + 1, owner_user_id=owner
        )
        views = await account_views(conn, found[:limit])
    return Page(
        items=views,
        next_cursor=cursor_after(found, limit),
    )


@router.get(
    "/accounts/{account_id}", summary="Show an account", responses=documented("account_not_found")
)
async def show_account(account_id: UUID, caller: Reader) -> AccountView:
    """One account."""
    async with caller.reading() as conn:
        account = await accounts.find(conn, account_id)
        if account is None:
            raise Problem("account_not_found")
        return await account_view(conn, account)


@router.get(
    "/accounts/{account_id}/why-idle",
    summary="Why an account does nothing",
    responses=documented("account_not_found"),
)
async def why_idle(account_id: UUID, caller: Reader) -> IdlenessView:
    """All that stands in its way, the weightiest first, until when, and what it does next."""
    return IdlenessView.model_validate(await actions.why_idle(caller, account_id))


@router.patch(
    "/accounts/{account_id}",
    summary="Change an account",
    responses=documented("account_not_found", "not_allowed", "password_is_temporary"),
)
async def change_account(
    account_id: UUID, body: AccountChanges, caller: AccountHolder
) -> AccountView:
    """Name, address, time zone, active hours.

    Admins take it out of use by its status; it is `connected` when its owner signs it in again.
    """
    saved = await actions.change(caller, account_id, body.model_dump(exclude_unset=True))
    async with caller.reading() as conn:
        return await account_view(conn, saved)


@router.patch(
    "/accounts/{account_id}/approval-modes",
    summary="Choose what is left to Chorus",
    responses=documented(
        "account_not_found", "not_allowed", "in_person_only", "password_is_temporary"
    ),
)
async def choose_modes(account_id: UUID, body: ModeChanges, caller: Stopper) -> AccountView:
    """Kind by kind: by itself, after the owner's yes to each, or as suggestions alone.

    Narrower is in force at once, for what is planned too, and the owner or an admin may say it.
    Wider is the owner's alone, signed in, and holds for what is planned from then on.
    """
    wanted = {Kind(kind): mode for kind, mode in body.model_dump(exclude_unset=True).items()}
    saved = await modes.choose(caller, account_id, wanted)
    async with caller.reading() as conn:
        return await account_view(conn, saved)


@router.delete(
    "/accounts/{account_id}",
    summary="Remove an account",
    openapi_extra=STOPS,
    responses=documented("account_not_found", "not_allowed"),
)
async def remove_account(account_id: UUID, caller: Stopper) -> ConsentResult:
    """Withdraws every consent and calls off what is planned. What was done stays in the record."""
    cancelled = await actions.remove(caller, account_id)
    return ConsentResult(account_id=account_id, consented_kinds=[], cancelled_activities=cancelled)


@router.get("/consent-texts", summary="What is agreed to, word for word")
async def consent_texts(caller: Reader) -> list[ConsentTextView]:
    """The present wording for every kind."""
    del caller
    texts = [current_text(kind) for kind in Kind]
    return [
        ConsentTextView(
            kind=text.kind, version=text.version, text=text.text, sha256=text.sha256.hex()
        )
        for text in texts
    ]


@router.get(
    "/accounts/{account_id}/consents",
    summary="The consent log of an account",
    responses=documented("account_not_found", "bad_cursor"),
)
async def list_consents(
    account_id: UUID, caller: Reader, limit: Limit = 50, cursor: Cursor = None
) -> Page[ConsentEntryView]:
    """Every answer that was ever given, newest first. The log is append-only."""
    async with caller.reading() as conn:
        if await accounts.find(conn, account_id) is None:
            raise Problem("account_not_found")
        found = await accounts.consents(
            conn, account_id, before=number_after(cursor), limit=limit + 1
        )
    return Page(
        items=[ConsentEntryView.model_validate(entry) for entry in found[:limit]],
        next_cursor=cursor_after(found, limit),
    )


@router.post(
    "/accounts/{account_id}/consents",
    summary="Grant or withdraw consent",
    status_code=201,
    response_model=ConsentResult,
    openapi_extra=STOPS,
    responses={
        **IDEMPOTENT,
        **documented("account_not_found", "consent_is_personal", "conflict", "text_not_shown"),
    },
)
async def answer_consent(
    account_id: UUID, body: ConsentRequest, caller: Stopper, once: Idempotent
) -> Response:
    """Only the owner grants. The owner and admins withdraw, and what is planned is called off."""
    consents.require_present_text(body.text_version)

    async def effect(conn: Connection) -> ConsentResult:
        in_force = await consents.answer(
            conn,
            caller,
            account_id,
            kinds=body.kinds,
            granted=body.granted,
            shown=body.text_sha256,
        )
        return ConsentResult(
            account_id=account_id, consented_kinds=in_force, cancelled_activities=None
        )

    first = await once.local(caller, effect)
    if body.granted:
        return first
    return await once.then(caller, first, lambda: _called_off(caller, first))


async def _called_off(caller: Caller, first: Response) -> tuple[int, ConsentResult]:
    """The answer to a withdrawal, with what it called off."""
    result = ConsentResult.model_validate_json(bytes(first.body))
    cancelled = await consents.recheck(caller, result.account_id)
    return 201, result.model_copy(update={"cancelled_activities": cancelled})
