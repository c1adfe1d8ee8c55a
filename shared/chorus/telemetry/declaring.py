"""How metrics are declared on a registry; which there are stands in `chorus.telemetry.metrics`."""

from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A metric, as it is documented."""

    name: str
    kind: str
    text: str
    labels: tuple[str, ...]


DECLARED: dict[str, Declared] = {}
"""Every metric that was declared in this process, on whichever registry."""


class Declaring:
    """Declares metrics on one registry: name, help, and the labels in one text."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def counter(self, name: str, text: str, labels: str = "") -> Counter:
        _note(name, "counter", text, labels)
        return Counter(name, text, labels.split(), registry=self._registry)

    def gauge(self, name: str, text: str, labels: str = "") -> Gauge:
        _note(name, "gauge", text, labels)
        return Gauge(name, text, labels.split(), registry=self._registry)

    def histogram(
        self, name: str, text: str, labels: str = "", *, buckets: Sequence[float]
    ) -> Histogram:
        _note(name, "histogram", text, labels)
        return Histogram(name, text, labels.split(), registry=self._registry, buckets=buckets)


def _note(name: str, kind: str, text: str, labels: str) -> None:
    DECLARED[name] = Declared(name=name, kind=kind, text=text, labels=tuple(labels.split()))


def add_process_collectors(registry: CollectorRegistry) -> None:
    """Show memory, CPU and garbage collection of this process too; once a process."""
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
