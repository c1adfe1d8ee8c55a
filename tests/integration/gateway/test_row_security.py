"""Row-level security, tried in SQL as the gateway's own role."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import AsyncConnection, sql
from psycopg.rows import dict_row

from chorus.ids import new_id
from chorus_gateway.actions import invitations
from chorus_gateway.actions.invitations import Guest
from chorus_gateway.store import accounts
from tests.integration.gateway.conftest import POST_URL, Tenant, World, pod_with_member

# One column that can be set to itself, for each table that the role may update.
UPDATABLE = {
    "clients": "name",
    "users": "name",
    "refresh_tokens": "used_at",
    "api_keys": "name",
    "idempotency_keys": "lease_until",
    "accounts": "display_name",
    "voice_cartridges": "name",
    "pods": "name",
    "pod_members": "name",
    "posts": "text",
    "departures": "whole",
    "invitations": "name",
    "page_sessions": "ended_at",
    "absences": "reason",
}


@pytest.fixture
async def filled(world: World, ada: Tenant) -> Tenant:
    """A tenant with at least one row in every table that has rows of tenants."""
    pod, account, member = await pod_with_member(ada)
    left = await ada.http.patch(f"/api/pod-members/{member['id']}", json={"active": False})
    assert left.is_success
    day = (world.clock.now() + timedelta(days=9)).date().isoformat()
    days = {"first_day": day, "last_day": day}
    await ada.post(f"/api/accounts/{account['id']}/absences", days)
    headers = {"Idempotency-Key": "k"}
    await ada.post("/api/cartridges", {"name": "warm"}, headers=headers)
    await ada.post("/api/api-keys", {"name": "robot"})
    post = await ada.post("/api/posts", {"url": POST_URL})
    activity_id = await world.ledger.activity(
        client_id=ada.client_id,
        post_id=post["id"],
        account_id=account["id"],
        at=world.clock.now(),
        pod_id=pod["id"],
        member_id=member["id"],
    )
    await world.ledger.decision(
        client_id=ada.client_id, activity_id=activity_id, at=world.clock.now(), code="planned"
    )
    await world.ledger.attempt(
        client_id=ada.client_id,
        activity_id=activity_id,
        post_id=post["id"],
        account_id=account["id"],
        at=world.clock.now(),
    )
    await world.ledger.evidence(
        client_id=ada.client_id, activity_id=activity_id, at=world.clock.now()
    )
    watch_id = await world.ledger.watch(
        client_id=ada.client_id, account_id=account["id"], began_at=world.clock.now()
    )
    await world.ledger.look(
        client_id=ada.client_id, account_id=account["id"], watch_id=watch_id, shown={}
    )
    await world.ledger.pause(client_id=ada.client_id, scope="tenant")
    token = (await ada.post("/api/invitations", {}))["url"].rpartition("/")[2]
    guest = Guest(email="mia@example.com", name="Mia", address="192.0.2.7")
    await invitations.redeem(world.gateway, token, guest)
    notice = await world.ledger.notification(client_id=ada.client_id, at=world.clock.now())
    await ada.post("/api/notifications/read", {"ids": [str(notice)]})
    return ada


@pytest.fixture
async def role(gateway_dsn: str) -> AsyncIterator[AsyncConnection[dict[str, Any]]]:
    """A connection of the role chorus_gateway."""
    async with await AsyncConnection.connect(
        gateway_dsn, autocommit=True, row_factory=dict_row
    ) as conn:
        yield conn


async def _relations(world: World, kinds: list[str]) -> list[tuple[str, str]]:
    """Everything that the role may touch, as (schema, name)."""
    cursor = await world.ledger.conn.execute(
        """
        select n.nspname as schema, c.relname as name
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = any(%s)
          and n.nspname in ('gateway', 'scheduler', 'engagement', 'notifier')
          and has_schema_privilege('chorus_gateway', n.oid, 'usage')
          and has_table_privilege('chorus_gateway', c.oid, 'select, insert, update, delete')
        order by 1, 2
        """,
        (kinds,),
    )
    return [(row["schema"], row["name"]) for row in await cursor.fetchall()]


async def _count(conn: AsyncConnection[Any], schema: str, name: str) -> int:
    query = sql.SQL("select count(*) as n from {}").format(sql.Identifier(schema, name))
    row = await (await conn.execute(query)).fetchone()
    return int(row["n"]) if row else 0


async def _become(conn: AsyncConnection[Any], client_id: UUID | None) -> None:
    value = "" if client_id is None else str(client_id)
    await conn.execute("select set_config('chorus.client_id', %s, false)", (value,))


async def test_nothing_is_seen_without_a_tenant(
    world: World, filled: Tenant, role: AsyncConnection[dict[str, Any]]
) -> None:
    """INVARIANT (P10): no tenant set, no rows; the outbox alone is the relay's, which has none."""
    relations = await _relations(world, ["r", "v", "p"])
    assert len(relations) >= 17
    for schema, name in relations:
        seen = await _count(role, schema, name)
        expected_to_be_empty = (schema, name) not in {
            ("gateway", "outbox"),
            # The defaults of the installation, which belong to no tenant.
            ("scheduler", "api_rate_limits"),
            ("scheduler", "api_default_limits"),
        }
        assert not (expected_to_be_empty and seen), f"{schema}.{name}"
    cursor = await role.execute(
        "select count(*) as n from scheduler.api_rate_limits where client_id is not null"
    )
    assert await cursor.fetchone() == {"n": 0}


async def test_another_tenants_rows_cannot_be_seen(
    world: World, filled: Tenant, bob: Tenant, role: AsyncConnection[dict[str, Any]]
) -> None:
    """INVARIANT (P10): every table and view, those of other services too."""
    for schema, name in await _relations(world, ["r", "v", "p"]):
        column = "id" if name == "clients" else "client_id"
        if name == "api_default_limits":
            continue  # nobody's
        if name == "outbox":
            await _become(role, bob.client_id)
            assert await _count(role, schema, name) == 0
            continue
        query = sql.SQL("select count(*) as n from {} where {} = %s").format(
            sql.Identifier(schema, name), sql.Identifier(column)
        )
        await _become(role, filled.client_id)
        own = await (await role.execute(query, (filled.client_id,))).fetchone()
        await _become(role, bob.client_id)
        foreign = await (await role.execute(query, (filled.client_id,))).fetchone()
        assert foreign == {"n": 0}, f"{schema}.{name}"
        if name != "api_rate_limits":
            assert own is not None
            assert own["n"] > 0, f"{schema}.{name} has no row of A: nothing was tried"


async def test_another_tenants_rows_cannot_be_changed(
    world: World, filled: Tenant, bob: Tenant, role: AsyncConnection[dict[str, Any]]
) -> None:
    """INVARIANT (P10): an update or a delete of A's rows as B touches none."""
    await _become(role, bob.client_id)
    for name, column in UPDATABLE.items():
        key = "id" if name == "clients" else "client_id"
        update = sql.SQL("update {} set {} = {} where {} = %s").format(
            sql.Identifier("gateway", name),
            sql.Identifier(column),
            sql.Identifier(column),
            sql.Identifier(key),
        )
        cursor = await role.execute(update, (filled.client_id,))
        assert cursor.rowcount == 0, name
    for _, name in await _relations(world, ["r"]):
        if not await _may(world, name, "delete"):
            continue
        before = await _rows_of(world, name, filled.client_id)
        await role.execute(sql.SQL("delete from {}").format(sql.Identifier("gateway", name)))
        assert await _rows_of(world, name, filled.client_id) == before > 0, name


async def _rows_of(world: World, name: str, client_id: UUID) -> int:
    """As the owner of everything sees it; the rows of the outbox are all A's here."""
    table = sql.Identifier("gateway", name)
    where = sql.SQL("") if name == "outbox" else sql.SQL("where client_id = {}").format(client_id)
    query = sql.SQL("select count(*) as n from {} {}").format(table, where)
    row = await (await world.ledger.conn.execute(query)).fetchone()
    return int(row["n"]) if row else 0


async def _may(world: World, name: str, privilege: str) -> bool:
    cursor = await world.ledger.conn.execute(
        "select has_table_privilege('chorus_gateway', %s, %s) as may",
        (f"gateway.{name}", privilege),
    )
    row = await cursor.fetchone()
    return bool(row and row["may"])


async def test_rows_cannot_be_put_into_another_tenant(
    filled: Tenant, bob: Tenant, role: AsyncConnection[dict[str, Any]]
) -> None:
    """INVARIANT (P10): an insert with A's tenant as B is refused, in every table."""
    await _become(role, bob.client_id)
    inserts = {
        "clients": "insert into gateway.clients (id, name) values (%(new)s, 'x')",
        "users": "insert into gateway.users (id, client_id, email, name, role) "
        "values (%(new)s, %(a)s, 'x@y.z', 'x', 'owner')",
        "refresh_tokens": "insert into gateway.refresh_tokens "
        "(id, client_id, user_id, family_id, token_hash, expires_at) "
        "values (%(new)s, %(a)s, %(user)s, %(new)s, 'x', now())",
        "api_keys": "insert into gateway.api_keys "
        "(id, client_id, user_id, name, prefix, key_hash, scopes) "
        "values (%(new)s, %(a)s, %(user)s, 'x', 'x', 'x', '{read}')",
        "idempotency_keys": "insert into gateway.idempotency_keys "
        "(client_id, route, key, request_hash) values (%(a)s, 'r', 'k', 'h')",
        "audit_log": "insert into gateway.audit_log (client_id, actor, action) "
        "values (%(a)s, 'x', 'x.y')",
        "accounts": "insert into gateway.accounts "
        "(id, client_id, owner_user_id, provider_account_id, platform, display_name) "
        "values (%(new)s, %(a)s, %(user)s, 'x', 'linkedin', 'x')",
        "voice_cartridges": "insert into gateway.voice_cartridges "
        "(id, client_id, name, definition) values (%(new)s, %(a)s, 'x', '{}')",
        "pods": "insert into gateway.pods (id, client_id, name, policy) "
        "values (%(new)s, %(a)s, 'x', '{}')",
        "notices_read": "insert into gateway.notices_read (client_id, user_id, notification_id) "
        "values (%(a)s, %(user)s, %(new)s)",
        "invitations": "insert into gateway.invitations (id, client_id, purpose, invited_by, "
        "token_hash, created_at, expires_at) "
        "values (%(new)s, %(a)s, 'join', %(user)s, sha256('x'), now(), now())",
        "page_sessions": "insert into gateway.page_sessions (id, client_id, user_id, secret_hash, "
        "created_at, expires_at) values (%(new)s, %(a)s, %(user)s, sha256('x'), now(), now())",
        "posts": "insert into gateway.posts (id, client_id, state, correlation_id) "
        "values (%(new)s, %(a)s, 'failed', 'x')",
    }
    values = {"new": new_id(), "a": filled.client_id, "user": filled.user_id}
    for name, statement in inserts.items():
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            await role.execute(statement.encode(), values)
        assert name


async def test_a_row_cannot_point_into_another_tenant(
    world: World, filled: Tenant, bob: Tenant
) -> None:
    """INVARIANT (P10): references name the tenant too, so even the owner cannot cross them."""
    cursor = await world.ledger.conn.execute("select id from gateway.accounts limit 1")
    account = await cursor.fetchone()
    assert account is not None
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        await world.ledger.conn.execute(
            "insert into gateway.posts (id, client_id, author_account_id, state, correlation_id) "
            "values (%s, %s, %s, 'failed', 'x')",
            (new_id(), bob.client_id, account["id"]),
        )


async def test_logs_are_append_only_even_for_their_owner(world: World, filled: Tenant) -> None:
    """INVARIANT (invariant 4): consents and the audit log are never changed or removed."""
    for statement in (
        "update gateway.consents set granted = true",
        "delete from gateway.consents",
        "truncate gateway.consents",
        "update gateway.audit_log set actor = 'x'",
        "delete from gateway.audit_log",
        "truncate gateway.audit_log",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            await world.ledger.conn.execute(statement.encode())


async def test_the_role_cannot_claim_a_consent(
    filled: Tenant, role: AsyncConnection[dict[str, Any]]
) -> None:
    """INVARIANT (invariant 4): what is in force follows from the log alone."""
    await _become(role, filled.client_id)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await role.execute("update gateway.accounts set consented_kinds = '{send_dm}'")


async def test_who_only_looks_cannot_write(world: World, filled: Tenant) -> None:
    """INVARIANT: what a route reads with sees its tenant alone, and can change and lock nothing."""
    database = world.gateway.database
    async with database.reading(filled.client_id) as conn:
        (account,) = await accounts.listing(conn, before=None, limit=9, owner_user_id=None)
    assert account.client_id == filled.client_id
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        async with database.reading(filled.client_id) as conn:
            await accounts.save(conn, account)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        async with database.reading(filled.client_id) as conn:
            await accounts.lock(conn, account.id)
    async with database.tenant(filled.client_id) as conn:
        assert await accounts.save(conn, account) is not None
