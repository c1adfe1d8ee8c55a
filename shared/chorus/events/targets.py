"""What an activity acts on. `kind` tells which it is."""

from typing import Literal
from uuid import UUID

from chorus.events.event import Part


class PostTarget(Part):
    """A post."""

    kind: Literal["post"] = "post"
    post_id: UUID
    url: str | None = None
    social_id: str | None = None


class PersonTarget(Part):
    """A person of the network, who is written to."""

    kind: Literal["person"] = "person"
    person_id: UUID
    provider_id: str | None = None
    """Whom the network knows them as."""


class OccasionTarget(Part):
    """What happened once and is answered once: a comment, a message."""

    kind: Literal["occasion"] = "occasion"
    occasion_id: UUID
    provider_id: str | None = None
    """What the network calls it."""


Target = PostTarget | PersonTarget | OccasionTarget
