"""A member's active hours, in the account's own time zone."""

from datetime import time
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Weekday = Annotated[int, Field(ge=0, le=6)]


class ActiveHoursDocument(BaseModel):
    """Local wall times `HH:MM`; `days` are 0 (Monday) to 6. Both ends lie on the same day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    opens: time
    closes: time
    days: tuple[Weekday, ...] = Field(default=(0, 1, 2, 3, 4, 5, 6), min_length=1, max_length=7)

    @model_validator(mode="after")
    def _open_before_closed(self) -> Self:
        if self.opens.tzinfo is not None or self.closes.tzinfo is not None:
            raise ValueError("opens and closes are local wall times, without an offset")
        if self.closes <= self.opens:
            raise ValueError("closes must be later than opens on the same day")
        return self
