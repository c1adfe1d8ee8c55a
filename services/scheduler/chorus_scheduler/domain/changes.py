"""What a person's word makes of one activity."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chorus.vocabulary import State
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.effects import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The activity afterwards. None leaves a fact as it is."""

    state: State
    decision: Decision
    effect: Effect | None = None
    stop: bool | None = None
    """True: somebody says no. False: the no is taken back."""
    approval: Literal["given", "waiting"] | None = None
    approval_expires_at: datetime | None = None
    by_owner: bool = False
    """The yes is that of the account's owner themselves."""
    suggested: bool | None = None
    """True: its person does it by hand, and Chorus never does. Nothing takes that back."""
    by_hand: bool = False
    """It was done, and not by Chorus."""
    due_at: datetime | None = None
    text: str | None = None
    attempt: int | None = None
    """Where it is set, looks are counted afresh as well."""
    needs_person: bool = False
    denied: AbstractSet[int] | None = None
    """The executions of which a person says that nothing of them is there."""
    executed_at: datetime | None = None
    result: Mapping[str, str] | None = None
