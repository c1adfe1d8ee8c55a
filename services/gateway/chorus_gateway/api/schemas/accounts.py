"""Accounts and consent."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, field_validator, model_validator

from chorus import linkedin
from chorus.documents import AnyTime
from chorus.vocabulary import ApprovalMode, Kind, Platform
from chorus_gateway.api.fields import Address, Digest, Document, LongName, View, Zone, optional
from chorus_gateway.api.schemas.activities import PauseView, UnsettledView
from chorus_gateway.domain.account_status import HandStatus, ShownStatus

WallTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Day = Annotated[int, Field(ge=0, le=6)]


class HoursWindow(Document):
    """Wall times; a window that closes before it opens closes on the next day."""

    opens: WallTime
    closes: WallTime

    @model_validator(mode="after")
    def _is_some_time(self) -> Self:
        if self.closes == self.opens:
            raise ValueError("closes must differ from opens")
        return self


class ActiveHours(HoursWindow):
    """When the account acts, in its own time zone: one window, and any further `windows`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "opens": "08:30",
                    "closes": "12:00",
                    "windows": [{"opens": "13:00", "closes": "18:00"}],
                    "days": [0, 1, 2, 3, 4],
                }
            ]
        }
    )

    days: Annotated[list[Day], Field(min_length=1, max_length=7)] = Field(
        default=[0, 1, 2, 3, 4, 5, 6]
    )
    """0 is Monday; the days on which the windows open."""
    windows: Annotated[list[HoursWindow], Field(max_length=6)] = Field(default=[])


Hours = ActiveHours | AnyTime


def profile(value: str | None) -> str | None:
    """A profile's address in its one form."""
    return None if value is None else linkedin.parse_profile(value)


class AccountChanges(Document):
    """What of an account is to change."""

    display_name: LongName = optional()
    linkedin_url: Address | None = None
    timezone: Zone = optional()
    active_hours: Hours | None = Field(
        default=None, description="`any_time` is a choice too; null: nobody's choice."
    )
    status: HandStatus = optional(
        description="By admins, to take it out of use. Its owner signs it in again by a link."
    )

    _profile = field_validator("linkedin_url")(profile)


class ProviderStatusView(View):
    """The provider's word against an account."""

    word: str = Field(description="The provider's own, such as CREDENTIALS.")
    sentence: str
    since: datetime
    confirmed: bool = Field(
        description="The provider was asked and says so; otherwise it called and is being asked."
    )


class ModeChanges(Document):
    """How much of each kind the account's owner leaves to Chorus; what is left out stays."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"like": "approve_each", "comment": "suggest"}]}
    )

    like: ApprovalMode = optional()
    comment: ApprovalMode = optional()
    repost: ApprovalMode = optional()


class ModesView(View):
    """How much of each kind is left to Chorus. A pod's policy may ask for more, never for less.

    auto: what the pod's policy says. approve_each: after the owner's own yes to each. suggest: it
    is shown, and its owner does it by hand; Chorus never does.
    """

    like: ApprovalMode
    comment: ApprovalMode
    repost: ApprovalMode


class AccountView(View):
    """An account."""

    id: UUID
    owner_user_id: UUID
    provider: str
    provider_account_id: str
    platform: Platform
    display_name: str
    linkedin_url: str | None
    timezone: str
    active_hours: Hours | None = Field(description="As chosen; null where nobody chose any.")
    hours_in_force: Hours = Field(
        description="When it acts, in its time zone: from 07:00 to 22:00 where nobody chose."
    )
    status: ShownStatus = Field(description="challenged: stopped until its pause is ended.")
    provider_status: ProviderStatusView | None = Field(
        description="What the provider says against it, and since when it does nothing for that."
    )
    pause: PauseView | None = Field(description="The pause of this account that is in force.")
    unsettled: UnsettledView | None = Field(
        description="A publication that hides the account's new posts until it is settled."
    )
    consented_kinds: list[Kind] = Field(description="Kinds with a consent in force now.")
    approval_modes: ModesView
    withheld: Literal["owner_disabled"] | None = Field(
        description="Why nothing is in force though it was agreed to."
    )
    proven_at: datetime | None = Field(description="When its owner last showed control of it.")
    connected_at: datetime
    updated_at: datetime


class ConsentRequest(Document):
    """The owner's answer, for some kinds at once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kinds": ["like"],
                    "granted": True,
                    "text_sha256": {"like": "d2b0…: as /api/consent-texts has it"},
                }
            ]
        }
    )

    kinds: Annotated[list[Kind], Field(min_length=1, max_length=len(Kind))]
    granted: bool
    text_sha256: dict[Kind, Digest] = Field(
        default={},
        description="To grant: of the text that was shown, for each of the kinds.",
    )
    text_version: Annotated[str, StringConstraints(max_length=40)] | None = Field(
        default=None,
        description="The version that was shown; an old one is refused.",
    )


class ConsentResult(View):
    """What is in force now."""

    account_id: UUID
    consented_kinds: list[Kind]
    cancelled_activities: int | None = Field(
        description="How many a withdrawal called off; null where it is not known yet."
    )


class ConsentEntryView(View):
    """One line of the consent log."""

    id: int
    kind: Kind
    granted: bool
    text_version: str
    text_sha256: str
    by_user_id: UUID
    at: datetime


class ConsentTextView(View):
    """What is agreed to, word for word."""

    kind: Kind
    version: str
    text: str
    sha256: str = Field(description="Name it when consent is given to this text.")
