"""The one table of what can go wrong: code → status, title, and a detail that says what to do."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of problem. `detail` stands where the occasion has nothing better to say."""

    status: int
    title: str
    detail: str


PROBLEMS: Final[dict[str, ProblemType]] = {
    # 400
    "malformed_request": ProblemType(
        400,
        "Malformed request",
        "The body is no JSON document in UTF-8. Correct it and send it again.",
    ),
    "no_pod_members": ProblemType(400, "No pod members found", "No pod members found"),
    "not_a_post_address": ProblemType(
        400,
        "Not the address of a post",
        "Open the post, choose 'Copy link to post', and send that.",
    ),
    "bad_cursor": ProblemType(
        400, "Unknown cursor", "Use a cursor exactly as a page gave it, or none for the first page."
    ),
    "bad_idempotency_key": ProblemType(
        400, "Bad Idempotency-Key", "Send 1 to 255 printable ASCII characters, such as a UUID."
    ),
    # 401, 403
    "not_signed_in": ProblemType(
        401, "Not signed in", "Send a valid access token: `Authorization: Bearer …`."
    ),
    "not_allowed": ProblemType(
        403, "Not allowed", "Your role does not allow this. Ask an admin of your team."
    ),
    "consent_is_personal": ProblemType(
        403,
        "Consent is personal",
        "Only the owner of the account may grant consent for it, signed in.",
    ),
    "phrases_are_personal": ProblemType(
        403,
        "Phrases are personal",
        "They are the words of the account's owner, who alone sets them, signed in.",
    ),
    "absence_is_personal": ProblemType(
        403,
        "The absence is its person's",
        "The account's owner said that they are away, and alone takes it back, signed in.",
    ),
    "left_by_themselves": ProblemType(
        403,
        "Left by themselves",
        "The account's owner took it out of this, and alone takes it back, signed in.",
    ),
    "in_person_only": ProblemType(
        403,
        "In person only",
        "An API key cannot do this. Whoever it concerns does it, signed in themselves.",
    ),
    "limit_raised": ProblemType(
        403,
        "Beyond the limit for everybody",
        "Send lower numbers, or ask an owner of the team, signed in.",
    ),
    "password_is_temporary": ProblemType(
        403,
        "Password is temporary",
        "Somebody else chose your password. Change it with PUT /api/me/password first.",
    ),
    "sign_in_again_first": ProblemType(
        403,
        "Show that it is you",
        "You came by a link. Sign your account in at the provider once more, then go on.",
    ),
    "somebody_else_here": ProblemType(
        403,
        "Somebody else is signed in here",
        "Another person is signed in in this browser. Sign them out first.",
    ),
    "invitation_for_another": ProblemType(
        403,
        "For somebody else",
        "This invitation is for another e-mail address. It can still be used by its person.",
    ),
    # 404, 405
    "not_found": ProblemType(
        404, "Not found", "There is nothing here. Look at /docs for the routes."
    ),
    "post_not_found": ProblemType(404, "Post not found", "There is no post with this id."),
    "activity_not_found": ProblemType(
        404, "Activity not found", "There is no activity with this id."
    ),
    "limit_not_found": ProblemType(
        404,
        "Limit not found",
        "Nothing of this kind is done on this network. GET /api/limits lists what is.",
    ),
    "evidence_not_found": ProblemType(
        404,
        "Screenshot not found",
        "Screenshots are kept for 7 days; this one is gone, or never was.",
    ),
    "notification_not_found": ProblemType(
        404, "Notice not found", "One of the ids is no notice for you; nothing was marked."
    ),
    "pause_not_found": ProblemType(404, "Pause not found", "There is no pause with this id."),
    "pod_not_found": ProblemType(404, "Pod not found", "There is no pod with this id."),
    "member_not_found": ProblemType(
        404, "Member not found", "There is no pod member with this id."
    ),
    "account_not_found": ProblemType(404, "Account not found", "There is no account with this id."),
    "absence_not_found": ProblemType(
        404, "Absence not found", "This account has no such absence, or it is over."
    ),
    "link_not_found": ProblemType(404, "Link not found", "You started no link with this id."),
    "invitation_not_found": ProblemType(
        404, "Invitation not found", "There is no such invitation. Ask for a new one."
    ),
    "cartridge_not_found": ProblemType(
        404, "Voice cartridge not found", "There is no voice cartridge with this id."
    ),
    "user_not_found": ProblemType(404, "User not found", "There is no user with this id."),
    "api_key_not_found": ProblemType(404, "API key not found", "There is no API key with this id."),
    "method_not_allowed": ProblemType(
        405, "Method not allowed", "The Allow header names the methods that this address knows."
    ),
    # 409
    "name_taken": ProblemType(409, "Name taken", "Choose another name."),
    "email_taken": ProblemType(
        409, "E-mail taken", "This e-mail cannot be used. Choose another one."
    ),
    "invitation_used": ProblemType(
        409, "Invitation used", "Somebody has come by it. Whoever it was signs in."
    ),
    "account_limit_reached": ProblemType(
        409,
        "Account limit reached",
        "Your plan holds no more accounts. Remove one or change the plan.",
    ),
    "tier_too_small": ProblemType(
        409,
        "Tier too small",
        "More accounts are connected than this tier holds. Remove some, or choose a larger one.",
    ),
    "too_many_absences": ProblemType(
        409,
        "Too many absences",
        "An account has at most 50 that are not over. Take one back, or say one longer one.",
    ),
    "member_exists": ProblemType(
        409,
        "Member already",
        "The account is a member of this pod already. Change that member instead.",
    ),
    "post_exists": ProblemType(
        409, "Post registered already", "Use the post whose id is in `post_id`."
    ),
    "author_differs": ProblemType(
        409,
        "The author is somebody else",
        "The network names another author than the account of `account_id`. Leave it out.",
    ),
    "address_refused": ProblemType(
        409,
        "Not the address of what was published",
        "That it was published stands: give its own address in the same way.",
    ),
    "post_not_published": ProblemType(
        409, "Post not published", "Wait until the post is live, then try again."
    ),
    "no_pod": ProblemType(
        409, "Post of no pod", "Give the post a pod; its members are the ones who amplify it."
    ),
    "cartridge_in_use": ProblemType(
        409, "Voice cartridge in use", "Give its pods and members another voice first."
    ),
    "text_not_shown": ProblemType(
        409,
        "Not the text that is agreed to",
        "Show the texts of GET /api/consent-texts, and name the sha256 of each in text_sha256.",
    ),
    "consent_missing": ProblemType(
        409, "Consent missing", "The account's owner has to grant consent for this first."
    ),
    "not_taking_part": ProblemType(
        409, "Does not take part any more", "Look at the member, the pod and the consents first."
    ),
    "move_not_allowed": ProblemType(
        409, "Not possible in this state", "Look at the activity's state and timeline."
    ),
    "decided_already": ProblemType(
        409,
        "Decided already",
        "Somebody was first; what they decided stands. Read the activity again.",
    ),
    "suggestion_only": ProblemType(
        409,
        "A suggestion",
        "The account's person does it by hand. They say so with done-by-hand, or reject it.",
    ),
    "done_elsewhere": ProblemType(
        409,
        "Done already",
        "Another activity of the account stands for the same. Reject this one.",
    ),
    "owners_yes_needed": ProblemType(
        409,
        "The owner is asked",
        "The account's owner wants to be asked each time. Leave the yes to them; you may reject.",
    ),
    "text_changed": ProblemType(
        409,
        "Not the text that was read",
        "Read the activity again, and approve it with the text_sha256 that it shows.",
    ),
    "text_not_allowed": ProblemType(
        409, "Nothing is said here", "Only comments and reposts have a text of their own."
    ),
    "url_needed": ProblemType(
        422, "Where is it?", "Give the address of the post as `url`: it is looked up and amplified."
    ),
    "text_needed": ProblemType(
        409, "A comment needs a text", "Reject or cancel it instead of taking its text away."
    ),
    "pause_conflict": ProblemType(
        409, "Paused or resumed already", "Read the pauses again: it is as you want it, or gone."
    ),
    "limit_changed": ProblemType(
        409, "Limit changed", "Somebody set this limit meanwhile. Read it again, then decide."
    ),
    "last_owner": ProblemType(
        409, "Last owner", "A team needs an active owner. Make somebody else an owner first."
    ),
    "request_in_progress": ProblemType(
        409,
        "Request in progress",
        "A request with this Idempotency-Key is under way. Try again shortly.",
    ),
    "conflict": ProblemType(
        409, "Conflict", "It does not fit what is there. Read it again and retry."
    ),
    # 408, 410, 413, 415, 422, 429
    "invitation_revoked": ProblemType(
        410, "Invitation revoked", "It was taken back. Ask whoever sent it for a new one."
    ),
    "invitation_expired": ProblemType(
        410, "Invitation expired", "Its time is over. Ask whoever sent it for a new one."
    ),
    "body_too_slow": ProblemType(
        408, "Request timeout", "The body did not come in time. Send it again, all at once."
    ),
    "unsupported_media_type": ProblemType(
        415, "Not read here", "Send the body as JSON, with `Content-Type: application/json`."
    ),
    "too_many_requests": ProblemType(
        429,
        "Too many requests",
        "You, your team or your network ask too much at once. Wait as Retry-After says.",
    ),
    "too_many_views": ProblemType(
        429, "Too many live views", "Close another live view first; a person may have a few."
    ),
    "body_too_large": ProblemType(413, "Body too large", "A body may have 1 MiB at most."),
    "invalid_request": ProblemType(
        422, "Invalid request", "Correct what `errors` names, and send it again."
    ),
    "idempotency_key_reused": ProblemType(
        422, "Idempotency-Key used for another request", "Use a new key for a new request."
    ),
    "too_many_links": ProblemType(
        429, "Too many links", "You have started many links. Use one, or wait until they expire."
    ),
    "too_many_invitations": ProblemType(
        429, "Too many invitations", "Many wait already. Revoke some, or wait until they expire."
    ),
    "too_many_attempts": ProblemType(
        429, "Too many attempts", "Wait as long as Retry-After says, then try again."
    ),
    # 500, 503
    "internal_error": ProblemType(
        500, "Internal error", "This is our fault. Tell us the trace_id if it happens again."
    ),
    "unavailable": ProblemType(
        503, "Not available now", "A part that this needs does not answer. Try again shortly."
    ),
}
