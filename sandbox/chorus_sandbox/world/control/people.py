"""Control of accounts, and of people who have none."""

from chorus_sandbox.asgi import Answer, json_answer
from chorus_sandbox.world.control.body import Body, ControlError
from chorus_sandbox.world.control.context import ControlContext
from chorus_sandbox.world.people import (
    ACCOUNT_STATUSES,
    DEGREES,
    LANGUAGES,
    WEB_STATES,
    Account,
    Person,
)
from chorus_sandbox.world.sandbox import Sandbox
from chorus_sandbox.world.state import AlreadyThereError
from chorus_sandbox.world.website import FRONT_ENDS

MOST_AT_ONCE = 100_000


async def create_accounts(context: ControlContext) -> Answer:
    """One account, or `count` of them with ids and names made from `id_prefix`."""
    body = context.body()
    count = body.integer("count", low=1)
    if count is None:
        account = _create_account(context.sandbox, body)
        return json_answer(201, account_json(account))
    if count > MOST_AT_ONCE:
        raise ControlError(f"count is at most {MOST_AT_ONCE}.")
    prefix = body.text("id_prefix") or "account"
    body.done()
    accounts = [
        _create_account(context.sandbox, Body({"id": f"{prefix}-{index}"}))
        for index in range(1, count + 1)
    ]
    return json_answer(201, {"items": [account_json(account) for account in accounts]})


def _create_account(sandbox: Sandbox, body: Body) -> Account:
    account_id = body.text("id")
    status = body.choice("status", ACCOUNT_STATUSES) or "OK"
    language = body.choice("language", LANGUAGES) or "en"
    if account_id in sandbox.state.accounts:
        raise ControlError(f"There is an account {account_id} already.", status=409)
    return sandbox.state.add_account(
        person=_create_person(sandbox, body, name=account_id or "Account"),
        created_ms=sandbox.now_ms(),
        account_id=account_id,
        status=status,  # type: ignore[arg-type] # checked by choice()
        language=language,  # type: ignore[arg-type] # checked by choice()
    )


def _create_person(sandbox: Sandbox, body: Body, *, name: str) -> Person:
    fields = {
        "name": body.text("name") or name,
        "public_identifier": body.text("public_identifier"),
        "provider_id": body.text("provider_id"),
        "headline": body.text("headline") or "",
        "degree": body.choice("degree", DEGREES) or "FIRST_DEGREE",
    }
    body.done()
    try:
        return sandbox.state.add_person(**fields)  # type: ignore[arg-type] # checked above
    except AlreadyThereError as error:
        raise ControlError(f"There is one already: {error}", status=409) from error


async def create_person(context: ControlContext) -> Answer:
    body = context.body()
    account_id = body.text("account_id")
    if account_id in context.sandbox.state.accounts:
        raise ControlError(f"There is an account {account_id} already.", status=409)
    person = _create_person(context.sandbox, body, name="Somebody")
    person.future_account_id = account_id
    return json_answer(201, person_json(person))


async def let_calls_go(context: ControlContext) -> Answer:
    """Calls about statuses that were held are made now: in order, or the last first."""
    body = context.body()
    reverse = body.flag("reverse") or False
    body.done()
    sandbox = context.sandbox
    told = sandbox.status_calls.let_go(sandbox.waiting, reverse=reverse)
    return json_answer(200, {"calls": told})


async def list_accounts(context: ControlContext) -> Answer:
    accounts = context.sandbox.state.accounts.values()
    return json_answer(200, {"items": [account_json(account) for account in accounts]})


async def change_account(context: ControlContext) -> Answer:
    account = account_of(context.sandbox, context.params[0])
    body = context.body()
    changes = _account_changes(body)
    body.done()
    if all(value is None for value in changes.values()):
        raise ControlError(f"Give one of {', '.join(changes)}.")
    if changes["status"] not in {None, account.status}:
        context.sandbox.tell_status(account.id, changes["status"] or account.status)
    for name, value in changes.items():
        if value is not None:
            # `normal` and `usual` take a setting of the website back.
            setattr(account, name, None if value in {"normal", "usual"} else value)
    return json_answer(200, account_json(account))


def _account_changes(body: Body) -> dict[str, str | None]:
    return {
        "status": body.choice("status", ACCOUNT_STATUSES),
        "language": body.choice("language", LANGUAGES),
        "front_end": body.choice("front_end", (*FRONT_ENDS, "mixed", "usual")),
        "web_state": body.choice("web_state", (*WEB_STATES, "normal")),
    }


def account_of(sandbox: Sandbox, account_id: str) -> Account:
    account = sandbox.state.accounts.get(account_id)
    if account is None:
        raise ControlError(f"No account {account_id}.", status=404)
    return account


def author_of(sandbox: Sandbox, body: Body) -> Person:
    """The person named by `account_id` or by `provider_id`."""
    account_id = body.text("account_id")
    provider_id = body.text("provider_id")
    if (account_id is None) == (provider_id is None):
        raise ControlError("Give account_id or provider_id.")
    if account_id is not None:
        return account_of(sandbox, account_id).person
    person = sandbox.state.people.get(provider_id or "")
    if person is None:
        raise ControlError(f"No person {provider_id}.", status=404)
    return person


def account_json(account: Account) -> dict[str, object]:
    return {
        "id": account.id,
        "status": account.status,
        "language": account.language,
        "front_end": account.front_end,
        "web_state": account.web_state,
        **person_json(account.person),
    }


def person_json(person: Person) -> dict[str, object]:
    return {
        "name": person.name,
        "public_identifier": person.public_identifier,
        "provider_id": person.provider_id,
        "headline": person.headline,
        "degree": person.degree,
    }
