"""The limits of the fake scheduler: of likes alone, set for an account."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chorus.documents.limits import (
    Allowance,
    Amounts,
    KindAllowance,
    LimitKey,
    RemoveLimit,
    SetLimit,
)
from chorus.vocabulary import Kind
from chorus_gateway.scheduler.port import SchedulerRefusal

_Key = tuple[UUID, UUID | None, Kind, bool]
_DEFAULT = Amounts(per_hour=10, per_day=50, cooldown_seconds=60.0)


@dataclass(slots=True)
class FakeLimits:
    """What was set, and when."""

    _set: dict[_Key, tuple[Amounts, datetime]] = field(default_factory=dict)

    def put(self, command: SetLimit, now: datetime) -> None:
        """Raises SchedulerRefusal where it is another than was read."""
        self._require_seen(command)
        self._set[_key(command)] = (command.amounts, now)

    def remove(self, command: RemoveLimit) -> None:
        """Raises SchedulerRefusal where it is another than was read, or none."""
        self._require_seen(command)
        del self._set[_key(command)]

    def allowance(self, client_id: UUID, account_id: UUID, now: datetime) -> KindAllowance:
        """The least of what is set for the account; nothing of it is used."""
        set_for_it = [
            self._set[key][0]
            for by_owner in (False, True)
            if (key := (client_id, account_id, Kind.LIKE, by_owner)) in self._set
        ]
        amounts = _DEFAULT
        for each in set_for_it:
            amounts = each.narrowed_by(amounts)
        per_hour = amounts.per_hour or 0
        hour = Allowance(
            name="per_hour",
            count=per_hour,
            window_seconds=3600.0,
            used=0,
            left=per_hour,
            next_free_at=now,
        )
        return KindAllowance(
            kind=Kind.LIKE,
            source="account" if set_for_it else "default",
            amounts=amounts,
            limits=(hour,),
            next_free_at=now,
        )

    def _require_seen(self, command: LimitKey) -> None:
        _, stands = self._set.get(_key(command), (None, None))
        if stands != command.seen:
            raise SchedulerRefusal("limit_changed", "Somebody set it meanwhile.", status=409)


def _key(command: LimitKey) -> _Key:
    return (command.client_id, command.account_id, command.kind, command.by_owner)
