"""Pods, members, voices."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, field_validator

from chorus.documents import PodPolicy, VoiceCartridge
from chorus_gateway.api.fields import Address, Comments, Document, LongName, Name, View, optional
from chorus_gateway.api.schemas.accounts import profile
from chorus_gateway.api.schemas.policies import NewPolicy, NewVoice, PolicyChanges, VoiceChanges

PodKind = Literal["like", "comment", "repost"]
Kinds = Annotated[list[PodKind], Field(max_length=3)]
Phrases = Comments


class NewPod(Document):
    """A new pod; what the policy leaves out has the defaults that the answer shows."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Founders", "policy": {"on_publish": ["like", "comment"]}}]
        }
    )

    name: Name
    active: bool = True
    policy: NewPolicy = Field(default_factory=NewPolicy)
    cartridge_id: UUID | None = None


class PodChanges(Document):
    """What of a pod is to change. What a policy does not name stays as it is."""

    name: Name = optional()
    active: bool = optional()
    policy: PolicyChanges = optional()
    cartridge_id: UUID | None = None


class PodView(View):
    """A pod with its whole policy."""

    id: UUID
    name: str
    active: bool
    policy: PodPolicy
    cartridge_id: UUID | None
    members: int
    created_at: datetime
    updated_at: datetime


class NewMember(Document):
    """An account that joins a pod."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"account_id": "0199c1de-6d1e-7b54-9b8e-1f2a3b4c5d6e", "phrases": ["Well said."]}
            ]
        }
    )

    account_id: UUID
    name: LongName | None = Field(default=None, description="Without it: the account's name.")
    linkedin_url: Address | None = None
    active: bool = True
    phrases: Phrases = Field(default=[])
    cartridge_id: UUID | None = None
    kinds: Kinds = Field(default=["like", "comment", "repost"])

    _profile = field_validator("linkedin_url")(profile)


class NewMemberOfPod(NewMember):
    """The same, with the pod."""

    pod_id: UUID


class MemberChanges(Document):
    """What of a member is to change."""

    name: LongName = optional()
    linkedin_url: Address | None = None
    active: bool = optional()
    phrases: Phrases = optional()
    cartridge_id: UUID | None = None
    kinds: Kinds = optional()

    _profile = field_validator("linkedin_url")(profile)


class MemberView(View):
    """A pod member (P1, P8)."""

    id: UUID
    pod_id: UUID
    account_id: UUID
    owner_user_id: UUID
    provider_account_id: str
    account_status: str
    consented_kinds: list[str]
    name: str
    linkedin_url: str | None
    active: bool
    phrases: list[str]
    cartridge_id: UUID | None
    kinds: list[PodKind]
    left_by_owner: bool = Field(
        description="The account's owner took it out of the pod, and alone takes it back."
    )
    declined_kinds: list[PodKind] = Field(description="The same, of single kinds.")
    last_activity_at: datetime | None
    created_at: datetime
    updated_at: datetime


class NewCartridge(Document):
    """A new voice."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Ada", "definition": {"tone": "warm", "openings": ["Lovely point:"]}}
            ]
        }
    )

    name: Name
    definition: NewVoice = Field(default_factory=NewVoice)


class CartridgeChanges(Document):
    """What of a voice is to change; the rest stays. A changed definition is a new version."""

    name: Name = optional()
    definition: VoiceChanges = optional()


class CartridgeView(View):
    """A voice."""

    id: UUID
    name: str
    version: int
    definition: VoiceCartridge
    created_at: datetime
    updated_at: datetime
