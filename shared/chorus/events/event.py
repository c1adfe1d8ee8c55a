"""What every event has: a type, a topic, a key.

Producers write closed schemas, readers ignore what they do not know.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A value inside an event."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Part, ABC):
    """A fact (past tense) or a command (`activity.due.*`).

    `type` carries the major version: a change that an old reader could not read gets a new one.
    """

    type: ClassVar[str]
    topic: ClassVar[str]
    description: ClassVar[str]

    @property
    @abstractmethod
    def key(self) -> str:
        """The Kafka key: what must stay in order has the same key."""

    def topic_name(self) -> str:
        """The topic this instance goes to, without the installation's prefix."""
        return self.topic

    @property
    def subject(self) -> str:
        """CloudEvents `subject`: the thing the event is about."""
        return self.key
