"""Unipile v1's error body: `{title, detail, instance, type, status}`, types as `errors/…`."""

from chorus_sandbox.asgi import Answer, Request, json_answer
from chorus_sandbox.world.calls import Refusal

_TYPES: dict[int, str] = {
    400: "invalid_parameters malformed_request missing_parameters content_too_large invalid_url"
    " too_many_characters unescaped_characters",
    401: "missing_credentials multiple_sessions wrong_account invalid_credentials"
    " expired_credentials invalid_proxy_credentials invalid_checkpoint_solution checkpoint_error"
    " captcha_not_supported expired_link insufficient_privileges disconnected_account"
    " disconnected_feature",
    403: "insufficient_permissions account_restricted account_mismatch"
    " unknown_authentication_context session_mismatch feature_not_subscribed"
    " subscription_required resource_access_restricted action_required",
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
STATUS_OF: dict[str, int] = {
    name: status for status, names in _TYPES.items() for name in names.split()
}


def problem_answer(refusal: Refusal, request: Request) -> Answer:
    status = STATUS_OF.get(refusal.type, 500)
    answer = json_answer(
        status,
        {
            "title": refusal.type.replace("_", " ").capitalize(),
            "detail": refusal.detail,
            "instance": request.path,
            "type": f"errors/{refusal.type}",
            "status": status,
        },
    )
    if refusal.retry_after is None:
        return answer
    retry_after = (b"retry-after", b"%d" % refusal.retry_after)
    return Answer(answer.status, answer.body, headers=(retry_after,))
