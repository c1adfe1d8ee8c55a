"""A member's active hours, in the account's own time zone."""

from datetime import time
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Weekday = Annotated[int, Field(ge=0, le=6)]


class HoursWindow(BaseModel):
    """Local wall times `HH:MM`; one that closes before it opens closes on the next day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    opens: time
    closes: time

    @model_validator(mode="after")
    def _is_some_time(self) -> Self:
        if self.opens.tzinfo is not None or self.closes.tzinfo is not None:
            raise ValueError("opens and closes are local wall times, without an offset")
        if self.closes == self.opens:
            raise ValueError("closes must differ from opens")
        return self


class ActiveHoursDocument(HoursWindow):
    """One window, and any further `windows`, on the `days` (0 is Monday) on which they open.

    22:00 to 06:00 on day 4 is Friday night, until Saturday morning.
    """

    days: tuple[Weekday, ...] = Field(default=(0, 1, 2, 3, 4, 5, 6), min_length=1, max_length=7)
    windows: tuple[HoursWindow, ...] = Field(default=(), max_length=6)


AnyTime = Literal["any_time"]
"""In the place of hours: the account acts at any time, because somebody chose that."""
CONSIDERATE: Final = ActiveHoursDocument(opens=time(7), closes=time(22))
"""In force for an account for which nobody has chosen any."""
