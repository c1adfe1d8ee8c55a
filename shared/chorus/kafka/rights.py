"""What each service may do at the broker: whom it hears, and what it may say.

The one table: access-control lists are made of it (`chorus.kafka.authorising`), and deployments are
checked against it. Who is not in it may do nothing but with the operator's own name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from chorus.kafka.topics import dead_letters_of
from chorus.settings import KafkaSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """`group`: in which it shares its topics with its replicas. `watches`: read without a group."""

    group: str | None = None
    reads: tuple[str, ...] = ()
    watches: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


RIGHTS: Mapping[str, Rights] = {
    "gateway": Rights(
        group="gateway",
        reads=("post.published", "post.publish_failed", "watch.checked"),
        watches=("activity.scheduled", "activity.executed"),
        writes=("post.queued", "post.published", "password.ended", "account.status_changed"),
    ),
    "scheduler": Rights(
        group="scheduler",
        reads=("post.queued", "post.published", "activity.executed", "watch.checked"),
        writes=(
            "post.publish_failed",
            "activity.scheduled",
            "activity.due.api",
            "activity.due.browser",
            "account.challenged",
            "watch.due",
        ),
    ),
    "executor": Rights(
        group="executor",
        reads=("activity.due.api", "watch.due"),
        writes=("activity.executed", "post.published", "watch.checked"),
    ),
    "browser-repost": Rights(
        group="browser-repost",
        reads=("activity.due.browser",),
        # One outbox of both executors: whoever leads it says what the other has to say, too.
        writes=("activity.executed", "post.published", "watch.checked"),
    ),
    "notifier": Rights(
        group="notifier",
        reads=(
            "post.publish_failed",
            "activity.scheduled",
            "activity.executed",
            "account.challenged",
            "password.ended",
            "account.status_changed",
            "lead.captured",
        ),
    ),
}
"""By service. What a service reads, it may also set aside as a dead letter."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Allowance:
    """One line of an access-control list."""

    principal: str
    resource: Literal["topic", "group"]
    name: str
    operation: Literal["read", "write"]


def principal_of(service: str) -> str:
    """The name by which a service signs in, at the broker as at the database."""
    return f"chorus_{service.replace('-', '_')}"


def allowances(settings: KafkaSettings) -> frozenset[Allowance]:
    """All that is allowed, with the prefixes of the installation. Describing follows from it."""
    return frozenset(each for service in RIGHTS for each in _of(service, settings))


def _of(service: str, settings: KafkaSettings) -> Iterator[Allowance]:
    rights, principal = RIGHTS[service], principal_of(service)
    topics = {
        "read": {*rights.reads, *rights.watches},
        "write": {*rights.writes, *map(dead_letters_of, rights.reads)},
    }
    for topic in topics["read"]:
        yield _line(principal, "topic", f"{settings.topic_prefix}{topic}", "read")
    for topic in topics["write"]:
        yield _line(principal, "topic", f"{settings.topic_prefix}{topic}", "write")
    if rights.group is not None:
        yield _line(principal, "group", f"{settings.group_prefix}{rights.group}", "read")


def _line(
    principal: str,
    resource: Literal["topic", "group"],
    name: str,
    operation: Literal["read", "write"],
) -> Allowance:
    return Allowance(principal=principal, resource=resource, name=name, operation=operation)
