"""Small strict validators of bodies and queries. Each refusal names the field."""

from collections.abc import Iterable

import orjson

from chorus_sandbox.asgi import Request
from chorus_sandbox.world.calls import Refusal

JsonBody = dict[str, object]


def json_body(request: Request) -> JsonBody:
    content_type = request.headers.get(b"content-type", b"")
    if not content_type.startswith(b"application/json"):
        raise Refusal("unsupported_media_type", "The body must be application/json.")
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise Refusal("malformed_request", f"The body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise Refusal("invalid_parameters", "The body must be a JSON object.")
    return body


def refuse_unknown(names: Iterable[str], allowed: frozenset[str]) -> None:
    unknown = sorted(set(names) - allowed)
    if unknown:
        raise Refusal("invalid_parameters", f"Unknown field(s): {', '.join(unknown)}.")


def required_text(body: JsonBody, name: str) -> str:
    value = body.get(name)
    if isinstance(value, str) and value:
        return value
    if value is None:
        raise Refusal("missing_parameters", f"Missing field: {name}.")
    raise Refusal("invalid_parameters", f"{name} must be a string that is not empty.")


def optional_text(body: JsonBody, name: str) -> str | None:
    return None if body.get(name) is None else required_text(body, name)


def at_most(text: str, name: str, limit: int) -> str:
    if len(text) > limit:
        raise Refusal(
            "too_many_characters",
            f"{name} has {len(text)} characters, at most {limit} are allowed.",
        )
    return text


def optional_mentions(body: JsonBody) -> tuple[str, ...]:
    """The names in `mentions`, a list of `{name, profile_id, is_company?}`."""
    mentions = body.get("mentions")
    if mentions is None:
        return ()
    names: list[str] = []
    if not isinstance(mentions, list):
        raise Refusal("invalid_parameters", "mentions must be a list.")
    for mention in mentions:
        if not isinstance(mention, dict):
            raise Refusal("invalid_parameters", "Each of mentions must be an object.")
        refuse_unknown(mention, frozenset({"name", "profile_id", "is_company"}))
        names.append(required_text(mention, "name"))
        required_text(mention, "profile_id")
    return tuple(names)


def query(request: Request, allowed: frozenset[str], *, strict: bool) -> dict[str, str]:
    pairs = request.query_pairs() if request.query_string else []
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refusal("invalid_parameters", "A query parameter is given twice.")
    if strict:
        refuse_unknown(found, allowed)
    return found


def query_account(found: dict[str, str]) -> str:
    account_id = found.get("account_id")
    if not account_id:
        raise Refusal("missing_parameters", "Missing query parameter: account_id.")
    return account_id
