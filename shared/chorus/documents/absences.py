"""What came of an account's absences, as the scheduler tells the gateway."""

from pydantic import BaseModel, ConfigDict


class AbsencesApplied(BaseModel):
    """Of what was planned: how many have another place, and how many have none any more."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    moved: int
    ended: int
