"""Posts over Unipile's API v1."""

from datetime import UTC, datetime
from typing import Annotated, Final
from urllib.parse import quote

import httpx
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    SecretStr,
    StringConstraints,
    ValidationError,
)

from chorus.errors import DependencyUnavailable
from chorus.linkedin import PostAddress
from chorus.unipile import PERSON_NEEDED, RESTRICTED
from chorus_gateway.domain.post_identity import FoundPost
from chorus_gateway.lookup.port import AccountCannotLook, AccountChallenged

_NO_POST: Final = frozenset({"resource_not_found", "invalid_resource_identifier", "invalid_post"})
# They are about all of our calls, and of no account.
_OUR_OWN: Final = frozenset({"missing_credentials", "invalid_credentials"})

_Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def _text_or_nothing(said: object) -> object:
    return said if isinstance(said, str) else None


_Shown = Annotated[str | None, BeforeValidator(_text_or_nothing)]
"""For people to read: of whatever form it comes, the post is told by what else is said."""


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Author(_Answer):
    id: _Id | None = None
    name: _Shown = None


class _Post(_Answer):
    social_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:_.-]{1,200}$")]
    share_url: str | None = None
    author: _Author | None = None
    text: _Shown = None
    parsed_datetime: str | None = None


class _Problem(_Answer):
    type: str = ""


class HttpPostLookup:
    """See `PostLookup`. The client's base address ends in `/api/v1/`; it bounds calls in time."""

    def __init__(self, client: httpx.AsyncClient, key: SecretStr) -> None:
        self._client = client
        self._key = key

    async def resolve(self, address: PostAddress, account: str) -> FoundPost | None:
        """See the port."""
        query = {"account_id": account}
        response = await self._get(f"posts/{quote(_lookup_id(address), safe=':')}", query)
        if response.is_success:
            return _found(response)
        code = _code(response)
        if code in _NO_POST:
            await self._require(account)
            return None
        if code in PERSON_NEEDED or code == RESTRICTED:
            raise AccountChallenged(f"The provider asks for the account's person: {code}.")
        if response.status_code in (401, 403) and code not in _OUR_OWN:
            raise AccountCannotLook(f"The provider refused the account: {code or 'no reason'}.")
        raise DependencyUnavailable(f"The provider answered {response.status_code} {code}.")

    async def _require(self, account: str) -> None:
        """That a thing is not there may be said of the account itself."""
        response = await self._get(f"accounts/{quote(account, safe='')}", {})
        if _code(response) in _NO_POST:
            raise AccountCannotLook("The provider has no such account.")
        if not response.is_success:
            raise DependencyUnavailable(f"The provider answered {response.status_code}.")

    async def _get(self, path: str, query: dict[str, str]) -> httpx.Response:
        headers = {"x-api-key": self._key.get_secret_value()}
        try:
            return await self._client.get(
                path, params=query, headers=headers, follow_redirects=False
            )
        except httpx.HTTPError as error:
            raise DependencyUnavailable(f"The provider did not answer: {error!r}") from error


def _lookup_id(address: PostAddress) -> str:
    """A bare number is an activity's; other kinds need their URN."""
    return str(address.number) if address.form == "activity" else address.reference


def _found(response: httpx.Response) -> FoundPost:
    try:
        post = _Post.model_validate_json(response.content)
    except ValidationError as error:
        raise DependencyUnavailable("The provider's answer about a post makes no sense.") from error
    return FoundPost(
        social_id=post.social_id,
        url=post.share_url,
        author_provider_id=post.author.id if post.author else None,
        published_at=_instant(post.parsed_datetime),
        author_name=post.author.name if post.author else None,
        text=post.text,
    )


def _code(response: httpx.Response) -> str:
    try:
        return _Problem.model_validate_json(response.content).type.removeprefix("errors/")[:80]
    except ValidationError:
        return ""


def _instant(text: str | None) -> datetime | None:
    """None for what is no instant, such as "2h"."""
    try:
        instant = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return instant.astimezone(UTC) if instant.tzinfo else None
