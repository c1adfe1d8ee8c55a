"""The names of the metrics, which alerts and dashboards rely on."""

import re

from prometheus_client import CollectorRegistry

from chorus.telemetry import metrics

_UNITS = (
    "_seconds|_messages|_partitions|_rows|_items|_executions|_connections|_contexts|_state|_info"
    "|_jobs|_processes|_bytes"
)


def test_names_follow_the_rule() -> None:
    """`chorus_<thing>_<unit>`; a counter's samples end in `_total`; each has a help text."""
    families = [
        family for family in metrics.REGISTRY.collect() if family.name.startswith("chorus_")
    ]
    assert len(families) > 30
    for family in families:
        assert family.documentation
        if family.type != "counter":
            assert re.search(rf"({_UNITS})$", family.name), family.name


def test_a_section_can_stand_alone() -> None:
    """Tests count on a registry of their own."""
    registry = CollectorRegistry()
    section = metrics.ConsumeMetrics(registry)
    section.received.labels("t", "g").inc(3)
    found = registry.get_sample_value(
        "chorus_consumer_received_total", {"topic": "t", "group": "g"}
    )
    assert found == 3
