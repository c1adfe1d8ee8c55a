"""The reasons of what a watch does, as `reasons` has those of activities."""

from chorus_scheduler.domain.reason import Reason

WATCH_BEGAN = Reason(
    "watch_began",
    "From now on it is looked at {what}.",
    "The first look has its time.",
)
WATCH_NOT_WANTED = Reason(
    "watch_not_wanted",
    "Nobody asks for it any more: a pod, a member, a consent or a connection ended.",
    "The watch ends.",
)
LOOK_ASKED_FOR = Reason(
    "handed_over", "Handed over to an executor, which looks now.", "The executor looks."
)
LOOKED = Reason(
    "looked", "The last look was made; the next one has its time.", "The next look has its time."
)
LOOKS_PUT_OFF = Reason(
    "put_off_by_limit",
    "Put off: {limit_name} allows {value} looks and {used} are used.",
    "The look has the next free place.",
)
LOOKS_PAUSED = Reason("paused", "Held by a pause: {why}", "No look until somebody resumes.")
LOOKS_NOT_CONNECTED = Reason(
    "account_not_connected",
    "The account is {status}; its owner must sign in again.",
    "No look until then.",
)
LOOKS_WITHOUT_CONSENT = Reason(
    "consent_revoked",
    "The account's owner does not agree to such looks.",
    "No look; the watch ends.",
)
LOOK_FAILED = Reason(
    "look_failed", "{error}: {said}. The next look is at {when}.", "The look is made again."
)
WATCH_FAILING = Reason(
    "watch_failing",
    "{errors} looks in a row failed; a person must see why. {error}: {said}. "
    "The next look is at {when}.",
    "A person looks; it goes on, once an hour.",
)

REASONS: tuple[Reason, ...] = tuple(each for each in globals().values() if isinstance(each, Reason))
