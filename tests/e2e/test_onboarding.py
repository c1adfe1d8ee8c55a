"""A member's whole way, as a browser without a script goes it: in, amplifying, and out (I4, B1)."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit
from uuid import UUID

import httpx
import pytest

from tests.e2e.team import Team, acts, later, policy

_FORM = re.compile(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_ONWARD = re.compile(r'id=go [^>]*href="([^"]+)"')
_LIKE = "like"


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """A browser: it keeps cookies, and goes where it is led."""
    with httpx.Client(follow_redirects=True, timeout=15, trust_env=False) as client:
        yield client


def _send(http: httpx.Client, shown: httpx.Response, action: str, **said: str) -> httpx.Response:
    """Fill in the form of this address on the page that is shown, and send it."""
    bodies = {unescape(where): body for where, body in _FORM.findall(shown.text)}
    assert action in bodies, unescape(shown.text)
    hidden = {name: unescape(value) for name, value in _HIDDEN.findall(bodies[action])}
    answer = http.post(urljoin(str(shown.url), action), data=hidden | said)
    assert answer.is_success, unescape(answer.text)
    return answer


def _connected(
    team: Team, http: httpx.Client, shown: httpx.Response, person: str
) -> httpx.Response:
    """They sign in at the provider's page, which calls us and leads back, and say: it is mine."""
    ours = _send(http, shown, "/me/connect")
    onward = _ONWARD.search(ours.text)
    assert onward is not None
    http.post(unescape(onward[1]), data={"person": person})
    seen: list[httpx.Response] = []

    def asked() -> bool:
        seen.append(http.get(urljoin(str(ours.url), "/me/connect")))
        return "Is this your account?" in seen[-1].text

    team.until(asked, within_s=20, what="the provider has told of the account")
    return _send(http, seen[-1], "/me/connect/confirm")


def test_a_member_joins_is_heard_and_leaves(team: Team, http: httpx.Client) -> None:
    """INVARIANT (4, 6): invited, connected, agreed: amplified; withdrawn: nothing more is done."""
    team.change_policy(policy(on_publish=[_LIKE]))
    person = f"{team.accounts[team.author]}-guest"
    team.sandbox.add_person(person, account_id=person)
    made = team.gateway.post(
        "/invitations", {"email": "guest@example.test", "pod_id": str(team.pod)}
    )
    assert made["sent"] is False
    shown = http.get(made["url"])
    path = urlsplit(made["url"]).path
    shown = _send(http, shown, path, email="guest@example.test", name="A guest")
    shown = _connected(team, http, shown, person)
    shown = _send(http, shown, "/me/hours", any="yes", zone="UTC")
    shown = _send(http, http.get(urljoin(str(shown.url), "/me/agree")), "/me/agree", kinds=_LIKE)
    account = _account(team, person)
    team.accounts[account] = person

    post = team.live_post(amplify=True)
    activities = team.until_settled(post, 5, within_s=40)
    assert (person, _LIKE) in acts(team.effects())
    assert acts(team.effects()) == team.as_acts(activities)

    team.change_policy(later())
    second = team.live_post(amplify=False)
    team.gateway.trigger(second.id, kinds=[_LIKE])
    (planned,) = [one for one in team.activities(second) if one.account_id == account]
    assert planned.state == "scheduled"
    shown = http.get(urljoin(str(shown.url), "/me"))
    assert "Planned: 1" in shown.text
    shown = _send(http, shown, "/me/withdraw", kind="all")
    assert "in force now" in shown.text
    (called_off,) = [one for one in team.activities(second) if one.account_id == account]
    assert (called_off.state, "consent" in called_off.reason_code) == ("cancelled", True)
    third = team.live_post(amplify=False)
    plan = team.gateway.trigger(third.id, kinds=[_LIKE])
    assert account not in {one.account_id for one in plan.activities}
    assert acts(team.effects()).count((person, _LIKE)) == 1


def _account(team: Team, person: str) -> UUID:
    found = team.gateway.get("/accounts", limit=200)["items"]
    (account,) = [one for one in found if one["provider_account_id"] == person]
    return UUID(account["id"])
