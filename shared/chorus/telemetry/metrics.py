"""Every metric of the system, in sections.

Names are `chorus_<thing>_<unit>`; counters end in `_total`.

A section is a class so that a test can have its own on a fresh registry; the program uses the
instances at the end of the file. Count after the effect is durable.
"""

from prometheus_client import CollectorRegistry

from chorus.telemetry.declaring import DECLARED, Declared, Declaring

REGISTRY = CollectorRegistry()
"""What `/metrics` shows."""

_FAST = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_AGES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800, 7_200)
_LATENESS = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300)
_CALLS = (0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 20, 30, 60, 120)
_SIZES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000)


class _HoldingMetrics:
    """What a consumer holds, and its place in the group."""

    def __init__(self, registry: CollectorRegistry) -> None:
        new = Declaring(registry)
        self.in_flight = new.gauge(
            "chorus_consumer_in_flight_messages", "Messages being handled now.", "group"
        )
        self.held = new.gauge(
            "chorus_consumer_held_messages", "Messages fetched and not done yet.", "group"
        )
        self.rebalances = new.counter(
            "chorus_consumer_rebalances_total", "Times that partitions were taken back.", "group"
        )
        self.paused = new.gauge(
            "chorus_consumer_paused_partitions", "Partitions not fetched for now.", "group"
        )
        self.lag = new.gauge(
            "chorus_consumer_lag_messages",
            "Messages from the oldest that is not done to the end, by the member that has them.",
            "topic group partition",
        )
        self.commits_failed = new.counter(
            "chorus_consumer_commit_failures_total", "Commits that failed.", "group"
        )


class ConsumeMetrics(_HoldingMetrics):
    """The consume loop: what came in, what became of it, and how old it was."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__(registry)
        new = Declaring(registry)
        self.received = new.counter(
            "chorus_consumer_received_total", "Messages fetched.", "topic group"
        )
        self.handled = new.counter(
            "chorus_consumer_handled_total", "Messages handled.", "topic group"
        )
        self.retried = new.counter(
            "chorus_consumer_retried_total", "Tries to be repeated.", "topic group reason"
        )
        self.dead_lettered = new.counter(
            "chorus_consumer_dead_letters_total", "Dead letters.", "topic group reason"
        )
        self.age_received = new.histogram(
            "chorus_consumer_event_age_at_receive_seconds",
            "Age of an event when its handling begins.",
            "topic group",
            buckets=_AGES,
        )
        self.age_done = new.histogram(
            "chorus_consumer_event_age_at_done_seconds",
            "Age of an event when it has been handled.",
            "topic group",
            buckets=_AGES,
        )


class OutboxMetrics:
    """The outbox and its relay."""

    def __init__(self, registry: CollectorRegistry) -> None:
        new = Declaring(registry)
        self.unpublished = new.gauge(
            "chorus_outbox_unpublished_rows", "Rows not published yet.", "schema"
        )
        self.oldest_age = new.gauge(
            "chorus_outbox_oldest_age_seconds", "Age of the oldest row not published yet.", "schema"
        )
        self.published = new.counter("chorus_outbox_published_total", "Rows published.", "schema")
        self.failures = new.counter(
            "chorus_outbox_failures_total", "Rounds that failed.", "schema dependency"
        )
        self.leader = new.gauge(
            "chorus_outbox_leader_state", "1 where this process leads.", "schema"
        )


class BatcherMetrics:
    """Group commits."""

    def __init__(self, registry: CollectorRegistry) -> None:
        new = Declaring(registry)
        self.size = new.histogram(
            "chorus_batcher_batch_items", "Items in a batch.", "batcher", buckets=_SIZES
        )
        self.flush_seconds = new.histogram(
            "chorus_batcher_flush_seconds", "Time a flush took.", "batcher", buckets=_FAST
        )


class _LedgerMetrics:
    """The ledger of activities: what is planned, waits, and goes out."""

    def __init__(self, registry: CollectorRegistry) -> None:
        new = Declaring(registry)
        self.planned = new.counter(
            "chorus_activities_planned_total", "Planned, by first state.", "kind state"
        )
        self.decisions = new.counter(
            "chorus_activities_decisions_total", "Decisions written, by code.", "code"
        )
        self.dispatched = new.counter(
            "chorus_activities_dispatched_total", "Due commands sent.", "kind lane"
        )
        self.failed_items = new.counter(
            "chorus_scheduler_failed_items_total",
            "Posts that a sweep could not work on; each is tried again later.",
            "sweep",
        )
        self.deleted = new.counter(
            "chorus_scheduler_deleted_rows_total", "Rows whose time of keeping was over.", "table"
        )
        self.depth = new.gauge("chorus_activities_queue_rows", "Activities not at an end.", "state")
        self.oldest_due_age = new.gauge(
            "chorus_activities_oldest_due_age_seconds",
            "Age of the oldest due activity: not taken up (waiting), without an outcome (open).",
            "lane stage",
        )
        self.dead_letters = new.gauge(
            "chorus_activities_manual_queue_rows", "Failed activities that wait for a person."
        )
        self.unknown = new.gauge(
            "chorus_activities_unknown_rows", "Activities whose outcome only a person can tell."
        )


class ActivityMetrics(_LedgerMetrics):
    """Activities from plan to outcome (E8, E9)."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__(registry)
        new = Declaring(registry)
        self.outcomes = new.counter(
            "chorus_activities_outcomes_total",
            "Executions that ended. `error_type` is empty where there was none.",
            "kind outcome error_type",
        )
        self.lateness = new.histogram(
            "chorus_activities_lateness_seconds",
            "Time from the due instant to the start of the execution.",
            "kind lane",
            buckets=_LATENESS,
        )
        self.call_seconds = new.histogram(
            "chorus_activities_call_seconds",
            "Time that the provider's call took.",
            "kind lane",
            buckets=_CALLS,
        )
        self.in_flight = new.gauge(
            "chorus_activities_in_flight_executions", "Executions under way.", "lane"
        )
        self.retries = new.counter(
            "chorus_activities_retries_total",
            "Further attempts that ended, and whether they resolved the failure.",
            "kind error_type resolved",
        )
        self.reclaimed = new.counter(
            "chorus_activities_reclaimed_total", "Leases that ran out.", "lane"
        )
        self.takeovers = new.counter(
            "chorus_activities_takeovers_total", "Taken over from other workers.", "lane"
        )
        self.contradicted = new.counter(
            "chorus_activities_contradicted_total",
            "Due commands that said something else than the ledger, which wins.",
            "lane",
        )
        self.disowned = new.counter(
            "chorus_activities_disowned_total",
            "Outcomes of executions that were never handed over; nothing follows from them.",
            "lane",
        )
        self.challenges = new.counter(
            "chorus_activities_challenges_total",
            "Challenges met; each pauses its account. Those of a look have the lane look_up.",
            "lane",
        )


class WatchMetrics:
    """Watches: what is looked at again and again."""

    def __init__(self, registry: CollectorRegistry) -> None:
        new = Declaring(registry)
        self.checks = new.counter(
            "chorus_watches_checks_total",
            "Checks: checked, failed, withheld, unanswered; stale and disowned: nothing followed.",
            "kind outcome",
        )
        self.found = new.counter(
            "chorus_watches_found_total", "Things that looks found for the first time.", "kind"
        )
        self.registered = new.counter(
            "chorus_watches_posts_total",
            "Posts that looks showed: registered, known, not_fresh, awaited, unwanted, unreadable.",
            "verdict",
        )
        self.oldest_due_age = new.gauge(
            "chorus_watches_oldest_due_age_seconds", "Age of the oldest watch that is due."
        )
        self.live = new.gauge(
            "chorus_watches_live_rows", "Watches that have not ended: well, failing.", "state"
        )


class GatewayMetrics:
    """HTTP at the gateway. `route` is the template, never the path."""

    def __init__(self, registry: CollectorRegistry) -> None:
        new = Declaring(registry)
        self.requests = new.counter(
            "chorus_gateway_requests_total", "Requests answered.", "method route status"
        )
        self.request_seconds = new.histogram(
            "chorus_gateway_request_seconds", "Time to answer.", "method route", buckets=_FAST
        )
        self.live_clients = new.gauge("chorus_gateway_live_view_connections", "Open live views.")
        self.status_calls = new.counter(
            "chorus_gateway_status_calls_total",
            "Calls of the provider about an account's status: heard, ignored.",
            "outcome",
        )
        self.status_changes = new.counter(
            "chorus_gateway_status_changes_total",
            "Changes of what the provider says of accounts, by what told: call, look, watch.",
            "status heard",
        )


class NotifierMetrics:
    """What the notifier delivers, by channel: in_app, email, webhook."""

    def __init__(self, registry: CollectorRegistry) -> None:
        new = Declaring(registry)
        self.deliveries = new.counter(
            "chorus_notifier_deliveries_total", "Tries of a delivery.", "channel outcome"
        )
        self.delivery_seconds = new.histogram(
            "chorus_notifier_delivery_seconds", "Time of a call.", "channel", buckets=_CALLS
        )
        self.pending = new.gauge("chorus_notifier_pending_rows", "Deliveries that wait.", "channel")


class BrowserMetrics:
    """The browser pool (K4). Autoscaling reads busy, waiting and slots."""

    def __init__(self, registry: CollectorRegistry) -> None:
        new = Declaring(registry)
        self.busy = new.gauge("chorus_browser_busy_contexts", "Contexts that jobs are in now.")
        self.waiting = new.gauge("chorus_browser_waiting_jobs", "Jobs that wait for a place.")
        self.slots = new.gauge("chorus_browser_slots_contexts", "Jobs that may run at once.")
        self.browsers = new.gauge("chorus_browser_running_processes", "Browsers that run now.")
        self.pss = new.gauge(
            "chorus_browser_pss_bytes", "Proportional memory of the browsers and their drivers."
        )
        self.launches = new.counter("chorus_browser_launches_total", "Browsers started.", "reason")
        self.retirements = new.counter(
            "chorus_browser_retirements_total", "Browsers that take no more jobs.", "reason"
        )
        self.crashes = new.counter(
            "chorus_browser_crashes_total", "Pages, contexts, browsers, drivers that died.", "level"
        )
        self.wait_seconds = new.histogram(
            "chorus_browser_wait_seconds",
            "Time that a job waited for a context.",
            buckets=_CALLS,
        )
        self.run_seconds = new.histogram(
            "chorus_browser_run_seconds", "Time that a job had its context.", buckets=_CALLS
        )


class PostgresMetrics:
    """The connection pool."""

    def __init__(self, registry: CollectorRegistry) -> None:
        new = Declaring(registry)
        self.pool_wait = new.histogram(
            "chorus_postgres_pool_wait_seconds", "Wait for a connection.", "pool", buckets=_FAST
        )


class ProcessMetrics:
    """The process itself."""

    def __init__(self, registry: CollectorRegistry) -> None:
        new = Declaring(registry)
        self.info = new.gauge(
            "chorus_process_info",
            "Always 1; the labels say which process this is.",
            "service instance",
        )
        self.failed_rounds = new.counter(
            "chorus_process_failed_rounds_total",
            "Rounds of a loop that failed by a fault; each is made again.",
            "round",
        )
        self.clock_offset = new.gauge(
            "chorus_clock_offset_seconds",
            "By how much the machine's clock is ahead of the database's, which is gone by.",
        )
        self.network_clock_offset = new.gauge(
            "chorus_network_clock_offset_seconds",
            "By how much the network's clock is ahead of ours, as its last answer says.",
        )


consume = ConsumeMetrics(REGISTRY)
outbox = OutboxMetrics(REGISTRY)
batcher = BatcherMetrics(REGISTRY)
activities = ActivityMetrics(REGISTRY)
watches = WatchMetrics(REGISTRY)
gateway = GatewayMetrics(REGISTRY)
notifier = NotifierMetrics(REGISTRY)
browser = BrowserMetrics(REGISTRY)
postgres = PostgresMetrics(REGISTRY)
process = ProcessMetrics(REGISTRY)


def declared() -> list[Declared]:
    """All of them, by name, as they are documented (`docs/metrics.md`)."""
    return [DECLARED[name] for name in sorted(DECLARED)]
