"""Reposts through the whole system: in a browser, over the API, and stopped by a challenge."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from chorus_lab.client import Activity, Amplification, Post
from chorus_lab.stack import Stack
from tests.e2e.team import Team, acts, by_browser, empty_team, make_team, policy

_JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A preview, the plan, and what became of it, in browsers."""

    team: Team
    post: Post
    preview: Amplification
    plan: Amplification
    activities: list[Activity]


@pytest.fixture(scope="module")
def story(stack: Stack) -> Iterator[Story]:
    """Told once; the tests only read it."""
    team = make_team(stack, members=6, phrases=2)
    team.change_policy(by_browser())
    post = team.live_post(amplify=False)
    preview = team.gateway.trigger(post.id, dry_run=True)
    plan = team.gateway.trigger(post.id, seed=preview.seed)
    activities = team.until_settled(post, 5, within_s=60)
    yield Story(team=team, post=post, preview=preview, plan=plan, activities=activities)
    team.close()


@pytest.fixture
def browsing(stack: Stack) -> Iterator[Team]:
    """A tenant with an author and two others, who repost in a browser."""
    team = make_team(stack, members=3, phrases=1)
    team.change_policy(by_browser())
    yield team
    team.close()
    stack.check()


def visits(team: Team) -> dict[str, dict[str, int]]:
    """What LinkedIn's site counted for this team's accounts."""
    counted: dict[str, dict[str, int]] = team.sandbox.get("/linkedin")["accounts"]
    return {account: counted.get(account, {}) for account in team.accounts.values()}


def shown(team: Team, activity: Activity) -> dict[str, Any]:
    found: dict[str, Any] = team.gateway.get(f"/activities/{activity.id}")
    return found


def test_what_was_previewed_is_what_was_reposted(story: Story) -> None:
    """INVARIANT: each member's repost stands there once, with the text that the preview showed (P3,
    P5, E5).
    """
    assert [one.id for one in story.plan.activities] == [one.id for one in story.preview.activities]
    assert {activity.state for activity in story.activities} == {"executed"}
    assert acts(story.team.effects()) == story.team.as_acts(story.activities)
    previewed = {one.id: one.text for one in story.preview.activities}
    assert {one.id: one.draft_text for one in story.activities} == previewed
    said = {effect.account_id: effect.text or None for effect in story.team.effects()}
    assert said == {
        story.team.accounts[one.account_id]: previewed[one.id] for one in story.activities
    }


def test_a_repost_in_a_browser_comes_with_its_address_and_evidence(story: Story) -> None:
    """P5: the browser's lane, a session for each repost, the repost's own address, proof of it."""
    for activity in story.activities:
        found = shown(story.team, activity)
        assert found["lane"] == "browser"
        assert "/feed/update/urn:li:" in (activity.result_url or "")
        assert (activity.result_url or "").rstrip("/") != (story.post.url or "").rstrip("/")
        assert found["result"]["answer"].startswith("evidence: ")
    assert len({activity.result_url for activity in story.activities}) == len(story.activities)
    author = story.team.accounts[story.team.author]
    sessions = {
        account: counts.get("sessions", 0) for account, counts in visits(story.team).items()
    }
    assert sessions.pop(author) == 0
    assert set(sessions.values()) == {1}


def test_the_timeline_of_a_repost_is_whole(story: Story) -> None:
    """A2, P9: planned, taken up, called, done; without a failure there is no picture."""
    for activity in story.activities:
        entries = story.team.gateway.timeline(activity.id)
        assert [entry.code for entry in entries] == [
            "planned",
            "attempt_opened",
            "attempt_called",
            "attempt_executed",
        ]
        assert not any(entry.evidence_url for entry in entries)


def test_a_pod_may_repost_over_the_api_instead(team: Team) -> None:
    """K4: the same ledger and trigger, another lane; no session is asked for."""
    team.change_policy(policy(repost_via="api"))
    post = team.live_post(amplify=False)
    team.gateway.trigger(post.id)
    activities = team.until_settled(post, 4, within_s=30)
    assert {shown(team, activity)["lane"] for activity in activities} == {"api"}
    assert {activity.state for activity in activities} == {"executed"}
    assert acts(team.effects()) == team.as_acts(activities)
    assert not any(counts.get("sessions") for counts in visits(team).values())


def test_a_checkpoint_stops_the_account_until_its_owner_has_acted(
    stack: Stack, browsing: Team
) -> None:
    """INVARIANT: at the first challenge the account stands still, its load moves to nobody, and a
    person is told with a picture (invariant 5, P7, P10).
    """
    team, victim = browsing, browsing.others[0]
    provider_id = team.accounts[victim]
    team.sandbox.add_fault("checkpoint", match={"route": "post_page", "account_id": provider_id})
    post = team.live_post(amplify=False)
    team.gateway.trigger(post.id)

    def mine(kind: str) -> Activity:
        (found,) = [a for a in team.activities(post, kind=kind) if a.account_id == victim]
        return found

    team.until(lambda: mine("repost").state == "failed", within_s=40, what="the challenge is met")
    (pause,) = [p for p in team.gateway.get("/pauses") if p["scope_id"] == str(victim)]
    assert (pause["scope"], pause["code"]) == ("account", "challenge")
    assert mine("repost").needs_person
    assert "security check" in mine("repost").reason
    team.gateway.trigger(post.id, kinds=["like"])
    team.until(lambda: mine("like").reason_code == "parked", within_s=20, what="a like is parked")
    assert str(mine("like").paused_by) == pause["id"]
    team.until(lambda: len(team.effects()) == 2, within_s=40, what="the other goes on")
    assert provider_id not in {effect.account_id for effect in team.effects()}
    _picture_is_for_the_team_alone(stack, team, mine("repost"))

    before = visits(team)[provider_id]
    team.sandbox.post(f"/accounts/{provider_id}/clear-challenge")
    team.gateway.resume(pause["id"])
    team.gateway.retry(mine("repost").id, "The owner has passed the check.")
    team.until_settled(post, 4, within_s=40)
    assert acts(team.effects()) == team.as_acts(team.activities(post))
    assert visits(team)[provider_id]["sessions"] == before["sessions"] + 1


def _picture_is_for_the_team_alone(stack: Stack, team: Team, activity: Activity) -> None:
    (url,) = {e.evidence_url for e in team.gateway.timeline(activity.id)} - {None}
    assert url is not None
    assert team.gateway.picture(url).startswith(_JPEG)
    stranger = empty_team(stack)
    assert stranger.gateway.request("GET", url.removeprefix("/api")).status_code == 404
    stranger.close()
