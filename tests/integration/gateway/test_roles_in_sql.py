"""Which role of the database may read what of another service's: no more than its work asks for."""

from collections.abc import Mapping
from typing import Final

import psycopg
import pytest

ALL: Final = frozenset({"*"})
OWN: Final = {
    "chorus_gateway": "gateway",
    "chorus_scheduler": "scheduler",
    "chorus_executor": "engagement",
    "chorus_browser_repost": "engagement",
    "chorus_notifier": "notifier",
}
_ACCOUNT: Final = frozenset(
    {"account_id", "client_id", "provider_account_id", "platform", "status"}
    | {"consented_kinds", "withheld", "profile_id"}
)
_EXECUTOR: Final[Mapping[str, frozenset[str]]] = {
    "gateway.api_accounts": _ACCOUNT,
    "gateway.api_participation": ALL,
    "scheduler.api_standing": ALL,
    "scheduler.api_due": ALL,
    "scheduler.api_denied": ALL,
    "scheduler.api_account_resumes": ALL,
    "scheduler.api_unfinished": ALL,
}
MAY_READ: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "chorus_gateway": {
        "scheduler.api_activities": ALL,
        "scheduler.api_decisions": ALL,
        "scheduler.api_pauses": ALL,
        "scheduler.api_rate_limits": ALL,
        "scheduler.api_default_limits": ALL,
        "scheduler.api_watches": ALL,
        "engagement.api_attempts": ALL,
        "engagement.api_evidence": ALL,
        "engagement.api_shown_posts": ALL,
        "notifier.api_notifications": ALL,
    },
    "chorus_scheduler": {
        "gateway.api_posts": ALL,
        "gateway.api_pods": ALL,
        "gateway.api_members": ALL,
        "gateway.api_accounts": ALL,
        "gateway.api_cartridges": ALL,
        "gateway.api_participation": ALL,
        "engagement.api_journaled": ALL,
        "engagement.api_challenges": ALL,
    },
    "chorus_executor": {
        **_EXECUTOR,
        "scheduler.api_watch_orders": ALL,
        "gateway.api_posts": frozenset({"post_id", "client_id", "pod_id", "amplify"}),
    },
    "chorus_browser_repost": _EXECUTOR,
    "chorus_notifier": {},
}


def _columns(conn: psycopg.Connection, role: str) -> set[tuple[str, str]]:
    """Every column of another service's relations that the role may read."""
    rows = conn.execute(
        """
        select n.nspname || '.' || c.relname, a.attname
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where n.nspname in ('gateway', 'scheduler', 'engagement', 'notifier') and n.nspname <> %s
          and c.relkind in ('r', 'v', 'p', 'm')
          and has_schema_privilege(%s, n.oid, 'usage')
          and has_column_privilege(%s, c.oid, a.attnum, 'select')
        """,
        (OWN[role], role, role),
    )
    return {(relation, column) for relation, column in rows.fetchall()}


@pytest.mark.parametrize("role", OWN)
def test_a_role_reads_no_more_of_others_than_it_needs(migrated_database: str, role: str) -> None:
    """Finding E10: relation by relation and column by column, and nothing besides."""
    with psycopg.connect(migrated_database, autocommit=True) as conn:
        found = _columns(conn, role)
    allowed = MAY_READ[role]
    beyond = {
        (relation, column)
        for relation, column in found
        if "*" not in allowed.get(relation, ()) and column not in allowed.get(relation, ())
    }
    assert beyond == set()
    assert {relation for relation, _ in found} == set(allowed), "nothing that nobody may read"


@pytest.mark.parametrize("role", ["chorus_executor", "chorus_browser_repost", "chorus_notifier"])
def test_drafts_are_for_the_scheduler_alone(migrated_database: str, role: str) -> None:
    """Finding E10: what is queued is read by whoever hands it over, tried in SQL."""
    with psycopg.connect(migrated_database, autocommit=True) as conn:
        conn.execute(psycopg.sql.SQL("set role {}").format(psycopg.sql.Identifier(role)))
        for query in (
            "select text from gateway.api_posts",
            "select comment_texts from gateway.api_posts",
            "select phrases from gateway.api_members",
            "select display_name from gateway.api_accounts",
            "select * from gateway.posts",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(query.encode())


@pytest.mark.parametrize("role", OWN)
def test_a_role_writes_its_own_tables_alone(migrated_database: str, role: str) -> None:
    """INVARIANT (E10): no insert, update, delete or truncate in another service's schema."""
    with psycopg.connect(migrated_database, autocommit=True) as conn:
        rows = conn.execute(
            """
            select n.nspname || '.' || c.relname
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname in ('gateway', 'scheduler', 'engagement', 'notifier', 'chorus')
              and n.nspname <> %s and c.relkind in ('r', 'v', 'p')
              and has_table_privilege(%s, c.oid, 'insert, update, delete, truncate')
            """,
            (OWN[role], role),
        ).fetchall()
    assert rows == []


def test_the_gateway_reads_none_of_the_views_that_show_all_tenants(migrated_database: str) -> None:
    """INVARIANT (P10): what other services read of the gateway is not for the gateway's role."""
    with psycopg.connect(migrated_database, autocommit=True) as conn:
        conn.execute("set role chorus_gateway")
        for name in ("posts", "pods", "members", "accounts", "cartridges", "participation"):
            query = psycopg.sql.SQL("select 1 from {}")
            view = psycopg.sql.Identifier("gateway", f"api_{name}")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(query.format(view))
