"""The fake beside `chorus.kafka.producer.Publisher`."""

from collections.abc import Sequence

from chorus.errors import DependencyUnavailable
from chorus.kafka.envelope import Outgoing


class FakePublisher:
    """Keeps what was sent, in order. `available = False` makes it a broker that does not answer."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.available = True

    async def send(self, batch: Sequence[Outgoing]) -> None:
        """See `Publisher.send`."""
        if not batch:
            return
        if not self.available:
            raise DependencyUnavailable("the fake broker does not answer")
        self.sent.extend(batch)

    def on(self, topic: str) -> list[Outgoing]:
        """What was sent to a topic."""
        return [message for message in self.sent if message.topic == topic]
