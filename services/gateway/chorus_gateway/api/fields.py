"""The types of fields that several documents share, and what a document is."""

from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Final
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from chorus import texts

_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
_MOST_SIGNS: Final = 2_000


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


def seen(value: str) -> str:
    """The text, if all of it can be seen. ValueError where there is nothing, or something hides."""
    if texts.is_blank(value):
        raise ValueError("there is nothing in it that anybody could see")
    fault = texts.unseen(value)
    if fault is not None:
        raise ValueError(fault)
    return texts.tidy(value)


def said(value: str) -> str:
    """A text that goes out: it can be seen, and nothing is left to be filled in. ValueError."""
    fault = texts.fault(value)
    if fault is not None:
        raise ValueError(fault)
    return texts.tidy(value)


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


def few_signs(value: object) -> object:
    """Refuse a list whose texts would take long to look through, before any is looked at."""
    given = [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
    if sum(map(texts.signs, given)) > _MOST_SIGNS:
        raise ValueError(f"together they hold more than {_MOST_SIGNS} brackets and other signs")
    return value


Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, strip_whitespace=True),
    AfterValidator(seen),
]
LongName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, strip_whitespace=True),
    AfterValidator(seen),
]
Comment = Annotated[
    str,
    StringConstraints(min_length=1, max_length=1250, strip_whitespace=True),
    AfterValidator(said),
]
Comments = Annotated[list[Comment], Field(max_length=200), BeforeValidator(few_signs)]
PostText = Annotated[str, StringConstraints(min_length=1, max_length=3000), AfterValidator(said)]
Reason = Annotated[
    str,
    StringConstraints(min_length=3, max_length=500, strip_whitespace=True),
    AfterValidator(seen),
]
Address = Annotated[str, StringConstraints(min_length=1, max_length=2048)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of a text's UTF-8, in hex: what names the words that somebody was shown."""
Seed = Annotated[int, Field(ge=0, lt=2**53)]


def given(body: BaseModel, *partly: str) -> dict[str, Any]:
    """What of a change was sent, by name; of members that are changed `partly`, their own."""
    sent = {name: getattr(body, name) for name in body.model_fields_set}
    for name in partly:
        if name in sent:
            sent[name] = sent[name].model_dump(mode="json", exclude_unset=True)
    return sent


def optional(**options: Any) -> Any:
    """A member of a change that may be left out, and where it is given must have a value."""
    return Field(default_factory=_nothing, **options)


def _nothing() -> Any:
    return None
