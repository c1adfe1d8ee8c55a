"""The gateway's settings; each from the environment variable CHORUS_<NAME>."""

import re
from ipaddress import IPv4Network, IPv6Network
from typing import Self

from pydantic import Field, SecretStr, model_validator

from chorus.settings import ServiceSettings


class GatewaySettings(ServiceSettings):
    """Times are seconds."""

    service: str = "gateway"
    jwt_secret: SecretStr = Field(min_length=32)
    """Signs access tokens; at least 32 bytes, the same in all replicas."""
    internal_token: SecretStr = Field(min_length=16)
    """Shared with the scheduler."""
    scheduler_url: str = Field(pattern=r"^https?://")
    """Where the scheduler's internal API is."""
    scheduler_timeout: float = Field(default=10.0, gt=0, le=60)
    """For one answer of the scheduler."""
    allowed_origins: tuple[str, ...] = ()
    """JSON list of origins whose pages may call the API; by default none."""
    unipile_url: str | None = Field(default=None, pattern=r"^https?://")
    """The provider's API, with /api/v1."""
    unipile_api_key: SecretStr | None = None
    """The provider's secret."""
    unipile_timeout: float = Field(default=10.0, gt=0, le=60)
    """For one answer of the provider."""
    public_url: str | None = Field(default=None, pattern=r"^https?://[^/?#]+(/[^?#]*)?$")
    """Where people and the provider reach this gateway: pages for connecting, callbacks."""
    hook_secret: SecretStr | None = Field(default=None, min_length=32, max_length=200)
    """Stands in the addresses that the provider calls; letters, digits, - and _."""
    links_every: float = Field(default=15.0, gt=0, le=600)
    """Between looks for links whose sign-in is to be settled, or has expired."""
    resolve_every: float = Field(default=2.0, gt=0)
    """Between looks for posts that are to be looked up again."""
    password_memory_kib: int = Field(default=65_536, ge=19_456, le=1_048_576)
    """What one digest of a password (argon2id) takes; no less than OWASP's least."""
    password_time_cost: int = Field(default=3, ge=2, le=10)
    """How many times it goes over that memory."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """JSON list of networks whose word on `X-Forwarded-For` is believed; by default nobody's."""
    requests_per_second: float = Field(default=100.0, gt=0)
    """Of one team, of this process; a burst may be ten seconds' worth."""
    purge_every: float = Field(default=600.0, gt=0)
    """Between removals of what nobody can use any more."""
    oidc_issuer: str | None = None
    """An outside issuer of tokens; this and the next two, or none."""
    oidc_jwks_url: str | None = Field(default=None, pattern=r"^https?://")
    """Where its keys are."""
    oidc_audience: str | None = None
    """Whom its tokens must be for."""
    oidc_timeout: float = Field(default=5.0, gt=0, le=30)
    """For one fetch of its keys."""

    @model_validator(mode="after")
    def _outside_issuer_is_whole(self) -> Self:
        given = (self.oidc_issuer, self.oidc_jwks_url, self.oidc_audience)
        if any(given) and not all(given):
            raise ValueError(
                "CHORUS_OIDC_ISSUER, CHORUS_OIDC_JWKS_URL and CHORUS_OIDC_AUDIENCE go together"
            )
        return self

    @model_validator(mode="after")
    def _hosted_pages_are_whole(self) -> Self:
        given = (self.public_url, self.hook_secret)
        if any(given) and not (all(given) and self.unipile_url and self.unipile_api_key):
            raise ValueError(
                "CHORUS_PUBLIC_URL, CHORUS_HOOK_SECRET, CHORUS_UNIPILE_URL and "
                "CHORUS_UNIPILE_API_KEY go together"
            )
        secret = self.hook_secret.get_secret_value() if self.hook_secret else ""
        if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
            raise ValueError("CHORUS_HOOK_SECRET may hold letters, digits, - and _ alone")
        return self
