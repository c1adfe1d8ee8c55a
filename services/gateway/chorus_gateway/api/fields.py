"""The types of fields that several documents share, and what a document is."""

from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Final
from zoneinfo import available_timezones

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)


class Document(BaseModel):
    """What a client sends: an unknown member is refused, so that a misspelt one is not lost."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class View(BaseModel):
    """What a client is shown."""

    model_config = ConfigDict(frozen=True, from_attributes=True, populate_by_name=True)


def _sensible(value: datetime) -> datetime:
    try:
        instant = value.astimezone(UTC)
    except OverflowError:
        raise ValueError("the instant is outside of 2000 to 2100") from None
    if not _EARLIEST <= instant < _LATEST:
        raise ValueError("the instant is outside of 2000 to 2100")
    return instant


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(value: str) -> str:
    if value not in _zones():
        raise ValueError("use a name of the IANA time zone database, such as Europe/Berlin")
    return value


def _email(value: str) -> str:
    local, at, host = value.partition("@")
    if not at or not local or "." not in host.strip(".") or any(c.isspace() for c in value):
        raise ValueError("this is no e-mail address")
    return value.lower()


Instant = Annotated[AwareDatetime, AfterValidator(_sensible)]
"""An instant with an offset, between 2000 and 2100; kept in UTC."""
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)]
Email = Annotated[
    str,
    StringConstraints(min_length=3, max_length=254, strip_whitespace=True),
    AfterValidator(_email),
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
LongName = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Comment = Annotated[str, StringConstraints(min_length=1, max_length=1250, strip_whitespace=True)]
Reason = Annotated[str, StringConstraints(min_length=3, max_length=500, strip_whitespace=True)]
Address = Annotated[str, StringConstraints(min_length=1, max_length=2048)]
Seed = Annotated[int, Field(ge=0, lt=2**53)]


def optional(**options: Any) -> Any:
    """A member of a change that may be left out, and where it is given must have a value."""
    return Field(default_factory=_nothing, **options)


def _nothing() -> Any:
    return None
