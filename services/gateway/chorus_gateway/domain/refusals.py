"""Why a rule says no."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The code of a problem, and its sentence where the occasion has one."""

    code: str
    sentence: str | None = None
