"""Every reason that a decision can have: its code, its one sentence, and what follows from it.

The timeline, notices and docs/reasons.md say what stands here. `{…}` in a sentence is filled in.
Those of watches stand in `watch_reasons`.
"""

from chorus_scheduler.domain import watch_reasons
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.reason import LONGEST, Reason

# Planning
PLANNED = Reason(
    "planned", "{name} acts at the time that the pod's policy drew.", "It is scheduled."
)
MOVED_BY_LIMIT = Reason(
    "moved_by_limit",
    "{name} acts later than drawn: {limit_name} allows {value}, {used} are taken.",
    "It is scheduled later than drawn, never dropped.",
)
MOVED_TO_HOURS = Reason(
    "moved_to_active_hours",
    "{name} acts later than drawn, in the member's own active hours.",
    "It is scheduled later than drawn.",
)
MOVED_BY_ABSENCE = Reason(
    "moved_by_absence",
    "{name} acts later than drawn, after an absence.",
    "It is scheduled later than drawn; an absence that ends early gives it an earlier place.",
)
POLICY_WITHOUT_KIND = Reason(
    "kind_disabled",
    "The pod's policy does not plan any {kind}.",
    "That member does not take part in it.",
)
OWN_POST = Reason(
    "own_post", "{name} wrote the post and does not act on it.", "Their account does not take part."
)
MEMBER_NOT_ACTIVE = Reason(
    "member_inactive", "{name} is not active in the pod.", "That member does not take part."
)
MEMBER_OPTED_OUT = Reason(
    "member_opted_out",
    "{name} does not take part in a {kind}.",
    "That member does not take part in it.",
)
MEMBER_NOT_CONNECTED = Reason(
    "account_not_connected",
    "{name}'s account is not connected; its owner must sign in again.",
    "That member does not take part.",
)
MEMBER_WITHOUT_CONSENT = Reason(
    "no_consent",
    "{name} has not agreed to a {kind} by this account.",
    "That member does not take part in it.",
)
NO_COMMENT_TEXT = Reason(
    "no_comment_text",
    "There is no text left to say that nobody else says: "
    "add phrases to the member or texts to the pod.",
    "That member does not comment.",
)
TEXT_UNFIT = Reason(
    "text_unfit",
    "No text is left for {name} that can go out. {fault}",
    "That member does not comment.",
)
NO_PLACE = Reason(
    "beyond_horizon",
    "There is no place for it within {days} days that hours and limits allow together.",
    "It is not done at all: skipped.",
)
NO_PLACE_UNDER_LIMIT = Reason(
    "beyond_horizon",
    "There is no place for it within {days} days: {limit_name} allows {value}, and all of it is "
    "taken until then.",
    "It is not done at all: skipped.",
)
ABSENT_TOO_LONG = Reason(
    "absent_too_long", "The account's owner is away for too long.", "It is not done: skipped."
)
HOURS_NEVER_OPEN = Reason(
    "hours_never_open",
    "The account's active hours never open; its owner must set others.",
    "Not planned, or looked at again tomorrow.",
)

# Publishing
PUBLISHED_AT_ITS_TIME = Reason(
    "planned", "The post goes out at the time it was queued for.", "It is scheduled."
)
PUBLISHED_AT_ONCE = Reason(
    "planned",
    "The post goes out at once: the time it was queued for has passed.",
    "It is scheduled now.",
)
POST_MOVED_BY_LIMIT = Reason(
    "moved_by_limit",
    "The post goes out later than queued: {limit_name} allows {value}.",
    "It is scheduled later than queued.",
)
POST_MOVED_TO_HOURS = Reason(
    "moved_to_active_hours",
    "The post goes out later than queued, in the account's own active hours.",
    "It is scheduled later than queued.",
)
POST_MOVED_BY_ABSENCE = Reason(
    "moved_by_absence",
    "The post goes out later than queued, after an absence of the account's owner.",
    "It is scheduled later than queued.",
)
ACCOUNT_MISSING = Reason(
    "account_missing",
    "The account that was to publish the post does not exist any more.",
    "The post fails; who queued it is told.",
)
PUBLISHING_WITHOUT_CONSENT = Reason(
    "no_consent",
    "{name} has not agreed that posts are published by this account.",
    "The post fails; who queued it is told.",
)
POST_TEXT_UNFIT = Reason(
    "text_unfit",
    "The post's text cannot go out. {fault}",
    "The post fails; who queued it is told.",
)

# A person's word
APPROVED = Reason("approved", "Approved {by}.{edited}", "It is scheduled.")
REJECTED = Reason("rejected", "Rejected by a person: {why}", "It is cancelled.")
CANCELLED = Reason(
    "cancelled",
    "Cancelled by a person: {why}",
    "It is cancelled; what may have happened is looked for still.",
)
RETRIED = Reason(
    "retried_by_person",
    "Put back by a person: {why}",
    "It is scheduled afresh; an unknown one is looked for first.",
)
POSTPONED = Reason("postponed", "Postponed by a person: {why}", "It has a place from then on.")
DECIDED_HAPPENED = Reason(
    "decided_happened", "A person found that it happened: {why}", "It counts as executed."
)
DECIDED_ABSENT = Reason(
    "decided_absent",
    "A person found that it did not happen: {why} It is done once more.",
    "It is scheduled.",
)
DECIDED_ABSENT_AND_STOPPED = Reason(
    "decided_absent",
    "A person found that it did not happen: {why} It had been called off.",
    "It is cancelled.",
)
TEXT_EDITED = Reason(
    "text_edited", "A person changed what it will say.", "It goes out as it says now."
)
TEXT_DROPPED = Reason(
    "text_dropped",
    "A person dropped the text: it will be an instant repost.",
    "It goes out without words.",
)
ASKED_AGAIN = Reason(
    "approval_asked_again",
    "It says something else than was approved: somebody has to say yes again.",
    "It waits for a yes.",
)
APPROVAL_ENDS = Reason(
    "approval_ends_soon",
    "Nobody has said yes or no yet; without a yes it ends at {until}.",
    "Whoever may say yes is told once more.",
)
UNAPPROVED = Reason(
    "approval_expired", "Nobody approved it before its time had passed.", "It is skipped."
)
SUGGESTED = Reason(
    "suggested",
    "It is left to the account's person, who does it by hand or not at all: Chorus does not.",
    "It is shown to them, until they say what came of it or its time has passed.",
)
OWNER_ASKS = Reason(
    "owner_asks",
    "The account's owner wants to be asked each time, so it waits for their own yes.",
    "It waits for the owner's yes.",
)
SUGGESTION_EXPIRED = Reason(
    "suggestion_expired",
    "Its time has passed, and nobody said that it was done by hand.",
    "It is skipped.",
)
DONE_BY_HAND = Reason(
    "done_by_hand",
    "The account's person did it by hand, as was said: {why}",
    "It is done, and not by Chorus; it is a use of the account's limits.",
)

# Hand-over
HANDED_OVER = Reason("handed_over", "Handed over to its executor.", "Its executor carries it out.")
PARKED = Reason("parked", "Parked by a pause ({pause}): {why}", "It waits until somebody resumes.")
RESUMED = Reason(
    "resumed",
    "The pause ended; the activity is scheduled again.",
    "It goes on, later by as long as it stood still.",
)
EXPIRED_WHILE_PAUSED = Reason(
    "expired_while_paused",
    "It was paused for too long; it is not caught up.",
    "It is skipped (24 hours by default).",
)
CONSENT_REVOKED = Reason(
    "consent_revoked",
    "The account's owner no longer agrees to this, so it will not happen.",
    "It is cancelled.",
)
MEMBER_INACTIVE = Reason(
    "member_inactive",
    "The member has left the pod, or one of them was removed, so it will not happen.",
    "It is cancelled.",
)
KIND_DISABLED = Reason(
    "kind_disabled",
    "The account's owner takes no part in this any more, so it will not happen.",
    "It is cancelled.",
)
HELD = Reason(
    "held",
    "The member or the pod is not active for now; it is held until they are.",
    "It stands still, and has a place again when they take part before its window has ended.",
)
KIND_HELD = Reason(
    "held",
    "The member, or the pod's policy, takes no part in a {kind} for now; it is held until they do.",
    "It stands still, and has a place again when they take part before its window has ended.",
)
TAKES_PART_AGAIN = Reason(
    "takes_part_again",
    "The member takes part again; what was held has a place again.",
    "It goes on at that place, or waits for its yes.",
)
EXPIRED_WHILE_HELD = Reason(
    "expired_while_held",
    "It was held until the time for it on this post had passed; it is not caught up.",
    "It is skipped.",
)
SILENCED = Reason(
    "text_dropped",
    "The account's owner no longer agrees to comments, so the repost goes without words.",
    "It goes out without words.",
)
ALREADY_ACTED = Reason(
    "already_acted",
    "The account has done this to this post already, under another address of it.",
    "It is skipped.",
)
ALREADY_ACTING = Reason(
    "already_acting",
    "The account may be doing this to this post already, under another address of it.",
    "It is looked at again in a minute.",
)
ACCOUNT_BUSY = Reason(
    "account_busy",
    "The account is acting in the other lane; it never does two things at once.",
    "It is looked at again in a second.",
)
OUTSIDE_HOURS = Reason(
    "outside_hours",
    "Its time came outside the account's active hours; it waits until they open.",
    "It has a place in the hours.",
)
ABSENT = Reason(
    "absent", "Its time came while the account's owner is away.", "It has a place after that."
)
BACK_EARLY = Reason(
    "back_early", "The account's owner is back before that was said.", "It has an earlier place."
)
COOLED_DOWN = Reason(
    "account_cooled_down",
    "The network asked the account to slow down; it does nothing until {until}.",
    "It has a place after that.",
)
NOT_CONNECTED = Reason(
    "account_not_connected",
    "The account is not connected; its owner must sign in again. Looked at again in 10 minutes.",
    "It is looked at again in 10 minutes.",
)
STARTS_OF_LANE = Reason(
    "put_off_by_limit",
    "Put off: its lane starts {value} a minute over all accounts, and {used} have started or are "
    "about to.",
    "It has the next free place.",
)
AT_ONCE_OF_LANE = Reason(
    "put_off_by_limit",
    "Put off: its lane carries out {value} at once over all accounts, and {used} are under way.",
    "It has the next free place.",
)
PUT_OFF = Reason(
    "put_off_by_limit",
    "Put off: {limit_name} allows {value} and {used} are used.",
    "It has the next free place.",
)
STOOD_STILL = Reason(
    "late",
    "Nothing was handed over at its time; it goes on later, at the distance it had.",
    "It has another place.",
)
TIME_PASSED = Reason(
    "late",
    "Its time passed before it could be handed over; it has another, at a distance.",
    "It has another place.",
)

# What came of it
EXECUTED = Reason("executed", "The network confirmed it.", "It is done.")
FOUND = Reason(
    "executed_verified",
    "The effect was found on the network, although the answer to the call was lost.",
    "It is done, and not done again.",
)
UNKNOWN = Reason(
    "unknown",
    "It may have happened; it will be looked for before anything is done again.",
    "It is looked for after 2 s, 10 s, 1 min, 5 min.",
)
UNKNOWN_NEEDS_PERSON = Reason(
    "unknown_needs_person",
    "It may have happened; {looks} looks could not tell. "
    "A person must look at the post and decide.",
    "A person decides.",
)
LOOK_WITHHELD = Reason(
    "look_withheld",
    "It may have happened, and was not looked for: {why}",
    "It is looked for again later.",
)
ABSENT_AND_STOPPED = Reason(
    "absent_and_stopped",
    "It was looked for and is not there; it was called off, so it is not done.",
    "It is cancelled.",
)
RETRY = Reason("retry", "{why}. Attempt {number} follows at {when}.", "The next attempt.")
CHALLENGE = Reason(
    "challenge",
    "The network asks for the account's person; nothing is tried again by itself.",
    "The account stands still; a person is called.",
)
ACCOUNT_PAUSED = Reason(
    "account_paused",
    "The account is paused until a person has looked at it and resumes it.",
    "Nothing is done by it until then.",
)
ATTEMPTS_USED_UP = Reason(
    "attempts_used_up",
    "All {attempts} attempts failed; the last one with {error}.",
    "A person's task; retry by hand.",
)
SWEEP_FAILED = Reason(
    "sweep_failed",
    "It could not be worked on ({error}); it is tried again, first at {when}.",
    "It is tried again, later and later.",
)

# Why an account does nothing just now
ACCOUNT_HELD = Reason(
    "paused", "Held by a pause ({scope}): {why}", "Nothing is done until somebody resumes."
)
AWAY = Reason(
    "absent", "The account's owner is away until {until}.", "It goes on when they are back."
)
HOURS_CLOSED = Reason(
    "outside_hours", "The account's active hours are closed.", "It goes on when they open."
)
IN_NO_POD = Reason(
    "in_no_pod",
    "{name} is no active member of an active pod.",
    "No post is amplified by this account.",
)
LIMIT_USED_UP = Reason(
    "limit_used_up",
    "No {kind} for now: {limit_name} allows {value} and {used} are used.",
    "It goes on when one more fits.",
)
WAITS_FOR_YES = Reason(
    "awaiting_approval", "{count} wait for somebody's yes.", "They are done once approved."
)
NOTHING_PLANNED = Reason(
    "nothing_planned",
    "Nothing is planned for it: its pods have no post that asks for more.",
    "It acts when a post is published.",
)
NOT_YET = Reason("not_yet", "A {kind} is planned for later.", "It is done at its time.")

REASONS: tuple[Reason, ...] = (
    *(each for each in globals().values() if isinstance(each, Reason)),
    *watch_reasons.REASONS,
)


def told(code: str, sentence: str) -> Decision:
    """A reason that somebody else gives in words of their own: an executor, the network."""
    return Decision(code=code, sentence=sentence[:LONGEST])
