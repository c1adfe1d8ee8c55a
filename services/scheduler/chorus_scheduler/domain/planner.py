"""The planner (A1, P3): a post, its members and a policy become planned activities or skips with a
reason.

Pure and repeatable: the same seed and the same `now` give the same plan, so the preview is the
plan. Chance comes from a hash of (seed, account, kind), so one member's slot does not depend on who
else takes part.
"""

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chorus.documents import KindPolicy, RepostPolicy
from chorus.ids import Intents
from chorus.vocabulary import Kind, State
from chorus_scheduler.domain.chance import Chance
from chorus_scheduler.domain.decisions import Decision, LimitUse
from chorus_scheduler.domain.hours import ActiveHours
from chorus_scheduler.domain.instants import SECOND, Micros
from chorus_scheduler.domain.limits import Rule
from chorus_scheduler.domain.placement import Taken, first_allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A pod member as the planner sees it."""

    member_id: UUID
    account_id: UUID
    provider_account_id: str
    name: str
    active: bool
    connected: bool
    kinds: frozenset[Kind]
    """What the member wants to take part in."""
    consented: frozenset[Kind]
    texts: tuple[str, ...] = ()
    """The member's own phrases, for comments and for what a repost says."""
    cartridge_id: UUID | None = None
    hours: ActiveHours | None = None
    rules: Mapping[Kind, Rule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The post that is to be amplified."""

    post_id: UUID
    author_account_id: UUID | None
    base: Mapping[Kind, Micros]
    """The instant from which each kind's window is counted: publication, or the trigger for
    reposts.
    """
    texts: tuple[str, ...] = ()
    """What may be said about it when a member has no phrases of their own."""
    said: frozenset[str] = frozenset()
    """What is planned to be said already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One activity to be."""

    id: UUID
    member: Member
    kind: Kind
    state: State
    at: Micros
    text: str | None
    decision: Decision

    def place(self) -> tuple[Micros, UUID]:
        """What plans are sorted by."""
        return (self.at, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A member who does not take part, and why."""

    member: Member
    kind: Kind
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the planner decided; both lists are in the order of the instants."""

    planned: tuple[Planned, ...]
    skipped: tuple[Skipped, ...]


def plan_kind(
    *,
    kind: Kind,
    subject: Subject,
    members: Sequence[Member],
    policy: KindPolicy,
    post_rule: Rule | None,
    taken: Taken,
    seed: int,
    now: Micros,
) -> Plan:
    """Plan one kind for one post.

    Every member ends as planned or as skipped with a reason; `taken` grows.
    """
    willing, skipped = _ask(members, kind, subject, policy, seed)
    texts = TextDraw(kind=kind, seed=seed, subject=subject, policy=policy)
    delays = _Delays(policy=policy, total=len(willing), luck=Chance(seed, "delay", kind))
    speaks = kind is not Kind.LIKE
    intents = Intents(post_id=subject.post_id, kind=kind)
    base = subject.base[kind]
    state = State.SCHEDULED if policy.approval == "auto" else State.AWAITING_APPROVAL
    planned: list[Planned] = []
    for index, member in enumerate(willing):
        text = texts.draw(member) if speaks else None
        if kind is Kind.COMMENT and text is None:
            skipped.append(Skipped(member=member, kind=kind, decision=_NO_TEXT))
            continue
        desired = max(now, base + delays.of(index, member))
        slot, decision = _place(desired, member, kind, post_rule, taken)
        planned.append(
            Planned(
                id=intents.of(member.account_id),
                member=member,
                kind=kind,
                state=state,
                at=slot,
                text=text,
                decision=decision,
            )
        )
    planned.sort(key=Planned.place)
    return Plan(planned=tuple(planned), skipped=tuple(skipped))


def _ask(
    members: Sequence[Member], kind: Kind, subject: Subject, policy: KindPolicy, seed: int
) -> tuple[list[Member], list[Skipped]]:
    """Who takes part, in the order that chance gives, and who does not."""
    willing: list[Member] = []
    skipped: list[Skipped] = []
    for member in members:
        refusal = refuse(member, kind, subject, policy)
        if refusal is None:
            willing.append(member)
        else:
            skipped.append(Skipped(member=member, kind=kind, decision=refusal))
    order = Chance(seed, "order", kind)
    willing.sort(key=lambda member: order.of(member.account_id))
    return willing, skipped


def refuse(member: Member, kind: Kind, subject: Subject, policy: KindPolicy) -> Decision | None:
    """Why this member does not take part at all, or None."""
    code = _objection(member, kind, subject, policy)
    if code is None:
        return None
    return Decision(code=code, sentence=_OBJECTIONS[code].format(name=member.name, kind=kind))


def _objection(member: Member, kind: Kind, subject: Subject, policy: KindPolicy) -> str | None:
    """The first reason there is: a key of `_OBJECTIONS`."""
    code: str | None = None
    if not policy.enabled:
        code = "kind_disabled"
    elif member.account_id == subject.author_account_id:
        code = "own_post"
    elif not member.active:
        code = "member_inactive"
    elif kind not in member.kinds:
        code = "member_opted_out"
    elif not member.connected:
        code = "account_not_connected"
    elif kind not in member.consented:
        code = "no_consent"
    return code


_OBJECTIONS = {
    "kind_disabled": "The pod's policy does not plan any {kind}.",
    "own_post": "{name} wrote the post and does not act on it.",
    "member_inactive": "{name} is not active in the pod.",
    "member_opted_out": "{name} does not take part in a {kind}.",
    "account_not_connected": ("{name}'s account is not connected; its owner must sign in again."),
    "no_consent": "{name} has not agreed to a {kind} by this account.",
}

_NO_TEXT = Decision(
    code="no_comment_text",
    sentence=(
        "There is no text left to say that nobody else says: "
        "add phrases to the member or texts to the pod."
    ),
)


class TextDraw:
    """Draws texts; on one post never the same text twice.

    A comment: the member's own phrases first, then what the post and the pod offer. A repost: by
    the policy's chance one of the member's own phrases (P5), where the owner also agreed to
    comments; without one left it is an instant repost.
    """

    def __init__(self, *, kind: Kind, seed: int, subject: Subject, policy: KindPolicy) -> None:
        self._kind = kind
        self._luck = Chance(seed, "text", kind)
        self._speaks = Chance(seed, "speaks", kind)
        self._share = policy.comment_share if isinstance(policy, RepostPolicy) else 0.0
        self._shared = subject.texts
        self._said = set(subject.said)

    def draw(self, member: Member) -> str | None:
        """A text nobody on this post has, or None."""
        for pool in self._pools(member):
            free = [text for text in pool if text.strip() and text not in self._said]
            if free:
                text = free[int(self._luck.of(member.account_id) * len(free))]
                self._said.add(text)
                return text
        return None

    def _pools(self, member: Member) -> tuple[tuple[str, ...], ...]:
        if self._kind is Kind.COMMENT:
            return (member.texts, self._shared)
        agreed = self._kind is Kind.REPOST and Kind.COMMENT in member.consented
        if agreed and self._speaks.of(member.account_id) < self._share:
            return (member.texts,)
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delays:
    """When, after the base, the policy would like each member to act."""

    policy: KindPolicy
    total: int
    luck: Chance

    def of(self, index: int, member: Member) -> Micros:
        """The delay of the member at this place in the order."""
        opens, closes = self.policy.from_seconds, self.policy.to_seconds
        luck = self.luck.of(member.account_id)
        if self.policy.spread == "uniform":
            return int((opens + luck * (closes - opens)) * SECOND)
        even = opens + (closes - opens) * (index + 0.5) / self.total
        moved = even * (1 + self.policy.jitter * (2 * luck - 1))
        return int(min(max(moved, opens), closes) * SECOND)


def _place(
    desired: Micros, member: Member, kind: Kind, post_rule: Rule | None, taken: Taken
) -> tuple[Micros, Decision]:
    """Move `desired` to the first instant that hours and limits allow, and book it."""
    own = member.rules.get(kind)
    rules = [rule for rule in (own, post_rule) if rule is not None]
    slot, forced = first_allowed(desired, rules, member.hours, taken)
    for rule in rules:
        booked = taken.get(rule.scope)
        if booked is None:
            taken[rule.scope] = [slot]
        else:
            insort(booked, slot)
    if forced is None:
        sentence = f"{member.name} acts at the time that the pod's policy drew."
        return slot, Decision(code="planned", sentence=sentence, next_possible_at=slot)
    if isinstance(forced, LimitUse):
        sentence = (
            f"{member.name} acts later than drawn: {forced.name} allows {forced.value}, "
            f"{forced.used} are taken."
        )
        return slot, Decision(
            code="moved_by_limit", sentence=sentence, limit=forced, next_possible_at=slot
        )
    sentence = f"{member.name} acts later than drawn, in the member's own active hours."
    return slot, Decision(code="moved_to_active_hours", sentence=sentence, next_possible_at=slot)
