"""Signing in, people, API keys, the tenant."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, SecretStr, StringConstraints

from chorus_gateway.api.fields import Document, Email, Instant, LongName, Name, View, optional
from chorus_gateway.domain.roles import Role, Scope
from chorus_gateway.domain.tiers import Tier

Token = Annotated[SecretStr, Field(min_length=10, max_length=200)]


class Credentials(Document):
    """E-mail and password."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"email": "ada@example.com", "password": "correct horse battery"}]
        }
    )

    email: Annotated[str, StringConstraints(min_length=1, max_length=254)]
    password: Annotated[SecretStr, Field(min_length=1, max_length=1000)]


class RefreshRequest(Document):
    """A refresh token as the last sign-in or refresh gave it."""

    refresh_token: Token


class TokensView(View):
    """Tokens. The refresh token is good once: each refresh gives a new one."""

    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the scheme's name
    expires_in: int = Field(description="Seconds until the access token expires.")


class UserView(View):
    """A person of the team."""

    id: UUID
    email: str
    name: str
    role: Role
    active: bool
    password_temporary: bool = Field(description="Somebody else chose it: change it first.")
    created_at: datetime
    updated_at: datetime


class TenantView(View):
    """The team, its plan, and how much of it is used (Q1)."""

    id: UUID
    name: str
    tier: Tier
    max_accounts: int
    accounts: dict[str, int] = Field(description="Connected accounts by platform.")
    feature_flags: dict[str, Any]


class MeView(View):
    """Who I am, and what I may do."""

    user: UserView
    tenant: TenantView
    permissions: list[str]


class NewUser(Document):
    """A new person, with the password that they begin with."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "email": "bob@example.com",
                    "name": "Bob",
                    "role": "member",
                    "password": "correct horse battery",
                }
            ]
        }
    )

    email: Email
    name: LongName
    role: Role = Role.MEMBER
    password: Annotated[SecretStr, Field(min_length=12, max_length=200)]


class UserChanges(Document):
    """What of a person is to change."""

    name: LongName = optional()
    role: Role = optional()
    active: bool = optional(description="false: may not sign in any more, at once.")


class NewPassword(Document):
    """A new password for oneself."""

    present: Annotated[SecretStr, Field(min_length=1, max_length=1000)]
    new: Annotated[SecretStr, Field(min_length=12, max_length=200)]


class NewApiKey(Document):
    """A new key. It can do what its scopes and its maker's role both allow."""

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=3)] = Field(default=[Scope.READ])
    expires_at: Instant | None = None


class ApiKeyView(View):
    """A key without its secret."""

    id: UUID
    user_id: UUID
    name: str
    prefix: str = Field(description="The first characters of the key.")
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class MadeApiKeyView(ApiKeyView):
    """A new key. The secret is shown this once; a replayed answer has none."""

    key: str | None
