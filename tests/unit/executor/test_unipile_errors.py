"""The one table from Unipile's refusals to the classes of E6."""

import orjson
import pytest

from chorus.errors import (
    ChallengeError,
    IndeterminateWrite,
    PermanentProviderError,
    TransientProviderError,
)
from chorus.vocabulary import ErrorType
from chorus_execution.port import AlreadyDoneError
from chorus_executor.providers.unipile.errors import TABLE, refusal

DOCUMENTED: dict[int, str] = {
    400: "invalid_parameters malformed_request missing_parameters content_too_large invalid_url"
    " too_many_characters unescaped_characters",
    401: "missing_credentials multiple_sessions wrong_account invalid_credentials"
    " expired_credentials invalid_proxy_credentials invalid_checkpoint_solution checkpoint_error"
    " captcha_not_supported expired_link insufficient_privileges disconnected_account"
    " disconnected_feature invalid_imap_configuration invalid_smtp_configuration",
    403: "insufficient_permissions account_restricted account_mismatch session_mismatch"
    " unknown_authentication_context feature_not_subscribed subscription_required"
    " resource_access_restricted action_required",
    404: "resource_not_found invalid_resource_identifier",
    415: "unsupported_media_type",
    422: "invalid_account invalid_recipient no_connection_with_recipient blocked_recipient"
    " user_unreachable unprocessable_entity payment_error action_already_performed"
    " invalid_message invalid_post not_allowed_inmail insufficient_credits cannot_resend_yet"
    " cannot_resend_within_24hrs limit_exceeded limit_too_high already_invited_recently"
    " already_connected cannot_invite_attendee connection_limit_reached cant_send_message"
    " realtime_client_not_initialized",
    429: "too_many_requests",
    500: "unexpected_error provider_error authentication_intent_error",
    501: "feature_not_implemented",
    503: "no_client_session no_channel no_handler network_down service_unavailable",
    504: "request_timeout",
}
ALL = [(status, name) for status, names in DOCUMENTED.items() for name in names.split()]
CHALLENGES = {
    *["multiple_sessions", "wrong_account", "expired_credentials"],
    *["invalid_proxy_credentials", "invalid_checkpoint_solution", "checkpoint_error"],
    *["captcha_not_supported", "disconnected_account", "account_restricted", "account_mismatch"],
    *["session_mismatch", "action_required"],
}


def body(name: str, status: int) -> bytes:
    return orjson.dumps({"title": "T", "type": f"errors/{name}", "status": status})


@pytest.mark.parametrize(("status", "name"), ALL)
def test_every_documented_error_has_a_class(status: int, name: str) -> None:
    """E6: each documented type is in the table, and its class is one of the six."""
    error = refusal(status, {}, body(name, status), write=True)
    assert name in TABLE
    assert error.code == name
    assert isinstance(error.error_type, ErrorType)
    assert isinstance(error, ChallengeError) == (name in CHALLENGES)


@pytest.mark.parametrize(("status", "name"), ALL)
def test_what_may_have_happened_is_never_called_retryable(status: int, name: str) -> None:
    """INVARIANT: a write with an unclear end is indeterminate; a read is merely tried again."""
    unclear = name in {"unexpected_error", "provider_error", "request_timeout"}
    write = refusal(status, {}, body(name, status), write=True)
    assert isinstance(write, IndeterminateWrite) == unclear
    read = refusal(status, {}, body(name, status), write=False)
    assert not isinstance(read, IndeterminateWrite)
    if unclear:
        assert isinstance(read, TransientProviderError)


@pytest.mark.parametrize(
    ("status", "name", "error_type"),
    [
        (401, "disconnected_account", ErrorType.AUTH_ERROR),
        (403, "account_restricted", ErrorType.PROFILE_BLOCKED),
        (404, "resource_not_found", ErrorType.POST_NOT_FOUND),
        (422, "invalid_post", ErrorType.POST_NOT_FOUND),
        (422, "blocked_recipient", ErrorType.PROFILE_BLOCKED),
        (422, "limit_exceeded", ErrorType.RATE_LIMIT),
        (422, "unprocessable_entity", ErrorType.API_ERROR),
        (429, "too_many_requests", ErrorType.RATE_LIMIT),
        (503, "network_down", ErrorType.NETWORK_ERROR),
    ],
)
def test_the_class_is_the_one_of_the_requirements(
    status: int, name: str, error_type: ErrorType
) -> None:
    """E6."""
    assert refusal(status, {}, body(name, status), write=True).error_type is error_type


def test_what_was_done_already_is_to_be_looked_at() -> None:
    """E5."""
    error = refusal(422, {}, body("action_already_performed", 422), write=True)
    assert isinstance(error, AlreadyDoneError)


def test_retry_after_goes_with_the_refusal() -> None:
    """Findings D2, D9: read by the one reader of that header, and bounded (E7)."""
    error = refusal(429, {"Retry-After": "9" * 305}, body("too_many_requests", 429), write=True)
    assert error.retry_after == 86_400.0


@pytest.mark.parametrize("raw", [b"", b"<html>502</html>", b"[1]", b'"text"', b'{"type": 5}'])
def test_a_body_of_any_kind_is_tolerated(raw: bytes) -> None:
    """E6: the status decides when the body says nothing."""
    assert isinstance(refusal(502, {}, raw, write=True), IndeterminateWrite)
    assert isinstance(refusal(418, {}, raw, write=True), PermanentProviderError)
    assert refusal(429, {}, raw, write=True).error_type is ErrorType.RATE_LIMIT
    # Somebody's page that is not found is no post that is gone, and may have swallowed the answer.
    assert isinstance(refusal(404, {}, raw, write=True), IndeterminateWrite)
    assert refusal(404, {}, raw, write=False).retryable


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
def test_a_proxys_word_does_not_tell_whether_it_happened(status: int) -> None:
    """INVARIANT: a 5xx that the API itself did not write leaves open whether the write was done."""
    page = b"<html><h1>first byte timeout</h1></html>"
    assert isinstance(refusal(status, {}, page, write=True), IndeterminateWrite)
    assert isinstance(refusal(status, {}, page, write=False), TransientProviderError)
