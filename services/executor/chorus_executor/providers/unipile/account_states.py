"""Unipile's record of an account: the statuses of its sources, and who is signed in."""

from chorus.errors import TransientProviderError
from chorus.unipile import account_word
from chorus.vocabulary import ErrorType
from chorus_executor.providers.port import AccountState
from chorus_executor.providers.unipile.listings import id_of
from chorus_executor.providers.unipile.transport import Json


def read(found: Json, account: str) -> AccountState:
    """Raises TransientProviderError where it is no such record: then it says nothing."""
    sources = found.get("sources")
    if id_of(found, "id") != account or not isinstance(sources, list):
        raise TransientProviderError(
            "Unipile answered something else than the account.",
            error_type=ErrorType.API_ERROR,
            code="no_account_record",
        )
    statuses = [_status(source) for source in sources]
    profile_id = id_of(found, "connection_params", "im", "id")
    return AccountState(word=account_word(statuses), profile_id=profile_id)


def _status(source: object) -> str:
    status = source.get("status") if isinstance(source, dict) else None
    return status if isinstance(status, str) else "UNKNOWN"
