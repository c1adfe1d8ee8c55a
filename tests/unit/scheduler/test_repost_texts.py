"""What reposts say (P5): drawn when planned, out of the member's own phrases alone."""

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from chorus.documents import PodPolicy, RepostPolicy
from chorus.vocabulary import Kind, State
from chorus_scheduler.domain.instants import SECOND
from chorus_scheduler.domain.planner import Member, Plan, Subject, plan_kind

POST = UUID(int=1)
NOW = 1_800_000_000 * SECOND
ALL = frozenset({Kind.LIKE, Kind.COMMENT, Kind.REPOST})
PHRASES = st.lists(st.sampled_from(["Well said.", "So true.", "Agreed!", " "]), max_size=4)


def _member(number: int, texts: tuple[str, ...], consented: frozenset[Kind] = ALL) -> Member:
    return Member(
        member_id=UUID(int=500 + number),
        account_id=UUID(int=100 + number),
        provider_account_id=f"p{number}",
        name=f"Member {number}",
        active=True,
        connected=True,
        kinds=ALL,
        consented=consented,
        texts=texts,
    )


def _plan(
    people: list[Member], *, share: float, seed: int = 7, said: frozenset[str] = frozenset()
) -> Plan:
    policy = RepostPolicy(
        from_seconds=120, to_seconds=900, spread="uniform", comment_share=share, approval="auto"
    )
    subject = Subject(
        post_id=POST,
        author_account_id=None,
        base={Kind.REPOST: NOW},
        texts=("of the pod",),
        said=said,
    )
    return plan_kind(
        kind=Kind.REPOST,
        subject=subject,
        members=people,
        policy=policy,
        post_rule=None,
        taken={},
        seed=seed,
        now=NOW,
    )


@settings(deadline=None)
@given(st.lists(PHRASES, max_size=10), st.floats(0, 1), st.integers(0, 2**31))
def test_a_repost_says_only_what_is_the_members_own(
    phrases: list[list[str]], share: float, seed: int
) -> None:
    """INVARIANT (P5): own phrases alone, never the same twice on a post, the same by the seed."""
    people = [_member(number, tuple(texts)) for number, texts in enumerate(phrases)]
    said = frozenset({"So true."})
    plan = _plan(people, share=share, seed=seed, said=said)
    assert len(plan.planned) == len(people), "a repost without a text is instant, not skipped"
    texts = [entry.text for entry in plan.planned if entry.text is not None]
    assert len(set(texts)) == len(texts)
    assert not said & set(texts)
    of = {member.account_id: member for member in people}
    for entry in plan.planned:
        assert entry.text is None or entry.text in of[entry.by.account_id].texts
        assert entry.state is State.SCHEDULED
    assert plan == _plan(people, share=share, seed=seed, said=said)


def test_three_in_ten_say_something() -> None:
    """P5: with probability 0.3 by default; 0 turns it off, 1 lets everybody speak."""
    people = [_member(number, (f"Phrase {number}",)) for number in range(2000)]
    assert PodPolicy().repost.comment_share == 0.3
    speaking = [entry for entry in _plan(people, share=0.3).planned if entry.text]
    assert 0.26 < len(speaking) / len(people) < 0.34
    assert not [entry for entry in _plan(people, share=0).planned if entry.text]
    assert all(entry.text for entry in _plan(people, share=1).planned)


def test_another_share_moves_nobody() -> None:
    """Chance by purpose: who reposts when does not depend on who says something."""
    people = [_member(number, (f"Phrase {number}",)) for number in range(20)]
    silent, talkative = _plan(people, share=0), _plan(people, share=1)
    assert [(e.id, e.at) for e in silent.planned] == [(e.id, e.at) for e in talkative.planned]


def test_without_consent_to_comments_a_repost_is_silent() -> None:
    """INVARIANT (invariant 4): who agreed to reposts alone says nothing."""
    member = _member(1, ("Well said.",), frozenset({Kind.REPOST}))
    (entry,) = _plan([member], share=1).planned
    assert entry.text is None
