"""An activity's id is a function of its intent, the same in every version."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from chorus.ids import Intents, activity_id
from chorus.vocabulary import Kind, SubjectKind


def test_the_id_of_an_intent_stays_what_it_was() -> None:
    """INVARIANT: one intent is one id, for ever; another version must not make a second row."""
    made = activity_id(subject=UUID(int=1), account_id=UUID(int=2), kind=Kind.LIKE)
    assert made == UUID("6cae4d0d-a139-5f93-abfe-dc6de9fc29db")


@given(st.uuids(), st.uuids(), st.sampled_from(list(Kind)))
def test_many_at_once_are_those_of_each(post: UUID, account: UUID, kind: Kind) -> None:
    """INVARIANT: whoever makes the id, it is the same, and a UUIDv5."""
    intents = Intents(subject=post, kind=kind)
    made = [intents.of(account), intents.of(account)]
    assert made == [activity_id(subject=post, account_id=account, kind=kind)] * 2
    assert (made[0].version, made[0].variant) == (5, "specified in RFC 4122")


@given(st.uuids(), st.uuids(), st.sampled_from(list(Kind)))
def test_another_kind_of_subject_is_another_intent(
    subject: UUID, account: UUID, kind: Kind
) -> None:
    """INVARIANT: a person and a post are never one, whatever they are called."""
    made = {
        activity_id(subject=subject, account_id=account, kind=kind, subject_kind=each)
        for each in SubjectKind
    }
    assert len(made) == len(SubjectKind)
    assert activity_id(subject=subject, account_id=account, kind=kind) in made
