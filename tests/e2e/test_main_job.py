"""The main job, from the HTTP API to the network and back, judged by the sandbox's truth."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from chorus.documents import KindPolicy
from chorus_lab.client import Activity, Entry, Post
from chorus_lab.stack import Stack
from tests.e2e.team import OPENING, TEXTS, Team, acts, empty_team, later, make_team, policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A post that went out, and everything that its pod did about it."""

    team: Team
    post: Post
    activities: list[Activity]

    @property
    def of_the_pod(self) -> list[Activity]:
        return [activity for activity in self.activities if activity.kind != "publish"]


@pytest.fixture(scope="module")
def story(stack: Stack) -> Iterator[Story]:
    """Told once; the tests only read it."""
    team = make_team(stack, members=5)
    post = team.gateway.publish("We shipped.", account=team.author, pod=team.pod)
    activities = team.until_settled(post, 1 + 2 * 4, within_s=30)
    yield Story(team=team, post=post, activities=activities)
    team.close()


def test_a_published_post_is_liked_and_commented_by_the_pod(story: Story) -> None:
    """INVARIANT: what the network holds is what was planned, each once (A1, E2, E3, E5)."""
    assert {activity.state for activity in story.activities} == {"executed"}
    assert acts(story.team.effects()) == story.team.as_acts(story.activities)
    mine = set(story.team.accounts.values())
    assert not any(double["account_id"] in mine for double in story.team.sandbox.summary().doubles)
    shown = story.team.gateway.show_post(story.post.id)
    assert shown.state == "published"
    assert shown.activities == {"executed": 9}


def test_nothing_happens_before_its_time_and_little_later(story: Story) -> None:
    """E1: not before it is due; within 5 s of it."""
    due = {(story.team.accounts[a.account_id], a.kind): a.scheduled_for for a in story.activities}
    late = [effect.at - due[effect.account_id, effect.kind] for effect in story.team.effects()]
    assert min(late) >= timedelta(0)
    assert max(late) < timedelta(seconds=5)


def test_comments_carry_the_voice_of_the_pod(story: Story) -> None:
    """Finding B8, E3: what was shown went out byte for byte, in the voice of the pod, each once."""
    sent = {effect.text for effect in story.team.effects() if effect.kind == "comment"}
    comments = [activity for activity in story.activities if activity.kind == "comment"]
    assert sent == {comment.final_text for comment in comments}
    assert len(sent) == 4
    for comment in comments:
        assert comment.final_text == comment.draft_text
        assert comment.draft_text in {f"{OPENING} {text}" for text in TEXTS}


def test_the_timeline_tells_the_story_across_services(story: Story) -> None:
    """A2, E8: decisions and attempts of one activity in order, each with a sentence."""
    for activity in story.of_the_pod:
        entries = story.team.gateway.timeline(activity.id)
        assert _codes(entries) == [
            "planned",
            "attempt_opened",
            "attempt_called",
            "attempt_executed",
        ]
        assert {entry.source for entry in entries} == {"scheduler", "executor"}
        assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
        assert all(len(entry.sentence) >= 5 for entry in entries)
        assert activity.correlation_id == story.post.correlation_id


def test_a_lost_answer_is_looked_for_and_not_repeated(team: Team) -> None:
    """INVARIANT: a call whose answer is lost is verified, never blindly repeated (E5)."""
    victim = team.others[0]
    team.sandbox.add_fault(
        "reset_after", match={"route": "comment", "account_id": team.accounts[victim]}
    )
    post = team.live_post(amplify=True)
    activities = team.until_settled(post, 2 * 4, within_s=40)
    (comment,) = [a for a in activities if a.account_id == victim and a.kind == "comment"]
    assert comment.state == "executed"
    assert comment.verified
    assert acts(team.effects()) == team.as_acts(activities)


def test_a_dry_run_is_the_plan_that_follows(team: Team) -> None:
    """P3: the preview stores nothing, and the same seed gives the same plan."""
    team.change_policy(later())
    post = team.live_post(amplify=False)
    kinds = ["like", "comment", "repost"]
    preview = team.gateway.trigger(post.id, kinds=kinds, dry_run=True)
    assert preview.dry_run
    assert team.activities(post) == []
    plan = team.gateway.trigger(post.id, kinds=kinds, seed=preview.seed)
    assert plan.scheduled == preview.scheduled == 3 * 4
    assert [one.id for one in plan.activities] == [one.id for one in preview.activities]
    assert [one.text for one in plan.activities] == [one.text for one in preview.activities]
    shifts = [
        (one.kind, two.scheduled_for - one.scheduled_for)
        for one, two in zip(preview.activities, plan.activities, strict=True)
    ]
    # Reposts count from the trigger, the others from the publication.
    assert {shift for kind, shift in shifts if kind != "repost"} == {timedelta(0)}
    assert len({shift for kind, shift in shifts if kind == "repost"}) == 1
    stored = {activity.id: activity.scheduled_for for activity in team.activities(post)}
    assert stored == {one.id: one.scheduled_for for one in plan.activities}


def test_a_second_trigger_plans_nothing_twice(team: Team) -> None:
    """INVARIANT: one intent is one activity, however often it is asked for (P3, E5)."""
    team.change_policy(later())
    post = team.live_post(amplify=False)
    first = team.gateway.trigger(post.id)
    second = team.gateway.trigger(post.id)
    assert first.scheduled == 4
    assert second.scheduled == 0
    assert {one.id for one in second.existing} == {one.id for one in first.activities}


def test_a_pause_stops_everything_within_two_seconds(team: Team) -> None:
    """INVARIANT: a person can always stop it, and what was stopped can go on (invariant 6)."""
    team.change_policy(policy(like=KindPolicy(from_seconds=0.5, to_seconds=8), on_publish=["like"]))
    post = team.live_post(amplify=True)
    team.until(lambda: len(team.effects()) >= 1, within_s=20, what="the first like")
    pause = team.gateway.pause("Stop, please.")
    asked = next(p for p in team.gateway.get("/pauses") if p["id"] == str(pause))
    team.until(lambda: _all_done_or_paused(team, post), within_s=20, what="the rest is parked")
    before = team.effects()
    assert len(before) < 4
    limit = datetime.fromisoformat(asked["paused_at"]) + timedelta(seconds=2)
    assert all(effect.at <= limit for effect in before)
    team.gateway.resume(pause)
    activities = team.until_settled(post, 4, within_s=30)
    assert acts(team.effects()) == team.as_acts(activities)


def test_a_revoked_consent_stops_what_was_planned(team: Team) -> None:
    """INVARIANT: nothing happens for somebody who no longer agrees; others go on."""
    team.change_policy(later())
    post = team.live_post(amplify=False)
    team.gateway.trigger(post.id, kinds=["like", "comment"])
    gone = team.others[0]
    answer = team.gateway.consent(gone, ["like"], granted=False)
    assert answer["cancelled_activities"] == 1
    (called_off,) = [a for a in team.activities(post, kind="like") if a.account_id == gone]
    assert called_off.state == "cancelled"
    assert "consent" in called_off.reason_code
    rest = [a for a in team.activities(post) if a.id != called_off.id]
    assert {activity.state for activity in rest} == {"scheduled"}
    assert len(rest) == 7


def test_the_trigger_answers_as_agreed(stack: Stack, team: Team) -> None:
    """P3: 404 for a post that is not there, 400 where the post's tenant has no members."""
    missing = team.gateway.request(
        "POST", "/pods/trigger-amplification", json={"postId": str(uuid4())}
    )
    assert missing.status_code == 404
    lonely = empty_team(stack)
    address = team.sandbox.add_post(team.accounts[team.author])["share_url"]
    post = lonely.gateway.register(address, amplify=False)
    nobody = lonely.gateway.request(
        "POST", "/pods/trigger-amplification", json={"postId": str(post.id)}
    )
    assert nobody.status_code == 400
    assert nobody.json()["error"] == "No pod members found"
    lonely.close()


def test_the_trigger_of_reposts_reaches_the_network(team: Team) -> None:
    """P3, P5: `{success, activitiesScheduled, activities}`, and then a repost of each member."""
    post = team.live_post(amplify=False)
    answer = team.gateway.post("/pods/trigger-amplification", {"postId": str(post.id)})
    assert answer["success"] is True
    assert answer["activitiesScheduled"] == len(answer["activities"]) == 4
    activities = team.until_settled(post, 4, within_s=30)
    assert {activity.state for activity in activities} == {"executed"}
    assert acts(team.effects()) == team.as_acts(activities)


def test_tenants_see_only_their_own(stack: Stack, team: Team) -> None:
    """INVARIANT: what belongs to one tenant is not there for another (P10)."""
    post = team.live_post(amplify=False)
    stranger = make_team(stack, members=1)
    assert stranger.gateway.request("GET", f"/posts/{post.id}").status_code == 404
    trigger = stranger.gateway.request(
        "POST", "/pods/trigger-amplification", json={"postId": str(post.id)}
    )
    assert trigger.status_code == 404
    assert stranger.gateway.activities(post_id=post.id) == []
    stranger.close()


def _codes(entries: list[Entry]) -> list[str]:
    """Without being moved by a limit, which depends on how quick this machine is."""
    put_off = {"put_off_by_limit"}
    renamed = {"moved_by_limit": "planned"}
    return [renamed.get(entry.code, entry.code) for entry in entries if entry.code not in put_off]


def _all_done_or_paused(team: Team, post: Post) -> bool:
    def stands_still(activity: Activity) -> bool:
        return activity.settled or activity.paused_by is not None

    return all(stands_still(activity) for activity in team.activities(post))
