"""The one table from Unipile's refusals to the classes of E6."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.errors import (
    ChallengeError,
    IndeterminateWrite,
    PermanentProviderError,
    TransientProviderError,
)
from chorus.execution.port import AlreadyDoneError
from chorus.vocabulary import ErrorType
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


NOW = datetime(2026, 10, 21, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 30 ", 30.0),
        ("1.5", 1.5),
        ("0.25", 0.25),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 1680.0),
        ("Wednesday, 21-Oct-26 07:28:00 GMT", 1680.0),
        ("Wed, 21 Oct 2026 08:28:00 +0100", 1680.0),
        ("Wed, 21 Oct 2026 06:28:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
        ("90000", 86_400.0),
        ("9" * 305, 86_400.0),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("1e309", None),
        ("\u0663", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_every_form_and_bounded(header: str, seconds: float | None) -> None:
    """Findings D2, D9: seconds, fractions and a date are understood, for a day at most (E7)."""
    answer = body("too_many_requests", 429)
    error = refusal(429, {"Retry-After": header}, answer, write=True, now=NOW)
    assert error.retry_after == seconds


@given(st.one_of(st.text(), st.from_regex(r"[A-Za-z]{0,9},? ?[0-9A-Za-z:+ -]{0,40}")))
def test_no_header_breaks_a_refusal(header: str) -> None:
    """INVARIANT: Finding D2: what a header says is a wait of up to a day, or nothing."""
    error = refusal(429, {"Retry-After": header}, b"", write=True, now=NOW)
    assert error.retry_after is None or 0.0 <= error.retry_after <= 86_400.0


@pytest.mark.parametrize("wait", [float("inf"), 1e308, -5.0, float("nan")])
def test_what_a_provider_says_is_bounded_where_it_enters(wait: float) -> None:
    """Finding D2: in the root of the errors, so that no adapter can forget it."""
    error = TransientProviderError(
        "x" * 100_000, error_type=ErrorType.RATE_LIMIT, code="c" * 1000, retry_after=wait
    )
    assert len(str(error)) <= 500
    assert len(error.code or "") <= 80
    assert error.retry_after is None or 0.0 <= error.retry_after <= 86_400.0


@pytest.mark.parametrize("raw", [b"", b"<html>502</html>", b"[1]", b'"text"', b'{"type": 5}'])
def test_a_body_of_any_kind_is_tolerated(raw: bytes) -> None:
    """E6: the status decides when the body says nothing."""
    assert isinstance(refusal(502, {}, raw, write=True), IndeterminateWrite)
    assert isinstance(refusal(418, {}, raw, write=True), PermanentProviderError)
    assert refusal(429, {}, raw, write=True).error_type is ErrorType.RATE_LIMIT
    assert refusal(404, {}, raw, write=True).error_type is ErrorType.POST_NOT_FOUND


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
def test_a_proxys_word_does_not_tell_whether_it_happened(status: int) -> None:
    """INVARIANT: a 5xx that the API itself did not write leaves open whether the write was done."""
    page = b"<html><h1>first byte timeout</h1></html>"
    assert isinstance(refusal(status, {}, page, write=True), IndeterminateWrite)
    assert isinstance(refusal(status, {}, page, write=False), TransientProviderError)
