"""Five calls that go wrong on purpose, so that one sees what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from chorus.vocabulary import Kind
from chorus_demo.scene import Scene
from chorus_lab.client.records import Activity

_NOT_BEFORE = timedelta(seconds=1.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """What will happen to an activity, in a person's words."""

    activity: UUID
    sentence: str
    by_hand: str | None = None
    """Why a person has it tried again, where nothing else does."""


class Helper:
    """The person who looks at what failed for good, and has it tried again."""

    def __init__(self, scene: Scene, mishaps: Sequence[Mishap]) -> None:
        self._scene = scene
        self._reasons = {one.activity: one.by_hand for one in mishaps if one.by_hand}

    def help(self, activities: Sequence[Activity]) -> int:
        """How many were failed, and are no longer."""
        failed = [a.id for a in activities if a.state == "failed" and a.id in self._reasons]
        for activity in failed:
            self._scene.gateway.retry(activity, self._reasons.pop(activity))
        return len(failed)


def arrange(scene: Scene, activities: Sequence[Activity]) -> list[Mishap]:
    """Tell the sandbox to spoil two likes, a comment and two reposts, still to come.

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
    mishaps += [_answer_lost(scene, comment) for comment in comments[:1]]
    spoilt |= {one.account_id for one in comments[:1]}
    reposts = [one for one in free if one.kind == Kind.REPOST and one.account_id not in spoilt]
    return mishaps + [
        spoil(scene, repost)
        for spoil, repost in zip((_click_lost, _strange_page), reposts, strict=False)
    ]


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


def _click_lost(scene: Scene, repost: Activity) -> Mishap:
    scene.sandbox.add_fault("reset_after", match=_match(scene, repost, "repost"))
    return _mishap(repost, "click on Repost takes effect, but the page never hears of it")


def _strange_page(scene: Scene, repost: Activity) -> Mishap:
    scene.sandbox.add_fault("layout_changed", match=_match(scene, repost, "post_page"))
    return Mishap(
        activity=repost.id,
        sentence=f"{repost.member_name}'s browser finds a page without a Repost that it knows",
        by_hand="Looked at the picture: the page was a test of theirs. Try it again.",
    )


def _match(scene: Scene, activity: Activity, route: str) -> dict[str, str]:
    return {"route": route, "account_id": scene.accounts[activity.account_id].provider_id}


def _mishap(activity: Activity, what: str) -> Mishap:
    return Mishap(activity=activity.id, sentence=f"{activity.member_name}'s {what}")
