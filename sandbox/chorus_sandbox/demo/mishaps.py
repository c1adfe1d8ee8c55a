"""Three calls that go wrong on purpose, so that one sees what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from chorus.vocabulary import Kind
from chorus_sandbox.client.records import Activity
from chorus_sandbox.demo.scene import Scene

_NOT_BEFORE = timedelta(seconds=1.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """What will happen to an activity, in a person's words."""

    activity: UUID
    sentence: str


def arrange(scene: Scene, activities: Sequence[Activity]) -> list[Mishap]:
    """Tell the sandbox to spoil two likes and a comment that are still to come.

    An account does one thing at a time, so those are taken after which their account has nothing
    to do for longest: otherwise a spoilt call would delay another one, too.
    """
    soon = datetime.now(UTC) + _NOT_BEFORE
    free = sorted(
        (one for one in activities if one.scheduled_for > soon),
        key=lambda one: _rest_after(one, activities),
        reverse=True,
    )
    likes = [one for one in free if one.kind == Kind.LIKE][:2]
    spoilt = {one.account_id for one in likes}
    comments = [one for one in free if one.kind == Kind.COMMENT and one.account_id not in spoilt]
    mishaps = [
        spoil(scene, like) for spoil, like in zip((_cut_off, _rate_limited), likes, strict=False)
    ]
    return mishaps + [_answer_lost(scene, comment) for comment in comments[:1]]


def _rest_after(activity: Activity, activities: Sequence[Activity]) -> timedelta:
    later = (
        other.scheduled_for - activity.scheduled_for
        for other in activities
        if other.account_id == activity.account_id and other.id != activity.id
    )
    return min((gap for gap in later if gap >= timedelta(0)), default=timedelta.max)


def _rate_limited(scene: Scene, like: Activity) -> Mishap:
    scene.sandbox.add_fault(
        "status", type="too_many_requests", retry_after=2, match=_match(scene, like, "react")
    )
    return _mishap(like, "like is refused with a 429 that asks for 2 seconds")


def _cut_off(scene: Scene, like: Activity) -> Mishap:
    scene.sandbox.add_fault("reset_before", match=_match(scene, like, "react"))
    return _mishap(like, "like is cut off before it has any effect")


def _answer_lost(scene: Scene, comment: Activity) -> Mishap:
    scene.sandbox.add_fault("timeout_after", match=_match(scene, comment, "comment"))
    return _mishap(comment, "comment reaches the network, but its answer never comes")


def _match(scene: Scene, activity: Activity, route: str) -> dict[str, str]:
    return {"route": route, "account_id": scene.accounts[activity.account_id].provider_id}


def _mishap(activity: Activity, what: str) -> Mishap:
    return Mishap(activity=activity.id, sentence=f"{activity.member_name}'s {what}")
