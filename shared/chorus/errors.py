"""Every error that crosses a module, in one tree.

ChorusError
├── ConfigurationError          a setting is missing or wrong: the process cannot start
├── DependencyUnavailable       a broker, a database or a service did not answer: try again later
├── UndecodableMessage          a message on a topic that no reader can decode: dead letter
├── PoisonedTopic               too many dead letters in a row: the loop stops
├── StuckConsumer               messages are there and none arrive: the process must be replaced
├── MigrationError              the schema is not what the program needs
└── ProviderError               the outside world refused or failed; carries the class of E6
    ├── TransientProviderError  may be tried again
    ├── PermanentProviderError  will fail again in the same way
    │   └── ChallengeError      the account's person must look at it: stop at once
    └── IndeterminateWrite      it may have taken effect: verify, never repeat blindly
"""

from math import isnan
from typing import Final

from chorus.vocabulary import ErrorType

LONGEST_MESSAGE: Final = 500
LONGEST_CODE: Final = 80
LONGEST_WAIT: Final = 24 * 3600.0
"""Whatever a provider asks for, nobody waits longer before the next try."""


class ChorusError(Exception):
    """The root of all errors that Chorus raises on purpose."""


class ConfigurationError(ChorusError):
    """A setting is missing or wrong. The message says which and what to do."""


class DependencyUnavailable(ChorusError):
    """A broker, a database or another service did not answer in time."""


class UndecodableMessage(ChorusError):
    """The bytes of a message do not follow the schema of their topic."""


class PoisonedTopic(ChorusError):
    """More messages in a row went to the dead letters than the limit allows."""


class StuckConsumer(ChorusError):
    """The broker holds messages for this consumer and it fetches none of them."""


class MigrationError(ChorusError):
    """A migration failed, or was changed after it had been applied."""


class ProviderError(ChorusError):
    """The outside world refused or failed.

    `code` is the provider's own word (for Unipile the `type` field), `retry_after` seconds or None.
    What comes from outside is bounded here, whoever read it: lengths, and a wait of 24 h at most.
    """

    error_type: ErrorType
    retryable: bool = False

    def __init__(
        self,
        message: str,
        *,
        error_type: ErrorType,
        code: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message[:LONGEST_MESSAGE])
        self.error_type = error_type
        self.code = None if code is None else code[:LONGEST_CODE]
        self.retry_after = _bounded(retry_after)


def _bounded(seconds: float | None) -> float | None:
    if seconds is None or isnan(seconds):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)


class TransientProviderError(ProviderError):
    """The call had no effect and may be tried again."""

    retryable = True


class PermanentProviderError(ProviderError):
    """The call had no effect and would fail again in the same way."""


class ChallengeError(PermanentProviderError):
    """The network asks for the account's person: checkpoint, captcha, restriction, lost session."""


class IndeterminateWrite(ProviderError):
    """The answer to a write was lost. It may have taken effect."""

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message, error_type=ErrorType.NETWORK_ERROR, code=code)
