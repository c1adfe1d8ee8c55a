"""The broker lets each service do what it needs, and nothing else (invariant 1, invariant 7)."""

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from confluent_kafka import KafkaError, KafkaException, Message, Producer, TopicCollection
from confluent_kafka.admin import AclOperation, AdminClient

from chorus.errors import ConfigurationError
from chorus.kafka import topics
from chorus.kafka.authorising import authorise
from chorus.kafka.connection import client_options
from chorus.kafka.rights import RIGHTS, principal_of
from chorus.settings import KafkaSettings
from chorus_lab.local.kafka import KafkaCluster
from chorus_lab.local.kafka_config import SignIn
from tests.fixtures.backends import Backend

_OPERATOR = "chorus_operator"
_TOPICS = [spec.name for spec in topics.ALL]
_STRANGER = "chorus_stranger"
_PATIENCE_S = 30.0
_REFUSALS = {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED}


class Broker:
    """A broker that knows our services, a stranger and an operator by name."""

    def __init__(self, cluster: KafkaCluster, sign_in: SignIn) -> None:
        self._cluster = cluster
        self._sign_in = sign_in

    def settings(self, principal: str, password: str | None = None) -> KafkaSettings:
        return KafkaSettings.model_validate(
            {
                "bootstrap_servers": self._cluster.bootstrap_servers,
                "security_protocol": "SASL_PLAINTEXT",
                "sasl_mechanism": "PLAIN",
                "sasl_username": principal,
                "sasl_password": password or self._sign_in.passwords[principal],
                "partitions": 1,
            }
        )

    def written_by(self, principal: str) -> set[str | None]:
        """The topics that this one may write, tried on each."""
        allowed: set[str | None] = set()
        producer = Producer(self._options(principal))

        def told(error: KafkaError | None, message: Message) -> None:
            if error is None:
                allowed.add(message.topic())
            else:
                assert error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED, error

        for topic in _TOPICS:
            producer.produce(topic, b"{}", on_delivery=told)
        assert producer.flush(_PATIENCE_S) == 0
        return allowed

    def read_by(self, principal: str) -> set[str]:
        """The topics that the broker lets this one read, by its own word."""
        client = AdminClient(self._options(principal), logger=None)
        asked = client.describe_topics(TopicCollection(_TOPICS), include_authorized_operations=True)
        return {topic for topic, told in asked.items() if _allows_reading(told)}

    def joined_by(self, principal: str) -> set[str]:
        """The groups of ours that the broker lets this one join, by its own word."""
        client = AdminClient(self._options(principal), logger=None)
        asked = client.describe_consumer_groups(
            sorted(filter(None, (rights.group for rights in RIGHTS.values()))),
            include_authorized_operations=True,
        )
        return {group for group, told in asked.items() if _allows_reading(told)}

    def _options(self, principal: str) -> dict[str, Any]:
        settings = self.settings(principal)
        assert settings.sasl_password is not None
        return {
            "bootstrap.servers": settings.bootstrap_servers,
            "security.protocol": settings.security_protocol,
            "sasl.mechanism": settings.sasl_mechanism,
            "sasl.username": principal,
            "sasl.password": settings.sasl_password.get_secret_value(),
        }


def _allows_reading(told: Future[Any]) -> bool:
    try:
        return AclOperation.READ in told.result(_PATIENCE_S).authorized_operations
    except KafkaException as error:
        if error.args[0].code() in _REFUSALS:
            return False
        raise


@contextmanager
def _running() -> Iterator[Broker]:
    names = (_OPERATOR, _STRANGER, *map(principal_of, RIGHTS))
    sign_in = SignIn(operator=_OPERATOR, passwords={name: f"password-of-{name}" for name in names})
    cluster = KafkaCluster(sign_in=sign_in)
    cluster.start()
    try:
        yield Broker(cluster, sign_in)
    finally:
        cluster.stop()


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with _running() as running:
        operator = running.settings(_OPERATOR)
        asyncio.run(topics.ensure(operator))
        authorise(operator)
        yield running


def _writers() -> Mapping[str, set[str]]:
    """Who may write what, said here once more: a slip in the table must not pass."""
    return {
        "gateway": {
            "post.queued",
            "post.published",
            "password.ended",
            "account.status_changed",
            "post.published.dlq",
            "post.publish_failed.dlq",
            "watch.checked.dlq",
        },
        "scheduler": {
            "post.publish_failed",
            "activity.scheduled",
            "activity.due.api",
            "activity.due.browser",
            "account.challenged",
            "post.queued.dlq",
            "post.published.dlq",
            "activity.executed.dlq",
            "watch.due",
            "watch.checked.dlq",
        },
        "executor": {
            "activity.executed",
            "post.published",
            "watch.checked",
            "activity.due.api.dlq",
            "watch.due.dlq",
        },
        "browser-repost": {
            "activity.executed",
            "post.published",
            "watch.checked",
            "activity.due.browser.dlq",
        },
        "notifier": {
            "post.publish_failed.dlq",
            "activity.scheduled.dlq",
            "activity.executed.dlq",
            "account.challenged.dlq",
            "password.ended.dlq",
            "account.status_changed.dlq",
            "lead.captured.dlq",
        },
    }


@pytest.mark.parametrize("service", sorted(RIGHTS))
def test_a_service_writes_its_own_topics_and_no_others(broker: Broker, service: str) -> None:
    """INVARIANT: Finding D1: nobody but the scheduler can order an act, nobody but an executor can
    report one.
    """
    assert broker.written_by(principal_of(service)) == _writers()[service]


def test_who_shares_an_outbox_may_say_all_that_is_in_it() -> None:
    """INVARIANT: Finding D1: whichever of them leads the relay, nothing stands still in it."""
    assert RIGHTS["executor"].writes == RIGHTS["browser-repost"].writes


@pytest.mark.parametrize("service", sorted(RIGHTS))
def test_a_service_reads_what_it_is_told_and_no_more(broker: Broker, service: str) -> None:
    """Finding D1: what goes out in people's names is read by those alone who carry it out."""
    rights, principal = RIGHTS[service], principal_of(service)
    assert broker.read_by(principal) == {*rights.reads, *rights.watches}
    assert broker.joined_by(principal) == {rights.group}


def test_who_is_in_no_list_may_do_nothing(broker: Broker) -> None:
    """Finding D1: a name and a password are not enough."""
    assert broker.written_by(_STRANGER) == set()
    assert broker.read_by(_STRANGER) == broker.joined_by(_STRANGER) == set()


@pytest.mark.parametrize("password", ["another", None])
async def test_nobody_is_served_without_a_password(broker: Broker, password: str | None) -> None:
    """Finding D1: neither with a wrong password nor without any."""
    settings = broker.settings("chorus_scheduler", password="wrong")
    if password is None:
        settings = settings.model_copy(update={"security_protocol": "PLAINTEXT"})
    producer = AIOKafkaProducer(**{**client_options(settings), "request_timeout_ms": 2_000})
    with pytest.raises(KafkaConnectionError):
        await producer.start()
    await producer.stop()


def test_what_is_needed_no_more_is_taken_away(broker: Broker) -> None:
    """Preparing again gives what is missing and takes what was given by hand; twice is once."""
    operator = broker.settings(_OPERATOR)
    elsewhere = operator.model_copy(update={"topic_prefix": "older."})
    authorise(elsewhere)
    assert broker.written_by("chorus_scheduler") == set()
    for _ in range(2):
        authorise(operator)
        assert broker.written_by("chorus_scheduler") == _writers()["scheduler"]


def test_a_broker_without_lists_is_told_in_one_sentence(kafka_cluster: Backend) -> None:
    """Who asks for lists where there is no authorizer is told, not left with an open broker."""
    settings = KafkaSettings.model_validate({"bootstrap_servers": kafka_cluster.address})
    with pytest.raises(ConfigurationError, match="authorizer"):
        authorise(settings)
