"""Accounts and consent."""

from dataclasses import replace
from typing import Annotated, Final
from uuid import UUID

import structlog
from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind
from chorus_gateway.actions.consents import recheck
from chorus_gateway.api.account_views import account_view, account_views
from chorus_gateway.api.context import AccountHolder, Reader, Stopper
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.pagination import Cursor, Limit, Page, cursor_after, id_after, number_after
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.accounts import (
    AccountChanges,
    AccountView,
    ConsentEntryView,
    ConsentRequest,
    ConsentResult,
    ConsentTextView,
)
from chorus_gateway.caller import Caller
from chorus_gateway.domain.consent import VERSION, current_text, may_answer, not_shown
from chorus_gateway.domain.roles import Permission
from chorus_gateway.domain.tiers import MAX_ACCOUNTS, Tier, may_connect
from chorus_gateway.problems import Problem
from chorus_gateway.store import accounts, clients
from chorus_gateway.store.accounts import Account

_log = structlog.get_logger(__name__)

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
    async with caller.transaction() as conn:
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
    async with caller.transaction() as conn:
        account = await accounts.find(conn, account_id)
        if account is None:
            raise Problem("account_not_found")
        return await account_view(conn, account)


@router.patch(
    "/accounts/{account_id}",
    summary="Change an account",
    responses=documented("account_not_found", "not_allowed"),
)
async def change_account(
    account_id: UUID, body: AccountChanges, caller: AccountHolder
) -> AccountView:
    """Name, address, time zone, active hours.

    Admins take it out of use by its status; it is `connected` when its owner signs it in again.
    """
    changes = body.model_dump(exclude_unset=True)
    async with caller.transaction() as conn:
        account = await _own(conn, caller, account_id)
        if "status" in changes and not caller.principal.may(Permission.MANAGE):
            raise Problem("not_allowed", "Only an admin sets an account's status by hand.")
        saved = await accounts.save(conn, replace(account, **changes))
        if saved is None:
            raise Problem("account_not_found")
        await caller.note(conn, "account.changed", account_id, changed=sorted(changes))
        return await account_view(conn, saved)


@router.delete(
    "/accounts/{account_id}",
    summary="Remove an account",
    responses=documented("account_not_found", "not_allowed"),
)
async def remove_account(account_id: UUID, caller: Stopper) -> ConsentResult:
    """Withdraws every consent and calls off what is planned. What was done stays in the record."""
    async with caller.transaction() as conn:
        account = await _own(conn, caller, account_id)
        kinds = [Kind(kind) for kind in account.consented_kinds]
        await _answer(conn, caller, account, kinds, granted=False)
        await accounts.remove(conn, account_id)
        await caller.note(conn, "account.removed", account_id)
    cancelled = await recheck(caller, account_id)
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
    async with caller.transaction() as conn:
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
    responses={
        **IDEMPOTENT,
        **documented("account_not_found", "consent_is_personal", "conflict", "text_not_shown"),
    },
)
async def answer_consent(
    account_id: UUID, body: ConsentRequest, caller: Stopper, once: Idempotent
) -> Response:
    """Only the owner grants. The owner and admins withdraw, and what is planned is called off."""
    if body.text_version not in (None, VERSION):
        raise Problem(
            "conflict", f"The present text is version {VERSION}. Show that one and ask again."
        )
    unseen = not_shown(body.kinds, body.text_sha256) if body.granted else []

    async def effect(conn: Connection) -> ConsentResult:
        account = await accounts.lock(conn, account_id)
        if account is None:
            raise Problem("account_not_found")
        owner = account.owner_user_id
        if not may_answer(caller.principal, owner_user_id=owner, granted=body.granted):
            raise Problem("consent_is_personal" if body.granted else "not_allowed")
        if unseen:
            raise Problem("text_not_shown", kinds=[str(kind) for kind in unseen])
        await _answer(conn, caller, account, body.kinds, granted=body.granted)
        now = await accounts.find(conn, account_id)
        return ConsentResult(
            account_id=account_id,
            consented_kinds=[Kind(kind) for kind in now.kinds_in_force] if now else [],
            cancelled_activities=None,
        )

    response = await once.local(caller, effect)
    if body.granted:
        return response
    result = ConsentResult.model_validate_json(bytes(response.body))

    async def call_off() -> tuple[int, BaseModel]:
        cancelled = await recheck(caller, account_id)
        return 201, result.model_copy(update={"cancelled_activities": cancelled})

    return await once.then(caller, response, call_off)


async def check_room(conn: Connection, caller: Caller) -> None:
    """One more account fits into the plan; the tenant's row is locked."""
    await clients.lock(conn, caller.principal.client_id)
    client = await clients.find(conn, caller.principal.client_id)
    if client is None:
        raise Problem("not_found")
    tier = Tier(client.tier)
    connected = sum(client.accounts.values())
    if not may_connect(tier, connected):
        raise Problem(
            "account_limit_reached",
            f"The {tier} plan holds {MAX_ACCOUNTS[tier]} accounts, and {connected} are connected. "
            "Remove one or change the plan.",
            tier=tier,
            max_accounts=MAX_ACCOUNTS[tier],
            connected=connected,
        )


async def _own(conn: Connection, caller: Caller, account_id: UUID) -> Account:
    account = await accounts.lock(conn, account_id)
    if account is None:
        raise Problem("account_not_found")
    if not caller.principal.may_act_for(account.owner_user_id):
        raise Problem("not_allowed", "This is somebody else's account.")
    return account


async def _answer(
    conn: Connection, caller: Caller, account: Account, kinds: list[Kind], *, granted: bool
) -> None:
    for kind in dict.fromkeys(kinds):
        await accounts.record_consent(
            conn,
            account=account,
            text=current_text(kind),
            granted=granted,
            by_user_id=caller.principal.user_id,
            address=caller.address,
        )
    if kinds:
        action = "consent.granted" if granted else "consent.withdrawn"
        await caller.note(conn, action, account.id, kinds=[str(kind) for kind in kinds])
