"""A tenant of its own for a test, made through the doors that everybody uses."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chorus.documents import (
    CommentPolicy,
    KindPolicy,
    PodPolicy,
    RepostPolicy,
    VoiceCartridge,
)
from chorus_lab.client import Activity, Effect, GatewayClient, Joining, Post, SandboxClient
from chorus_lab.stack import NewTenant, Stack, create_tenant

KINDS = ("like", "comment", "repost", "publish")
OPENING = "As we say at home:"
TEXTS = tuple(f"Thought number {number} about this." for number in range(1, 13))


def policy(**changes: Any) -> PodPolicy:
    """Everything within seconds, unless a test says otherwise."""
    soon = {
        "like": KindPolicy(from_seconds=0.5, to_seconds=2.5, jitter=0.1),
        "comment": CommentPolicy(from_seconds=1, to_seconds=3, jitter=0.1, approval="auto"),
        "repost": RepostPolicy(from_seconds=0.5, to_seconds=2.5, spread="uniform"),
        "comment_texts": TEXTS,
    }
    return PodPolicy.model_validate(soon | changes)


def by_browser(**changes: Any) -> PodPolicy:
    """Reposts in a browser, some of them with a phrase; nothing else by itself."""
    soon = RepostPolicy(from_seconds=0.5, to_seconds=3, spread="uniform", comment_share=0.5)
    return policy(**{"repost": soon, "repost_via": "browser", "on_publish": ()} | changes)


def later() -> PodPolicy:
    """Nothing happens while a test looks."""
    return policy(
        like=KindPolicy(from_seconds=300, to_seconds=900, jitter=0.1),
        comment=CommentPolicy(from_seconds=300, to_seconds=900, jitter=0.1, approval="auto"),
        repost=RepostPolicy(from_seconds=300, to_seconds=900, spread="uniform"),
    )


@dataclass(slots=True, kw_only=True)
class Team:
    """The first account is the author's."""

    stack: Stack
    gateway: GatewayClient
    sandbox: SandboxClient
    accounts: dict[UUID, str] = field(default_factory=dict)
    """Our id of an account → the provider's."""
    people: list[GatewayClient] = field(default_factory=list)
    """Each account's person, at the API."""
    pod: UUID | None = None

    @property
    def author(self) -> UUID:
        return next(iter(self.accounts))

    @property
    def others(self) -> list[UUID]:
        return list(self.accounts)[1:]

    def close(self) -> None:
        for person in self.people:
            person.close()
        self.gateway.close()
        self.sandbox.close()

    def change_policy(self, wanted: PodPolicy) -> None:
        """From the next plan on."""
        body = {"policy": wanted.model_dump(mode="json")}
        assert self.gateway.request("PATCH", f"/pods/{self.pod}", json=body).is_success

    def live_post(self, *, amplify: bool) -> Post:
        """A post that the author wrote on the network without us, registered by its address."""
        seeded = self.sandbox.add_post(self.accounts[self.author], "Written by hand")
        return self.gateway.register(
            seeded["share_url"], pod=self.pod, account_id=self.author, amplify=amplify
        )

    def activities(self, post: Post, **filters: Any) -> list[Activity]:
        return self.gateway.activities(post_id=post.id, **filters)

    def effects(self) -> list[Effect]:
        """What this team's accounts truly did."""
        mine = set(self.accounts.values())
        return [effect for effect in self.sandbox.truth() if effect.account_id in mine]

    def until(self, condition: Callable[[], bool], *, within_s: float, what: str) -> None:
        """`within_s` is for a machine with little else to do; a busy one has four times as long."""
        self.stack.wait_until(condition, within_s=4 * within_s, what=what)

    def until_settled(self, post: Post, count: int, *, within_s: float) -> list[Activity]:
        """All activities of a post, once so many are there and none is open any more."""

        def settled() -> bool:
            found = self.activities(post)
            return len(found) >= count and all(activity.settled for activity in found)

        self.until(settled, within_s=within_s, what=f"{count} activities are settled")
        return self.activities(post)

    def as_acts(self, activities: Sequence[Activity]) -> list[tuple[str, str]]:
        """(account at the provider, kind), sorted, to be compared with the truth."""
        return sorted((self.accounts[a.account_id], str(a.kind)) for a in activities)


def acts(effects: Sequence[Effect]) -> list[tuple[str, str]]:
    """The same of what truly happened; a double stands here twice."""
    return sorted((effect.account_id, str(effect.kind)) for effect in effects)


def make_team(stack: Stack, *, members: int, phrases: int = 0) -> Team:
    """A tenant, signed in, with that many accounts that agreed to everything, all in one pod.

    `phrases`: how many each member has; nobody has another one's.
    """
    team = empty_team(stack)
    voice = team.gateway.make_cartridge(
        "Home", VoiceCartridge(openings=(OPENING,), opening_frequency=1.0)
    )
    team.pod = team.gateway.make_pod("Pod", policy(), cartridge=voice)
    prefix = f"acc_{secrets.token_hex(4)}"
    joining = Joining(url=stack.urls["gateway"], admin=team.gateway, sandbox=team.sandbox)
    for number in range(1, members + 1):
        provider_id = f"{prefix}-{number}"
        team.sandbox.add_person(provider_id, account_id=provider_id)
        joined = joining.join(provider_id, person=provider_id, kinds=KINDS)
        member = team.gateway.add_member(team.pod, joined.account)
        if phrases:
            own = [f"Word {number} of {provider_id}." for number in range(phrases)]
            joined.gateway.choose_phrases(member, own)
        team.accounts[joined.account] = provider_id
        team.people.append(joined.gateway)
    return team


def empty_team(stack: Stack) -> Team:
    """A tenant whose owner has signed in, and nothing else."""
    email, password = f"{secrets.token_hex(6)}@example.test", secrets.token_urlsafe(16)
    create_tenant(stack, NewTenant(name="Team", email=email, password=password))
    team = Team(
        stack=stack,
        gateway=GatewayClient(stack.urls["gateway"]),
        sandbox=SandboxClient(stack.urls["sandbox"]),
    )
    team.gateway.sign_in(email, password)
    return team
