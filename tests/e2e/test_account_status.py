"""The provider loses a sign-in and calls: nothing more goes out, until it says so again (11.5)."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from chorus.documents import KindPolicy
from tests.e2e.team import Team, acts, policy


@pytest.fixture
def calling(team: Team) -> Iterator[Team]:
    """The provider calls our gateway about the team's accounts, as an operator sets it up."""
    settings = team.stack.environment("gateway")
    answer = httpx.post(
        f"{settings['CHORUS_UNIPILE_URL']}/webhooks",
        headers={"X-API-KEY": settings["CHORUS_UNIPILE_API_KEY"]},
        json={
            "source": "account_status",
            "name": "chorus",
            "request_url": f"{settings['CHORUS_PUBLIC_URL']}/hooks/unipile/account-status",
            "headers": [{"key": "Unipile-Auth", "value": settings["CHORUS_HOOK_SECRET"]}],
            "account_ids": list(team.accounts.values()),
        },
        trust_env=False,
    )
    assert answer.status_code == 201, answer.text
    yield team
    team.sandbox.post("/settings", {"status_calls": "once"})


def test_a_lost_sign_in_stops_what_is_planned_and_people_hear_once(calling: Team) -> None:
    """INVARIANT: never for an account that its person is signed out of; the others go on."""
    team = calling
    team.sandbox.post("/settings", {"status_calls": "twice"})
    soon = KindPolicy(from_seconds=20, to_seconds=24, jitter=0.1)
    team.change_policy(policy(like=soon, on_publish=("like",)))
    post = team.live_post(amplify=True)
    team.until(
        lambda: len(team.activities(post)) == len(team.others), within_s=15, what="it is planned"
    )
    lost, *others = team.others
    team.sandbox.set_account(team.accounts[lost], status="CREDENTIALS")
    team.until(lambda: _status(team, lost) == "needs_login", within_s=2, what="it stands still")
    team.until(
        lambda: acts(team.effects()) == sorted((team.accounts[each], "like") for each in others),
        within_s=60,
        what="the others have liked it",
    )
    told = "account_needs_login"
    team.until(lambda: len(_notices(team, told)) == 1, within_s=15, what="people are told")
    assert "/me" in _notices(team, told)[0]["sentence"]
    (waits,) = [each for each in team.activities(post) if each.account_id == lost]
    assert waits.state == "scheduled"

    team.sandbox.set_account(team.accounts[lost], status="OK")
    team.until(lambda: _status(team, lost) == "connected", within_s=20, what="it is back")
    team.until(
        lambda: len(_notices(team, "account_connected_again")) == 1, within_s=15, what="that, too"
    )
    assert len(_notices(team, told)) == 1


@pytest.mark.parametrize(
    ("words", "in_force"),
    [(("CREDENTIALS", "OK"), "connected"), (("CREDENTIALS", "OK", "STOPPED"), "restricted")],
)
def test_calls_that_come_late_and_in_another_order_change_nothing_for_long(
    calling: Team, words: tuple[str, ...], in_force: str
) -> None:
    """INVARIANT: what the provider says when it is asked is what holds."""
    team = calling
    team.sandbox.post("/settings", {"status_calls": "held"})
    account = team.author
    for word in words:
        team.sandbox.set_account(team.accounts[account], status=word)
    assert team.sandbox.post("/status-calls", {"reverse": True})["calls"] == len(words)
    # Each call is in force before it is answered; the provider's answer may follow at once.
    heard = [_entry(team, account)]

    def settled() -> bool:
        heard.append(_entry(team, account))
        known = heard[-1]["provider_status"]
        return known is None if in_force == "connected" else bool(known and known["confirmed"])

    team.until(settled, within_s=20, what="the provider was asked")
    assert heard[-1]["status"] == in_force


def _entry(team: Team, account: UUID) -> dict[str, Any]:
    return dict(team.gateway.get(f"/accounts/{account}"))


def _status(team: Team, account: UUID) -> str:
    return str(_entry(team, account)["status"])


def _notices(team: Team, code: str) -> list[dict[str, Any]]:
    return [each for each in team.gateway.get("/notifications")["items"] if each["code"] == code]
