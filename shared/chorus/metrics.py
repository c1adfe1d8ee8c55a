"""Every metric of the system, in sections.

Names are `chorus_<thing>_<unit>`; counters end in `_total`.

A section is a class so that a test can have its own on a fresh registry; the program uses the
instances at the end of the file. Count after the effect is durable.
"""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

REGISTRY = CollectorRegistry()
"""What `/metrics` shows."""

_FAST = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_AGES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800, 7_200)
_LATENESS = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300)
_CALLS = (0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 20, 30, 60, 120)
_SIZES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000)


class ConsumeMetrics:
    """The consume loop: what came in, what became of it, and how old it was."""

    def __init__(self, registry: CollectorRegistry) -> None:
        topic, group = ("topic", "group"), ("group",)
        self.received = Counter(
            "chorus_consumer_received_total", "Messages fetched.", topic, registry=registry
        )
        self.handled = Counter(
            "chorus_consumer_handled_total", "Messages handled.", topic, registry=registry
        )
        self.retried = Counter(
            "chorus_consumer_retried_total",
            "Tries of a message that failed and will be repeated.",
            (*topic, "reason"),
            registry=registry,
        )
        self.dead_lettered = Counter(
            "chorus_consumer_dead_letters_total",
            "Messages put on a dead letter topic.",
            (*topic, "reason"),
            registry=registry,
        )
        self.in_flight = Gauge(
            "chorus_consumer_in_flight_messages",
            "Messages being handled now.",
            group,
            registry=registry,
        )
        self.held = Gauge(
            "chorus_consumer_held_messages",
            "Messages fetched and not done yet.",
            group,
            registry=registry,
        )
        self.age_received = Histogram(
            "chorus_consumer_event_age_at_receive_seconds",
            "Age of an event when its handling begins.",
            topic,
            buckets=_AGES,
            registry=registry,
        )
        self.age_done = Histogram(
            "chorus_consumer_event_age_at_done_seconds",
            "Age of an event when it has been handled.",
            topic,
            buckets=_AGES,
            registry=registry,
        )
        self.rebalances = Counter(
            "chorus_consumer_rebalances_total",
            "Times that partitions were taken back.",
            group,
            registry=registry,
        )
        self.paused = Gauge(
            "chorus_consumer_paused_partitions",
            "Partitions that are not fetched because of back-pressure.",
            group,
            registry=registry,
        )
        self.lag = Gauge(
            "chorus_consumer_lag_messages",
            "Messages behind the end of a partition, not yet committed.",
            (*topic, "partition"),
            registry=registry,
        )
        self.commits_failed = Counter(
            "chorus_consumer_commit_failures_total",
            "Commits of offsets that were refused or timed out.",
            group,
            registry=registry,
        )


class OutboxMetrics:
    """The outbox and its relay."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.unpublished = Gauge(
            "chorus_outbox_unpublished_rows",
            "Rows not published yet.",
            ("schema",),
            registry=registry,
        )
        self.oldest_age = Gauge(
            "chorus_outbox_oldest_age_seconds",
            "Age of the oldest row not published yet.",
            ("schema",),
            registry=registry,
        )
        self.published = Counter(
            "chorus_outbox_published_total", "Rows published.", ("schema",), registry=registry
        )
        self.failures = Counter(
            "chorus_outbox_failures_total",
            "Rounds of the relay that failed and will be repeated.",
            ("schema", "dependency"),
            registry=registry,
        )
        self.leader = Gauge(
            "chorus_outbox_leader_state",
            "1 where this process is the relay of the schema.",
            ("schema",),
            registry=registry,
        )


class BatcherMetrics:
    """Group commits."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.size = Histogram(
            "chorus_batcher_batch_items",
            "Items in a batch.",
            ("batcher",),
            buckets=_SIZES,
            registry=registry,
        )
        self.flush_seconds = Histogram(
            "chorus_batcher_flush_seconds",
            "Time that the flush of a batch took.",
            ("batcher",),
            buckets=_FAST,
            registry=registry,
        )


class ActivityMetrics:
    """Activities from plan to outcome (E8, E9)."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.planned = Counter(
            "chorus_activities_planned_total",
            "Activities put into the ledger, by the state they entered.",
            ("kind", "state"),
            registry=registry,
        )
        self.decisions = Counter(
            "chorus_activities_decisions_total",
            "Decisions written, by code.",
            ("code",),
            registry=registry,
        )
        self.dispatched = Counter(
            "chorus_activities_dispatched_total",
            "Due commands sent.",
            ("kind", "lane"),
            registry=registry,
        )
        self.outcomes = Counter(
            "chorus_activities_outcomes_total",
            "Executions that ended. `error_type` is empty where there was none.",
            ("kind", "outcome", "error_type"),
            registry=registry,
        )
        self.lateness = Histogram(
            "chorus_activities_lateness_seconds",
            "Time from the due instant to the start of the execution.",
            ("kind", "lane"),
            buckets=_LATENESS,
            registry=registry,
        )
        self.call_seconds = Histogram(
            "chorus_activities_call_seconds",
            "Time that the provider's call took.",
            ("kind", "lane"),
            buckets=_CALLS,
            registry=registry,
        )
        self.in_flight = Gauge(
            "chorus_activities_in_flight_executions",
            "Executions under way.",
            ("lane",),
            registry=registry,
        )
        self.retries = Counter(
            "chorus_activities_retries_total",
            "Further attempts that ended, and whether they resolved the failure.",
            ("kind", "error_type", "resolved"),
            registry=registry,
        )
        self.depth = Gauge(
            "chorus_activities_queue_rows",
            "Activities in the ledger that are not at an end, by state.",
            ("state",),
            registry=registry,
        )
        self.oldest_due_age = Gauge(
            "chorus_activities_oldest_due_age_seconds",
            "How long the oldest due activity has been waiting.",
            (),
            registry=registry,
        )
        self.dead_letters = Gauge(
            "chorus_activities_manual_queue_rows",
            "Failed activities that wait for a person.",
            (),
            registry=registry,
        )
        self.unknown = Gauge(
            "chorus_activities_unknown_rows",
            "Activities whose outcome only a person can tell.",
            (),
            registry=registry,
        )
        self.reclaimed = Counter(
            "chorus_activities_reclaimed_total",
            "Executions that outlived their lease and were taken up again.",
            ("lane",),
            registry=registry,
        )
        self.takeovers = Counter(
            "chorus_activities_takeovers_total",
            "Executions that a dead or stopped worker left open and another took over.",
            ("lane",),
            registry=registry,
        )
        self.challenges = Counter(
            "chorus_activities_challenges_total",
            "Challenges met; each pauses its account.",
            ("lane",),
            registry=registry,
        )


class GatewayMetrics:
    """HTTP at the gateway. `route` is the template, never the path."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "chorus_gateway_requests_total",
            "Requests answered.",
            ("method", "route", "status"),
            registry=registry,
        )
        self.request_seconds = Histogram(
            "chorus_gateway_request_seconds",
            "Time to answer a request.",
            ("method", "route"),
            buckets=_FAST,
            registry=registry,
        )
        self.live_clients = Gauge(
            "chorus_gateway_live_view_connections",
            "Open live views.",
            (),
            registry=registry,
        )


class NotifierMetrics:
    """What the notifier delivers, by channel: in_app, email, webhook."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.deliveries = Counter(
            "chorus_notifier_deliveries_total",
            "Tries of a delivery, by what became of them.",
            ("channel", "outcome"),
            registry=registry,
        )
        self.delivery_seconds = Histogram(
            "chorus_notifier_delivery_seconds",
            "Time that a delivery's call took.",
            ("channel",),
            buckets=_CALLS,
            registry=registry,
        )
        self.pending = Gauge(
            "chorus_notifier_pending_rows",
            "Deliveries that wait for their next try.",
            ("channel",),
            registry=registry,
        )


class BrowserMetrics:
    """The browser pool (K4)."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.contexts = Gauge(
            "chorus_browser_open_contexts", "Browser contexts open now.", (), registry=registry
        )
        self.launches = Counter(
            "chorus_browser_launches_total",
            "Browsers started, by reason.",
            ("reason",),
            registry=registry,
        )
        self.crashes = Counter(
            "chorus_browser_crashes_total", "Browsers that died.", (), registry=registry
        )
        self.wait_seconds = Histogram(
            "chorus_browser_wait_seconds",
            "Time that a repost waited for a browser.",
            (),
            buckets=_CALLS,
            registry=registry,
        )
        self.run_seconds = Histogram(
            "chorus_browser_run_seconds",
            "Time that a repost took in its browser.",
            (),
            buckets=_CALLS,
            registry=registry,
        )


class PostgresMetrics:
    """The connection pool."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.pool_wait = Histogram(
            "chorus_postgres_pool_wait_seconds",
            "Time waited for a connection of the pool.",
            ("pool",),
            buckets=_FAST,
            registry=registry,
        )


class ProcessMetrics:
    """The process itself."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.info = Gauge(
            "chorus_process_info",
            "Always 1; the labels say which process this is.",
            ("service", "instance"),
            registry=registry,
        )


consume = ConsumeMetrics(REGISTRY)
outbox = OutboxMetrics(REGISTRY)
batcher = BatcherMetrics(REGISTRY)
activities = ActivityMetrics(REGISTRY)
gateway = GatewayMetrics(REGISTRY)
notifier = NotifierMetrics(REGISTRY)
browser = BrowserMetrics(REGISTRY)
postgres = PostgresMetrics(REGISTRY)
process = ProcessMetrics(REGISTRY)


def register_process_collectors() -> None:
    """Add memory, CPU and garbage collection of this process to `/metrics`; once a process."""
    ProcessCollector(registry=REGISTRY)
    PlatformCollector(registry=REGISTRY)
    GCCollector(registry=REGISTRY)
