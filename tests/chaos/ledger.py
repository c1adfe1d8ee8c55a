"""What the system's own tables say, read as their owner. A database that is away is waited for."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import DictRow, dict_row

Row = dict[str, Any]

_AWAY = (psycopg.OperationalError, psycopg.InterfaceError)


class Ledger:
    """Opens a connection for each question, as the server may have been restarted in between."""

    def __init__(self, dsn: str, *, patience_s: float = 30.0) -> None:
        self._dsn = dsn
        self._patience_s = patience_s

    def ask(
        self,
        query: LiteralString,
        values: Mapping[str, Any] | None = None,
        *,
        tenant: UUID | None = None,
    ) -> list[Row]:
        """The rows; of a statement without rows, none. `tenant`: as the views show them to it."""
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                return self._once(query, values, tenant)
            except _AWAY:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.2)

    def _once(
        self, query: LiteralString, values: Mapping[str, Any] | None, tenant: UUID | None
    ) -> list[Row]:
        with psycopg.connect(
            self._dsn, autocommit=True, connect_timeout=3, row_factory=dict_row
        ) as connection:
            connection.execute("set statement_timeout = '10s'")
            if tenant is not None:
                connection.execute(
                    "select set_config('chorus.client_id', %s, false)", [str(tenant)]
                )
            cursor: psycopg.Cursor[DictRow] = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def activities(self, clients: Sequence[UUID]) -> list[Row]:
        return self.ask(
            "select * from scheduler.activities where client_id = any(%(clients)s) order by due_at",
            {"clients": list(clients)},
        )

    def attempts(self, clients: Sequence[UUID]) -> list[Row]:
        return self.ask(
            "select * from engagement.attempts where client_id = any(%(clients)s)"
            " order by opened_at",
            {"clients": list(clients)},
        )

    def decisions(self, clients: Sequence[UUID]) -> list[Row]:
        return [row for client in clients for row in self._decisions(client)]

    def decisions_of(self, activity: UUID) -> list[Row]:
        """In order."""
        (row,) = self.ask(
            "select client_id from scheduler.activities where id = %(id)s", {"id": activity}
        )
        return [
            each for each in self._decisions(row["client_id"]) if each["activity_id"] == activity
        ]

    def _decisions(self, client: UUID) -> list[Row]:
        return self.ask("select * from scheduler.api_decisions order by id", tenant=client)

    def posts(self, clients: Sequence[UUID]) -> list[Row]:
        return self.ask(
            "select * from gateway.posts where client_id = any(%(clients)s)",
            {"clients": list(clients)},
        )

    def unsent(self) -> int:
        """Events that wait in an outbox."""
        (row,) = self.ask(
            "select (select count(*) from gateway.outbox) + (select count(*) from scheduler.outbox)"
            " + (select count(*) from engagement.outbox)"
            " + (select count(*) from scheduler.plans where not told) as n"
        )
        return int(row["n"])

    def holders(self, kind: str) -> list[int]:
        """The process ids of executors that may be waiting for the answer to such a call."""
        found = self.ask(
            "select distinct w.instance from engagement.attempts a join engagement.workers w"
            " on w.id = a.worker_id where a.kind = %(kind)s and a.closed_at is null"
            " and (a.command ->> 'due_at')::timestamptz <= now()",
            {"kind": kind},
        )
        # An instance is called HOST-PID-RANDOM.
        return [int(row["instance"].rsplit("-", 2)[1]) for row in found]

    def holds_work(self, pid: int) -> bool:
        """Whether the worker with this process id has open rows, due or not."""
        found = self.ask(
            "select 1 from engagement.attempts a join engagement.workers w on w.id = a.worker_id"
            " where a.closed_at is null and w.instance like %(instance)s limit 1",
            {"instance": f"%-{pid}-%"},
        )
        return bool(found)

    def hurry(self, clients: Sequence[UUID]) -> int:
        """Do not wait out long back-offs (a post is tried again after ten minutes): now they end.

        Nothing but the instant is changed, and what the limits allow is decided afterwards.
        """
        changed = self.ask(
            "update scheduler.activities set due_at = now() + random() * interval '1 s'"
            " where client_id = any(%(clients)s) and parked_by is null and not needs_person"
            " and due_at > now() + interval '2 s'"
            " and (state = 'unknown' or state = 'scheduled' and reason_code = 'retry')"
            " returning id",
            {"clients": list(clients)},
        )
        if changed:
            self.ask("select pg_notify('chorus_scheduler_due', '')")
        return len(changed)
