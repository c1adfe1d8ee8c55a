"""Hosted pages of Unipile's API v1."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from chorus.errors import DependencyUnavailable
from chorus.unipile import account_word, says_not_found
from chorus_gateway.domain.account_links import Shown

_PROVIDERS: Final = {"linkedin": "LINKEDIN", "instagram": "INSTAGRAM", "twitter": "TWITTER"}
_PLATFORMS: Final = {name: platform for platform, name in _PROVIDERS.items()}
_NOT_FOUND: Final = 404
_API: Final = "/api/v1"


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Page(_Answer):
    url: str = Field(pattern=r"^https?://", max_length=4096)


class _Source(_Answer):
    status: str


class _Person(_Answer):
    id: str | None = Field(default=None, max_length=200)
    public_identifier: str | None = Field(default=None, alias="publicIdentifier", max_length=200)


class _Parameters(_Answer):
    im: _Person = _Person()


class _Account(_Answer):
    id: str
    type: str
    name: str | None = None
    connection_params: _Parameters = _Parameters()
    sources: tuple[_Source, ...] = ()


class HttpHostedAccounts:
    """See `HostedAccounts`. The client has the base address and bounds every call in time."""

    def __init__(self, client: httpx.AsyncClient, *, key: SecretStr, notify_url: str) -> None:
        self._client = client
        self._key = key
        self._notify_url = notify_url

    async def page(
        self, *, name: str, platform: str, expires_at: datetime, reconnect: str | None, back: str
    ) -> str:
        """See the port. A platform that the provider does not have is DependencyUnavailable."""
        provider = _PROVIDERS.get(platform)
        if provider is None:
            raise DependencyUnavailable(f"The provider connects no accounts of {platform}.")
        body = {
            "type": "create" if reconnect is None else "reconnect",
            "providers": [provider],
            "api_url": str(self._client.base_url).rstrip("/").removesuffix(_API),
            "expiresOn": _instant(expires_at),
            "notify_url": self._notify_url,
            "name": name,
            "success_redirect_url": f"{back}/done",
            "failure_redirect_url": f"{back}/failed",
        }
        if reconnect is not None:
            body["reconnect_account"] = reconnect
        response = await self._ask("POST", "hosted/accounts/link", json=body)
        if not response.is_success:
            raise _nonsense("hosted/accounts/link", response)
        try:
            return _Page.model_validate_json(response.content).url
        except ValidationError as error:
            raise _nonsense("hosted/accounts/link", response) from error

    async def show(self, provider_account_id: str) -> Shown | None:
        """See the port."""
        response = await self._ask("GET", f"accounts/{quote(provider_account_id, safe='')}")
        if response.status_code == _NOT_FOUND and says_not_found(response.content):
            return None
        if not response.is_success:
            raise _nonsense("accounts/…", response)
        try:
            account = _Account.model_validate_json(response.content)
        except ValidationError as error:
            raise _nonsense("accounts/…", response) from error
        person = account.connection_params.im
        return Shown(
            id=account.id,
            platform=_PLATFORMS.get(account.type, account.type.lower()),
            word=account_word([one.status for one in account.sources]),
            name=(account.name or "").strip()[:200] or None,
            profile_id=person.id or None,
            public_identifier=person.public_identifier or None,
        )

    async def forget(self, provider_account_id: str) -> None:
        """See the port."""
        path = f"accounts/{quote(provider_account_id, safe='')}"
        response = await self._ask("DELETE", path)
        if not response.is_success and response.status_code != _NOT_FOUND:
            raise _nonsense("accounts/…", response)

    async def _ask(self, method: str, path: str, **options: object) -> httpx.Response:
        headers = {"x-api-key": self._key.get_secret_value()}
        try:
            return await self._client.request(method, path, headers=headers, **options)  # type: ignore[arg-type] # json alone
        except httpx.HTTPError as error:
            raise DependencyUnavailable(f"The provider did not answer: {error!r}") from error


def _nonsense(path: str, response: httpx.Response) -> DependencyUnavailable:
    return DependencyUnavailable(f"The provider answered {path} with {response.status_code}.")


def _instant(at: datetime) -> str:
    """As the provider wants it: UTC with milliseconds and a Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
