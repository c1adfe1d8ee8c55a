"""What the scheduler refuses. The internal API turns each into a problem with its code."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from chorus.errors import ChorusError


class SchedulerRefusal(ChorusError):
    """The request cannot be met; `code` is for programs."""

    code = "refused"
    status = 409
    extra: Mapping[str, str] = {}
    """Further members of the problem, for programs."""


class PostNotFound(SchedulerRefusal):
    """The tenant has no such post."""

    code = "post_not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such post.")


class PostNotPublished(SchedulerRefusal):
    """The post is not live, so nothing can act on it."""

    code = "post_not_published"

    def __init__(self, state: str) -> None:
        super().__init__(f"The post is {state}; it can be amplified once it is published.")


class NoPod(SchedulerRefusal):
    """The post belongs to no pod, so nobody was asked to act on it."""

    code = "no_pod"

    def __init__(self) -> None:
        super().__init__("The post belongs to no pod, so nobody amplifies it.")


class NoPodMembers(SchedulerRefusal):
    """The post's pod has no active member (P3)."""

    code = "no_pod_members"
    status = 400

    def __init__(self) -> None:
        super().__init__("No pod members found")


class ActivityNotFound(SchedulerRefusal):
    """The tenant has no such activity."""

    code = "activity_not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such activity.")


class AccountNotFound(SchedulerRefusal):
    """The tenant has no such account."""

    code = "account_not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such account.")


class LimitChanged(SchedulerRefusal):
    """Another limit stands there than the one that was read."""

    code = "limit_changed"

    def __init__(self) -> None:
        super().__init__("Somebody set this limit meanwhile: read it again, then decide.")


class MoveNotAllowed(SchedulerRefusal):
    """The activity's state does not allow what was asked."""

    code = "move_not_allowed"

    def __init__(self, wish: str, state: str) -> None:
        super().__init__(f"An activity that is {state} cannot be {wish}.")
        self.extra = {"state": state}


class SuggestionOnly(SchedulerRefusal):
    """Its account's person does it by hand: no yes makes Chorus do it."""

    code = "suggestion_only"

    def __init__(self) -> None:
        super().__init__(
            "This is a suggestion: the account's person does it by hand, and says so. Chorus never "
            "does it."
        )


class OwnersYesNeeded(SchedulerRefusal):
    """The account's owner wants to be asked themselves."""

    code = "owners_yes_needed"

    def __init__(self) -> None:
        super().__init__(
            "The account's owner wants to be asked each time: nobody else says yes to this."
        )


class DecidedAlready(MoveNotAllowed):
    """Somebody else was first: what they decided stands."""

    code = "decided_already"

    def __init__(self, state: str, decision: str, *, by: str, at: datetime) -> None:
        when = at.isoformat(timespec="seconds").replace("+00:00", "Z")
        SchedulerRefusal.__init__(self, f"It was {decision} by {by} at {when}; that stands.")
        self.extra = {
            "state": state,
            "decision": decision,
            "decided_by": by,
            "decided_at": at.isoformat(),
        }


class DoneElsewhere(SchedulerRefusal):
    """The account has done this to this target already, by another activity."""

    code = "done_elsewhere"

    def __init__(self) -> None:
        super().__init__(
            "The account has done this to this post already, under another address of it: there is "
            "nothing left to mark. Reject this one."
        )


class NotTakingPart(SchedulerRefusal):
    """Its member, or its account's owner, would not have it done any more."""

    code = "not_taking_part"


class NoPlaceLeft(SchedulerRefusal):
    """There is no time at which hours and limits would allow it."""

    code = "no_place_left"


class VoicePending(SchedulerRefusal):
    """Nobody can agree to words that they cannot see yet."""

    code = "voice_pending"

    def __init__(self) -> None:
        super().__init__("Its text is being put into the member's voice; look again in a moment.")


class TextChanged(SchedulerRefusal):
    """It says something else than was read, or the yes does not say what was read."""

    code = "text_changed"

    def __init__(self, *, named: bool) -> None:
        super().__init__(
            "Its text is not the one that was read: somebody changed it meanwhile. Read the "
            "activity again, and approve it with the text_sha256 that it shows then."
            if named
            else "An approval names the words that were read: send the text_sha256 that the "
            "activity shows beside its text."
        )


class TextNotAllowed(SchedulerRefusal):
    """The activity says nothing that could be changed here."""

    code = "text_not_allowed"

    def __init__(self, kind: str) -> None:
        super().__init__(f"A {kind} has no text of its own to change; comments and reposts have.")


class TextNeeded(SchedulerRefusal):
    """A comment cannot be without a text."""

    code = "text_needed"

    def __init__(self) -> None:
        super().__init__("A comment is nothing without its text: cancel or reject it instead.")


class ConsentMissing(SchedulerRefusal):
    """The account's owner has not agreed to words in their name."""

    code = "consent_missing"

    def __init__(self) -> None:
        super().__init__(
            "The account's owner has not agreed to comments, so its repost goes out without words."
        )


class PauseNotFound(SchedulerRefusal):
    """The tenant has no such pause."""

    code = "pause_not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such pause.")


class PauseConflict(SchedulerRefusal):
    """The pause is in force already, or has ended already."""

    code = "pause_conflict"

    def __init__(self, message: str, pause_id: UUID | None = None) -> None:
        super().__init__(message)
        self.pause_id = pause_id
