"""`POST /hooks/unipile/account-status`: the provider says what became of an account's sign-in.

The secret is in a header. Such a call has no time and no signature, and comes late, twice or never.
"""

from typing import Final

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chorus_gateway.problems import Problem
from chorus_gateway.provider_status import ProviderStatus

STATUS: Final = "/hooks/unipile/account-status"
HEADER: Final = b"unipile-auth"


class _Status(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    account_id: str = Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._:-]*$", max_length=200)
    message: str = Field(min_length=1, max_length=100)


class StatusCall(BaseModel):
    """What Unipile says of an account. It may say more."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    status: _Status = Field(alias="AccountStatus")


async def hear(status: ProviderStatus, body: bytes) -> None:
    """Raises psycopg.Error, and Problem where this is no such call."""
    call = _parsed(body)
    await status.called(call.status.account_id, call.status.message)


def _parsed(body: bytes) -> StatusCall:
    try:
        return StatusCall.model_validate(orjson.loads(body))
    except (orjson.JSONDecodeError, ValidationError):
        raise Problem("malformed_request", "This is no account status of the provider.") from None
