"""How metrics are declared on a registry; which there are stands in `chorus.telemetry.metrics`."""

from collections.abc import Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)


class Declaring:
    """Declares metrics on one registry: name, help, and the labels in one text."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def counter(self, name: str, text: str, labels: str = "") -> Counter:
        return Counter(name, text, labels.split(), registry=self._registry)

    def gauge(self, name: str, text: str, labels: str = "") -> Gauge:
        return Gauge(name, text, labels.split(), registry=self._registry)

    def histogram(
        self, name: str, text: str, labels: str = "", *, buckets: Sequence[float]
    ) -> Histogram:
        return Histogram(name, text, labels.split(), registry=self._registry, buckets=buckets)


def add_process_collectors(registry: CollectorRegistry) -> None:
    """Show memory, CPU and garbage collection of this process too; once a process."""
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
