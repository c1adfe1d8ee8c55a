"""The topics, and how they come to be. `python -m chorus.kafka.topics` makes what is missing."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from chorus.errors import ChorusError, DependencyUnavailable
from chorus.kafka.connection import client_options
from chorus.settings import KafkaSettings, load
from chorus.telemetry import logs

_log = structlog.get_logger(__name__)

_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSpec:
    """One topic. `partitions` None: as many as the settings say."""

    name: str
    partitions: int | None = None
    retention_seconds: int = 7 * _DAY


def dead_letters_of(topic: str) -> str:
    """The topic for messages of `topic` that nobody could handle."""
    return f"{topic}.dlq"


_FACTS = (
    TopicSpec(name="post.queued"),
    TopicSpec(name="post.published"),
    TopicSpec(name="post.publish_failed"),
    TopicSpec(name="activity.scheduled"),
    TopicSpec(name="activity.due.api"),
    TopicSpec(name="activity.due.browser"),
    TopicSpec(name="activity.executed"),
    TopicSpec(name="account.challenged"),
    TopicSpec(name="password.ended"),
    TopicSpec(name="account.status_changed"),
    TopicSpec(name="watch.due"),
    TopicSpec(name="watch.checked"),
    TopicSpec(name="lead.captured"),
)

ALL: tuple[TopicSpec, ...] = _FACTS + tuple(
    TopicSpec(name=dead_letters_of(spec.name), retention_seconds=30 * _DAY) for spec in _FACTS
)


def topics_of(topic: str) -> tuple[str, ...]:
    """The real topics of an event's `topic`: itself, or one for each lane (`activity.due`)."""
    lanes = tuple(spec.name for spec in _FACTS if spec.name.startswith(f"{topic}."))
    return lanes if lanes and topic not in {spec.name for spec in _FACTS} else (topic,)


async def ensure(settings: KafkaSettings, specs: Sequence[TopicSpec] = ALL) -> list[str]:
    """Create the topics that are missing, with the installation's prefix, and wait for leaders.

    Returns the full names of those that this call made: of several at once, each topic is one's.
    A topic that exists with another number of partitions is left alone and warned about: changing
    it would move keys and break their order. Raises DependencyUnavailable when no broker answers.
    """
    admin = AIOKafkaAdminClient(**client_options(settings), client_id="chorus-topics")
    try:
        async with asyncio.timeout(2 * settings.request_timeout_ms / 1000):
            await admin.start()
            return await _ensure(admin, settings, specs)
    except (KafkaError, TimeoutError, OSError) as error:
        raise DependencyUnavailable(f"The topics could not be made: {error!r}") from error
    finally:
        await admin.close()


async def _ensure(
    admin: AIOKafkaAdminClient, settings: KafkaSettings, specs: Sequence[TopicSpec]
) -> list[str]:
    wanted = {f"{settings.topic_prefix}{spec.name}": spec for spec in specs}
    missing = set(wanted) - set(await admin.list_topics())
    new = [_new_topic(name, wanted[name], settings) for name in sorted(missing)]
    made = await _create(admin, new) if new else []
    for name, found in (await _described(admin, sorted(wanted))).items():
        expected = wanted[name].partitions or settings.partitions
        if found != expected:
            _log.warning("kafka.topic_differed", topic=name, expected=expected, found=found)
    return made


async def _create(admin: AIOKafkaAdminClient, missing: list[NewTopic]) -> list[str]:
    response = await admin.create_topics(missing)
    made: list[str] = []
    for topic, code, *_ in response.topic_errors:
        error = for_code(code)
        if not code:
            made.append(topic)
        # Somebody else may have made it in the meantime.
        elif error is not TopicAlreadyExistsError:
            raise error(f"{topic} could not be made")
    return made


async def _described(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, int]:
    """The number of partitions of each topic, once all of them have leaders."""
    while True:
        found = await admin.describe_topics(names)
        partitions = [partition for topic in found for partition in topic["partitions"]]
        if not any(topic["error_code"] for topic in found) and all(
            partition["error_code"] == 0 and partition["leader"] >= 0 for partition in partitions
        ):
            return {topic["topic"]: len(topic["partitions"]) for topic in found}
        await asyncio.sleep(0.05)


def _new_topic(name: str, spec: TopicSpec, settings: KafkaSettings) -> NewTopic:
    return NewTopic(
        name=name,
        num_partitions=spec.partitions or settings.partitions,
        replication_factor=settings.replication_factor,
        topic_configs={"retention.ms": str(spec.retention_seconds * 1000)},
    )


def main() -> int:
    """Make the topics on the broker that the environment names."""
    try:
        made = asyncio.run(ensure(load(KafkaSettings)))
    except ChorusError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("".join(f"created {name}\n" for name in made) or "nothing to create\n")
    return 0


if __name__ == "__main__":
    logs.to_stderr()
    sys.exit(main())
