"""`POST /webhooks`: who is to be called. Of the sources there is `account_status` alone."""

from chorus_sandbox.asgi import Answer, json_answer
from chorus_sandbox.unipile.context import Context
from chorus_sandbox.unipile.fields import JsonBody, required_text
from chorus_sandbox.world.calls import Call, Refusal
from chorus_sandbox.world.webhooks import Webhook

_FIELDS = frozenset({"source", "request_url", "name", "format", "headers", "account_ids"})


def create_webhook(context: Context) -> Call:
    body = context.json(_FIELDS)
    if required_text(body, "source") != "account_status":
        raise Refusal("invalid_parameters", "This sandbox calls about account_status alone.")
    if body.get("format") not in {None, "json"}:
        raise Refusal("invalid_parameters", "This sandbox calls in json alone.")
    url, headers, accounts = required_text(body, "request_url"), _headers(body), _accounts(body)

    def run(_view: object) -> Answer:
        sandbox = context.sandbox
        made = Webhook(
            id=f"we_{sandbox.state.ids.token()}", url=url, headers=headers, account_ids=accounts
        )
        sandbox.status_calls.hooks.append(made)
        return json_answer(201, {"object": "WebhookCreated", "webhook_id": made.id})

    return context.read(None, run)


def _headers(body: JsonBody) -> dict[str, str]:
    given = body.get("headers") or []
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise Refusal("invalid_parameters", "headers is a list of {key, value}.")
    return {required_text(each, "key"): required_text(each, "value") for each in given}


def _accounts(body: JsonBody) -> frozenset[str] | None:
    given = body.get("account_ids")
    if given is None:
        return None
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise Refusal("invalid_parameters", "account_ids is a list of ids.")
    return frozenset(given)
