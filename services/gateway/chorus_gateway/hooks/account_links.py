"""`POST /hooks/unipile/accounts/<secret>`: a hosted page was used.

The provider signs nothing. What a callback says is therefore no more than a reason to ask the
provider.
"""

from typing import Final

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chorus_gateway.account_links import AccountLinks
from chorus_gateway.problems import Problem

ACCOUNTS: Final = "/hooks/unipile/accounts/"
"""What follows is the secret: the address is all that the provider can carry it in."""


class Callback(BaseModel):
    """What Unipile says when a hosted page was used. It may say more."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    status: str = Field(max_length=100)
    account_id: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._:-]*$", max_length=200
    )
    name: str = Field(max_length=300)


async def hear(links: AccountLinks, body: bytes) -> None:
    """Raises psycopg.Error, and Problem where this is no callback."""
    callback = _parsed(body)
    await links.report(
        name=callback.name, status=callback.status, provider_account_id=callback.account_id
    )


def _parsed(body: bytes) -> Callback:
    try:
        return Callback.model_validate(orjson.loads(body))
    except (orjson.JSONDecodeError, ValidationError):
        raise Problem("malformed_request", "This is no callback of the provider.") from None
