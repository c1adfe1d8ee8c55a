"""Rows of the other services, written as they would: the gateway reads them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, sql
from psycopg.types.json import Jsonb

from chorus.ids import new_id

JPEG = b"\xff\xd8\xff\xe0 not much of a picture \xff\xd9"


class Ledger:
    """Writes what the other services would have written."""

    def __init__(self, conn: AsyncConnection[dict[str, Any]]) -> None:
        self.conn = conn

    async def activity(
        self,
        *,
        client_id: UUID,
        post_id: UUID,
        account_id: UUID,
        at: datetime,
        state: str = "scheduled",
        kind: str = "like",
        pod_id: UUID | None = None,
        member_id: UUID | None = None,
        needs_person: bool = False,
    ) -> UUID:
        """An activity in some state."""
        activity_id = new_id()
        await self.conn.execute(
            """
            insert into scheduler.activities (
                id, client_id, post_id, pod_id, account_id, member_id, member_name,
                provider_account_id, platform, kind, lane, state, reason_code, reason, seed,
                scheduled_for, due_at, executed_at, lease_until, needs_person, correlation_id,
                effect, approval, unheard)
            values (%(id)s, %(client)s, %(post)s, %(pod)s, %(account)s, %(member)s, 'Ada', 'acc',
                'linkedin', %(kind)s, 'api', %(state)s, 'planned', 'Planned within the window.', 7,
                %(at)s, %(at)s, case %(state)s when 'executed' then %(at)s::timestamptz end,
                %(lease)s, %(person)s, 'correlation',
                case %(state)s when 'executed' then 'seen' when 'unknown' then 'possible'
                    else 'none' end,
                case %(state)s when 'awaiting_approval' then 'waiting' else 'not_needed' end,
                case %(state)s when 'dispatched' then '{1}'::integer[] else '{}' end)
            """,
            {
                "id": activity_id,
                "client": client_id,
                "post": post_id,
                "pod": pod_id,
                "account": account_id,
                "member": member_id,
                "kind": kind,
                "state": state,
                "at": at,
                "lease": at + timedelta(minutes=1) if state == "dispatched" else None,
                "person": needs_person,
            },
        )
        return activity_id

    async def publishing(self, post: Mapping[str, Any], client_id: UUID, at: datetime) -> UUID:
        """The activity of a queued post that an executor was told to publish."""
        cursor = await self.conn.execute(
            "select author_account_id from gateway.posts where id = %s", (post["id"],)
        )
        row = await cursor.fetchone()
        assert row is not None
        made = await self.activity(
            client_id=client_id,
            post_id=UUID(str(post["id"])),
            account_id=row["author_account_id"],
            at=at,
            state="dispatched",
            kind="publish",
        )
        await self.conn.execute(
            "update scheduler.activities set execution = 1, unheard = '{1}', lease_until = now(),"
            " dispatched_at = now()"
            " where id = %s",
            (made,),
        )
        return made

    async def published(self, activity_id: UUID) -> None:
        """The scheduler has heard that it is done."""
        await self.conn.execute(
            "update scheduler.activities set state = 'executed', effect = 'seen', unheard = '{}',"
            " lease_until = null where id = %s",
            (activity_id,),
        )

    async def postponed(self, activity_id: UUID, at: datetime) -> None:
        """It waits for another time."""
        await self.conn.execute(
            "update scheduler.activities set state = 'scheduled', execution = 0, unheard = '{}',"
            " lease_until = null, due_at = %s, scheduled_for = %s where id = %s",
            (at, at, activity_id),
        )

    async def decision(
        self, *, client_id: UUID, activity_id: UUID, at: datetime, code: str
    ) -> None:
        """A decision about an activity."""
        await self.conn.execute(
            """
            insert into scheduler.decisions (client_id, activity_id, code, sentence, actor, at,
                limit_name, limit_value, limit_used)
            values (%s, %s, %s, 'A sentence for a person.', 'scheduler', %s, 'per_hour', 3, 2)
            """,
            (client_id, activity_id, code, at),
        )

    async def attempt(
        self,
        *,
        client_id: UUID,
        activity_id: UUID,
        post_id: UUID,
        account_id: UUID,
        at: datetime,
        outcome: str | None = None,
    ) -> None:
        """An execution, open or closed."""
        closed = None if outcome is None else at + timedelta(seconds=2)
        failure = {"error_type": "network_error", "message": "no answer", "retryable": True}
        await self.conn.execute(
            """
            insert into engagement.attempts (activity_id, execution, client_id, post_id, account_id,
                kind, lane, mode, worker_id, command, opened_at, called_at, closed_at, outcome,
                failure, correlation_id)
            values (%s, 1, %s, %s, %s, 'like', 'api', 'perform', %s, '{}', %s, %s, %s, %s, %s, 'c')
            """,
            (
                activity_id,
                client_id,
                post_id,
                account_id,
                new_id(),
                at,
                at + timedelta(seconds=1),
                closed,
                outcome,
                Jsonb(failure) if outcome == "failed" else None,
            ),
        )

    async def evidence(
        self, *, client_id: UUID, activity_id: UUID, at: datetime, execution: int = 1
    ) -> UUID:
        """A screenshot of a failure."""
        evidence_id = new_id()
        await self.conn.execute(
            """
            insert into engagement.evidence (id, client_id, activity_id, execution, taken_at, state,
                page_path, title, content_type, image)
            values (%s, %s, %s, %s, %s, 'layout_changed', '/feed/', 'Feed', 'image/jpeg', %s)
            """,
            (evidence_id, client_id, activity_id, execution, at, JPEG),
        )
        return evidence_id

    async def pause(
        self,
        *,
        client_id: UUID | None,
        scope: str,
        scope_id: UUID | None = None,
        code: str = "paused_by_person",
        paused_by: str = "user:x",
        pause_id: UUID | None = None,
    ) -> UUID:
        """A pause in force."""
        pause_id = pause_id or new_id()
        await self.conn.execute(
            """
            insert into scheduler.pauses (id, scope, client_id, scope_id, code, reason, paused_by)
            values (%s, %s, %s, %s, %s, 'Because.', %s)
            """,
            (pause_id, scope, client_id, scope_id, code, paused_by),
        )
        return pause_id

    async def watch(
        self,
        *,
        client_id: UUID,
        account_id: UUID,
        began_at: datetime,
        ended: bool = False,
        kind: str = "posts_of_account",
    ) -> UUID:
        """A watch of an account whose first look was asked for."""
        watch_id = new_id()
        await self.conn.execute(
            """
            insert into scheduler.watches (id, client_id, kind, subject, account_id, every_seconds,
                began_at, ended_at, next_at, execution, unheard, sends, reason_code, reason)
            values (%(id)s, %(client)s, %(kind)s, %(subject)s, %(account)s, 900,
                %(began)s, case when %(ended)s then %(began)s end, %(began)s, 1, true, 1,
                'handed_over', 'Handed over to an executor, which looks now.')
            """,
            {
                "id": watch_id,
                "client": client_id,
                "kind": kind,
                "subject": str(account_id),
                "account": account_id,
                "began": began_at,
                "ended": ended,
            },
        )
        return watch_id

    async def notification(
        self, *, client_id: UUID, at: datetime, account_id: UUID | None = None
    ) -> UUID:
        """Something a tenant was told."""
        notification_id = new_id()
        await self.conn.execute(
            """
            insert into notifier.notifications (id, event_key, client_id, code, severity, sentence,
                account_id, correlation_id, happened_at)
            values (%s, %s, %s, 'activity_failed', 'warning', 'A sentence for a person.', %s, 'c',
                %s)
            """,
            (notification_id, str(new_id()), client_id, account_id, at),
        )
        return notification_id

    async def look(
        self, *, client_id: UUID, account_id: UUID, watch_id: UUID, shown: Mapping[str, str]
    ) -> None:
        """The last look of a watch, and how the posts begin that it found."""
        await self.conn.execute(
            "insert into engagement.looks (watch_id, client_id, account_id, execution, sends,"
            " shown) values (%s, %s, %s, 1, 1, %s)",
            (watch_id, client_id, account_id, Jsonb(dict(shown))),
        )

    async def outbox(self) -> list[dict[str, Any]]:
        """What the gateway has to publish."""
        cursor = await self.conn.execute("select * from gateway.outbox order by id")
        return await cursor.fetchall()

    async def clear_outbox(self) -> None:
        """Forget it."""
        await self.conn.execute("delete from gateway.outbox")

    async def everything(self) -> str:
        """All rows of the gateway's schema as text."""
        cursor = await self.conn.execute(
            "select relname from pg_class "
            "where relnamespace = 'gateway'::regnamespace and relkind = 'r'"
        )
        rows: list[str] = []
        for table in await cursor.fetchall():
            name = sql.Identifier("gateway", table["relname"])
            found = await self.conn.execute(sql.SQL("select t::text as row from {} t").format(name))
            rows.extend(row["row"] for row in await found.fetchall())
        return "\n".join(rows)
