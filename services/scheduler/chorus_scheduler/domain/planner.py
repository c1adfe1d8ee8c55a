"""The planner (A1, P3): a post, its members and a policy become planned activities or skips with a
reason.

Pure and repeatable: the same seed and the same `now` give the same plan, so the preview is the
plan. Chance comes from a hash of (seed, account, kind), so one member's slot does not depend on who
else takes part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from chorus.documents import KindPolicy, RepostPolicy
from chorus.ids import Intents
from chorus.texts import fault
from chorus.vocabulary import ApprovalMode, Kind, State
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.approval_modes import OF_POLICY, Modes, who_does_it
from chorus_scheduler.domain.decisions import Decision, LimitUse
from chorus_scheduler.domain.hours import ActiveHours
from chorus_scheduler.domain.instants import SECOND, Micros
from chorus_scheduler.domain.limits import Rule
from chorus_scheduler.domain.placement import (
    Booked,
    NoPlace,
    Placement,
    Taken,
    pace_rule,
    patience,
    place,
)
from chorus_scheduler.domain.seeded_random import SeededRandom
from chorus_scheduler.domain.wording import Voice, Voices, Words

_SILENT = Voices()
_BEGINS = {ApprovalMode.AUTO: State.SCHEDULED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Performer:
    """Whose account does it: by itself, unless it is a `Member`'s."""

    account_id: UUID
    provider_account_id: str
    name: str
    member_id: UUID | None = None
    cartridge_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Performer):
    """A pod member as the planner sees it."""

    member_id: UUID
    active: bool
    connected: bool
    kinds: frozenset[Kind]
    """What the member wants to take part in."""
    consented: frozenset[Kind]
    texts: tuple[str, ...] = ()
    """The member's own phrases, for comments and for what a repost says."""
    hours: ActiveHours | None = None
    wrote: bool = False
    """Whether the network names this member as the author."""
    rules: Mapping[Kind, Rule] = field(default_factory=dict)
    modes: Modes = field(default_factory=dict)
    """What the account's owner wants of each kind."""


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
    by: Performer
    kind: Kind
    state: State
    at: Micros
    text: str | None
    decision: Decision
    voice: Voice = "none"
    source_text: str | None = None
    """What the text was before the voice was laid over it."""
    suggested: bool = False
    """Its person does it by hand, and Chorus never."""
    wished: Micros | None = None
    """What was drawn, where an absence moved it."""

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
    voices: Voices = _SILENT,
) -> Plan:
    """Plan one kind for one post: everybody planned, or skipped with a reason; `taken` grows."""
    willing, skipped = _ask(members, kind, subject, policy, seed)
    luck = SeededRandom(seed, "delay", kind)
    texts = TextDraw(kind=kind, seed=seed, subject=subject, policy=policy)
    pace = _pace(subject.post_id, kind, policy, len(willing))
    placing = _Placing(kind=kind, rule=post_rule, pace=pace, policy=policy, taken=Booked(taken))
    intents = Intents(subject=subject.post_id, kind=kind)
    asks = OF_POLICY[policy.approval]
    planned: list[Planned] = []
    for desired, member in _wishes(willing, policy, subject.base[kind], luck, now):
        text = texts.draw(member) if kind is not Kind.LIKE else None
        if kind is Kind.COMMENT and text is None:
            skipped.append(Skipped(member=member, kind=kind, decision=texts.refusal(member)))
            continue
        found = placing.place(desired, member)
        if isinstance(found, NoPlace):
            texts.give_back(text)
            skipped.append(Skipped(member=member, kind=kind, decision=found.decision))
            continue
        id_ = intents.of(member.account_id)
        words = texts.speak(voices, text, member, id_)
        mode, decision = who_does_it(asks, member.modes.get(kind), _explain(found, member.name))
        planned.append(
            Planned(
                id=id_,
                by=member,
                kind=kind,
                state=_BEGINS.get(mode, State.AWAITING_APPROVAL),
                at=found.at,
                text=words.text,
                decision=decision,
                voice=words.voice,
                source_text=words.source,
                suggested=mode is ApprovalMode.SUGGEST,
                wished=desired if found.absent else None,
            )
        )
    return Plan(planned=tuple(sorted(planned, key=Planned.place)), skipped=tuple(skipped))


def _wishes(
    willing: Sequence[Member], policy: KindPolicy, base: Micros, luck: SeededRandom, now: Micros
) -> list[tuple[Micros, Member]]:
    """When each would like to act, in that order.

    Where the first would be late all are later by as much: they keep their order and distances.
    """
    delays = _Delays(policy=policy, total=len(willing), luck=luck)
    wishes = [(base + delays.of(index, member), member) for index, member in enumerate(willing)]
    wishes.sort(key=_instant)
    late = max(0, now - wishes[0][0]) if wishes else 0
    return [(desired + late, member) for desired, member in wishes] if late else wishes


def _instant(wish: tuple[Micros, Member]) -> Micros:
    return wish[0]


def _pace(post_id: UUID, kind: Kind, policy: KindPolicy, total: int) -> Rule:
    spread = int((policy.to_seconds - policy.from_seconds) * SECOND)
    return pace_rule(f"post:{post_id}:{kind}", spread=spread, total=total)


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
    order = SeededRandom(seed, "order", kind)
    willing.sort(key=lambda member: order.of(member.account_id))
    return willing, skipped


def refuse(member: Member, kind: Kind, subject: Subject, policy: KindPolicy) -> Decision | None:
    """Why this member does not take part at all, or None."""
    code = _objection(member, kind, subject, policy)
    if code is None:
        return None
    return _OBJECTIONS[code](name=member.name, kind=kind)


def _objection(member: Member, kind: Kind, subject: Subject, policy: KindPolicy) -> str | None:
    """The first reason there is: a key of `_OBJECTIONS`."""
    code: str | None = None
    if not policy.enabled:
        code = "kind_disabled"
    elif member.wrote or member.account_id == subject.author_account_id:
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
    each.code: each
    for each in (
        reasons.POLICY_WITHOUT_KIND,
        reasons.OWN_POST,
        reasons.MEMBER_NOT_ACTIVE,
        reasons.MEMBER_OPTED_OUT,
        reasons.MEMBER_NOT_CONNECTED,
        reasons.MEMBER_WITHOUT_CONSENT,
    )
}

_fault = lru_cache(maxsize=4096)(fault)
"""Thousands of members share a few texts."""


class TextDraw:
    """Draws texts; on one post never the same text twice.

    A comment: the member's own phrases first, then what the post and the pod offer. A repost: by
    the policy's chance one of the member's own phrases (P5), where the owner also agreed to
    comments; without one left it is an instant repost.
    """

    def __init__(self, *, kind: Kind, seed: int, subject: Subject, policy: KindPolicy) -> None:
        self._kind = kind
        self._luck = SeededRandom(seed, "text", kind)
        self._speaks = SeededRandom(seed, "speaks", kind)
        self._share = policy.comment_share if isinstance(policy, RepostPolicy) else 0.0
        self._fault = next((found for text in subject.texts if (found := _fault(text))), None)
        self._shared = [text for text in dict.fromkeys(subject.texts) if not _fault(text)]
        self._offered = frozenset(self._shared)
        self._said = set(subject.said)

    def draw(self, member: Member) -> str | None:
        """A text nobody on this post has, or None."""
        if not self._may_speak(member):
            return None
        free = [text for text in member.texts if text not in self._said and not _fault(text)]
        if free:
            text = free[self._index(member, len(free))]
        elif self._kind is Kind.COMMENT:
            text = self._draw_shared(member)
        else:
            return None
        if text:
            self._said.add(text)
        return text or None

    def refusal(self, member: Member) -> Decision:
        """Why there is nothing that this member could say."""
        found = next((found for text in member.texts if (found := _fault(text))), self._fault)
        if found is None:
            return reasons.NO_COMMENT_TEXT()
        return reasons.TEXT_UNFIT(name=member.name, fault=found)

    def speak(self, voices: Voices, text: str | None, member: Member, activity_id: UUID) -> Words:
        """The text in the member's voice; in the own words where somebody else says just that."""
        cartridge = member.cartridge_id
        words = voices.say(text, kind=self._kind, cartridge_id=cartridge, activity_id=activity_id)
        if words.text is None or words.text == text:
            return words
        if words.text in self._said:
            return Words(text=text, voice="fallback", source=text)
        self._said.add(words.text)
        return words

    def give_back(self, text: str | None) -> None:
        """Nobody says it after all."""
        if text is not None:
            self._said.discard(text)
            if text in self._offered:
                self._shared.append(text)

    def _draw_shared(self, member: Member) -> str:
        """One of what is left: what is said meanwhile leaves it, so thousands cost no more."""
        while self._shared:
            text = self._shared.pop(self._index(member, len(self._shared)))
            if text not in self._said:
                return text
        return ""

    def _index(self, member: Member, length: int) -> int:
        return int(self._luck.of(member.account_id) * length)

    def _may_speak(self, member: Member) -> bool:
        if self._kind is Kind.COMMENT:
            return True
        agreed = self._kind is Kind.REPOST and Kind.COMMENT in member.consented
        return agreed and self._speaks.of(member.account_id) < self._share


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delays:
    """When, after the base, the policy would like each member to act."""

    policy: KindPolicy
    total: int
    luck: SeededRandom

    def of(self, index: int, member: Member) -> Micros:
        """The delay of the member at this place in the order.

        What jitter moves out of the window comes back from its end, as from a mirror: held at the
        end, all of them would act at that one instant.
        """
        opens, closes = self.policy.from_seconds, self.policy.to_seconds
        luck = self.luck.of(member.account_id)
        if self.policy.spread == "uniform":
            return int((opens + luck * (closes - opens)) * SECOND)
        even = opens + (closes - opens) * (index + 0.5) / self.total
        moved = even * (1 + self.policy.jitter * (2 * luck - 1))
        moved = 2 * opens - moved if moved < opens else moved
        moved = 2 * closes - moved if moved > closes else moved
        return int(min(max(moved, opens), closes) * SECOND)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placing:
    """Places and books the members of one plan."""

    kind: Kind
    rule: Rule | None
    pace: Rule
    policy: KindPolicy
    taken: Booked

    def place(self, desired: Micros, member: Member) -> Placement | NoPlace:
        """The first instant that presence, hours and limits allow."""
        rules = [rule for rule in (member.rules.get(self.kind), self.rule) if rule is not None]
        return place(
            desired,
            rules=rules,
            hours=member.hours,
            taken=self.taken,
            pace=self.pace,
            patience=patience(self.policy.to_seconds),
        )


def _explain(found: Placement, name: str) -> Decision:
    moved_by = found.moved_by
    if found.absent:
        return reasons.MOVED_BY_ABSENCE(name=name, next_possible_at=found.at)
    if isinstance(moved_by, LimitUse):
        return reasons.MOVED_BY_LIMIT(
            name=name,
            limit_name=moved_by.name,
            value=moved_by.value,
            used=moved_by.used,
            limit=moved_by,
            next_possible_at=found.at,
        )
    why = reasons.PLANNED if moved_by is None else reasons.MOVED_TO_HOURS
    return why(name=name, next_possible_at=found.at)
