"""Unipile v1's refusals, each with its class of E6. The one table; upstream the list is not closed.

A refusal names its `type` as `errors/<name>`. What is not in the table is judged by its status. Of
a write, a 5xx that comes from behind the API leaves open whether it took effect; so does one
without a type, a 503 too: there are proxies that say so when only the answer failed to come.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from chorus import unipile
from chorus.errors import (
    ChallengeError,
    IndeterminateWrite,
    PermanentProviderError,
    ProviderError,
    TransientProviderError,
)
from chorus.retry_after import retry_after
from chorus.vocabulary import ErrorType
from chorus_execution.port import AlreadyDoneError

API, AUTH, NETWORK = ErrorType.API_ERROR, ErrorType.AUTH_ERROR, ErrorType.NETWORK_ERROR
GONE, BLOCKED, RATE = ErrorType.POST_NOT_FOUND, ErrorType.PROFILE_BLOCKED, ErrorType.RATE_LIMIT


@dataclass(frozen=True, slots=True)
class Verdict:
    """indeterminate: of a write, it may have taken effect (a read is then merely tried again)."""

    error_type: ErrorType
    retryable: bool = False
    challenge: bool = False
    indeterminate: bool = False
    done: bool = False


_REFUSED = Verdict(API)
_PERSON_NEEDED = Verdict(AUTH, challenge=True)
_NOT_SIGNED_IN = Verdict(AUTH)
_RESTRICTED = Verdict(BLOCKED, challenge=True)
_NO_WAY_TO_THEM = Verdict(BLOCKED)
_NO_POST = Verdict(GONE)
_SLOW_DOWN = Verdict(RATE, retryable=True)
_TRY_AGAIN = Verdict(NETWORK, retryable=True)
_WHO_KNOWS = Verdict(NETWORK, retryable=True, indeterminate=True)

_GROUPS: Mapping[Verdict, str] = {
    _REFUSED: "invalid_parameters malformed_request missing_parameters content_too_large"
    " invalid_url too_many_characters unescaped_characters unsupported_media_type"
    " insufficient_permissions feature_not_subscribed subscription_required"
    " resource_access_restricted invalid_message"
    " unprocessable_entity payment_error not_allowed_inmail insufficient_credits invalid_account"
    " limit_too_high already_invited_recently already_connected cannot_invite_attendee"
    " cant_send_message realtime_client_not_initialized feature_not_implemented",
    _PERSON_NEEDED: " ".join(unipile.PERSON_NEEDED),
    # The first two may be about our own key: a wrong key must not pause every account.
    _NOT_SIGNED_IN: "missing_credentials invalid_credentials expired_link"
    " insufficient_privileges disconnected_feature"
    " unknown_authentication_context authentication_intent_error invalid_imap_configuration"
    " invalid_smtp_configuration",
    _RESTRICTED: unipile.RESTRICTED,
    _NO_WAY_TO_THEM: "blocked_recipient user_unreachable invalid_recipient"
    " no_connection_with_recipient",
    _NO_POST: "resource_not_found invalid_resource_identifier invalid_post",
    _SLOW_DOWN: "too_many_requests limit_exceeded connection_limit_reached cannot_resend_yet"
    " cannot_resend_within_24hrs",
    _TRY_AGAIN: "no_client_session no_channel no_handler network_down service_unavailable",
    _WHO_KNOWS: "unexpected_error provider_error request_timeout",
    Verdict(API, done=True): "action_already_performed",
}
TABLE: Mapping[str, Verdict] = {
    name: verdict for verdict, names in _GROUPS.items() for name in names.split()
}
_BY_STATUS: Mapping[int, Verdict] = {
    401: _NOT_SIGNED_IN,
    # Without a word of Unipile's it is of a proxy, and says nothing of a post.
    404: _WHO_KNOWS,
    408: _WHO_KNOWS,
    429: _SLOW_DOWN,
    501: _REFUSED,
}


def refusal(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    write: bool,
    now: datetime | None = None,
) -> ProviderError:
    """The error that an answer of status 300 and above stands for. HTML bodies are tolerated.

    `now` is held against a Retry-After that is a date.
    """
    code = _code(body)
    verdict = _verdict(status, code)
    message = f"Unipile answered {status}" + (f" {code}." if code else ".")
    if verdict.done:
        return AlreadyDoneError(message, code=code or "")
    if verdict.indeterminate and write:
        return IndeterminateWrite(message, code=code)
    kind = TransientProviderError if verdict.retryable else PermanentProviderError
    return (ChallengeError if verdict.challenge else kind)(
        message,
        error_type=verdict.error_type,
        code=code,
        retry_after=retry_after(headers.get("Retry-After"), now),
    )


def _verdict(status: int, code: str | None) -> Verdict:
    known = TABLE.get(code) if code else None
    if known is not None:
        return known
    return _BY_STATUS.get(status, _WHO_KNOWS if status >= 500 else _REFUSED)


def _code(body: bytes) -> str | None:
    try:
        problem: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    name = problem.get("type") if isinstance(problem, dict) else None
    if not isinstance(name, str):
        return None
    return "".join(filter(str.isprintable, name.removeprefix("errors/")[:80])) or None
