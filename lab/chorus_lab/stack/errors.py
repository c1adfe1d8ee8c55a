"""What can go wrong with a stack."""

from chorus.errors import ChorusError


class StackError(ChorusError):
    """The stack cannot do what was asked. The message is for a person."""


class NotInTimeError(StackError):
    """What was waited for did not come within its bound."""


class DeadProcessError(StackError):
    """A process ended that nobody asked to end. The message ends with the last lines of its log."""
