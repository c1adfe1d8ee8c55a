"""Control of LinkedIn's website: its settings and counts, sessions, challenges."""

from chorus_sandbox.asgi import Answer, json_answer
from chorus_sandbox.world.control.body import Body, ControlError
from chorus_sandbox.world.control.context import ControlContext
from chorus_sandbox.world.control.people import account_json, account_of
from chorus_sandbox.world.ids import FORMS, Form
from chorus_sandbox.world.website import FRONT_ENDS, Session, WebSettings

LONGEST_DELAY_MS = 60_000


def forms_of(body: Body, name: str) -> frozenset[Form] | None:
    chosen = body.choices(name, FORMS)
    if chosen is None:
        return None
    return frozenset(form for form in FORMS if form in chosen)


async def read_website(context: ControlContext) -> Answer:
    """Settings, requests by type of resource, and counts by account."""
    website = context.sandbox.website
    return json_answer(
        200,
        {
            "settings": _settings_json(website.settings),
            "requests": dict(website.requests),
            "accounts": {name: dict(counts) for name, counts in website.accounts.items()},
            "challenged": sorted(website.challenged),
            "signed_out": sorted(website.signed_out),
        },
    )


async def change_website(context: ControlContext) -> Answer:
    settings = context.sandbox.website.settings
    body = context.body()
    changes: dict[str, object] = {
        "front_end": body.choice("front_end", (*FRONT_ENDS, "mixed")),
        "hashed_share": body.share("hashed_share"),
        "toast_link": body.flag("toast_link"),
        "tombstone_forms": forms_of(body, "tombstone_forms"),
        "actions_delay_ms": body.integer("actions_delay_ms"),
    }
    body.done()
    delay = changes["actions_delay_ms"]
    if isinstance(delay, int) and delay > LONGEST_DELAY_MS:
        raise ControlError(f"actions_delay_ms is at most {LONGEST_DELAY_MS}.")
    for name, value in changes.items():
        if value is not None:
            setattr(settings, name, value)
    return json_answer(200, _settings_json(settings))


def _settings_json(settings: WebSettings) -> dict[str, object]:
    return {
        "front_end": settings.front_end,
        "hashed_share": settings.hashed_share,
        "toast_link": settings.toast_link,
        "tombstone_forms": sorted(settings.tombstone_forms),
        "actions_delay_ms": settings.actions_delay_ms,
    }


async def list_sessions(context: ControlContext) -> Answer:
    """Every session ever issued, with its secrets: what must be found nowhere else."""
    sessions = context.sandbox.website.sessions.values()
    return json_answer(200, {"items": [_session_json(session) for session in sessions]})


def _session_json(session: Session) -> dict[str, object]:
    return {
        "account_id": session.account.id,
        "user_agent": session.user_agent,
        "cookies": session.secrets,
        "revoked": session.revoked,
    }


async def revoke_sessions(context: ControlContext) -> Answer:
    """The owner signs out: no session of the account is valid, none is issued any more."""
    account = account_of(context.sandbox, context.params[0])
    return json_answer(200, {"revoked": context.sandbox.website.sign_out(account)})


async def restore_sessions(context: ControlContext) -> Answer:
    """The owner signs in again: sessions are issued; those of before stay revoked."""
    account = account_of(context.sandbox, context.params[0])
    context.sandbox.website.signed_out.discard(account.id)
    return json_answer(200, {"restored": account.id})


async def clear_challenge(context: ControlContext) -> Answer:
    """The owner has solved the challenge."""
    account = account_of(context.sandbox, context.params[0])
    context.sandbox.website.challenged.discard(account.id)
    return json_answer(200, account_json(account))


async def raise_challenge(context: ControlContext) -> Answer:
    """Every page of the account leads to the checkpoint, until it is cleared."""
    account = account_of(context.sandbox, context.params[0])
    context.sandbox.website.challenge(account)
    return json_answer(200, account_json(account))
