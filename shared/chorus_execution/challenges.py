"""What this process remembers of challenges until the database does and is asked again."""

from uuid import UUID


class Challenges:
    """A challenge is the account's: from the moment it is met nothing else of the account goes out.

    Until its record is committed this memory alone knows of it; from then on the eligibility says
    so (`engagement.challenges`), and what was known to be eligible before is to be asked again.
    """

    def __init__(self, *, remember: float) -> None:
        self._remember = remember
        self._met: set[UUID] = set()
        self._recorded: dict[UUID, float] = {}

    def met(self, account: UUID) -> None:
        self._met.add(account)

    def recorded(self, account: UUID, now: float) -> None:
        """`now`: the monotonic instant after the commit, here as everywhere in this class."""
        self._met.discard(account)
        self._recorded = {
            known: at for known, at in self._recorded.items() if now - at < self._remember
        }
        self._recorded[account] = now

    def stops(self, account: UUID) -> bool:
        """Whether a challenge was met that the database does not know yet."""
        return account in self._met

    def outdates(self, account: UUID, checked: float) -> bool:
        """Whether one was recorded after this check of the eligibility."""
        return checked < self._recorded.get(account, float("-inf"))
