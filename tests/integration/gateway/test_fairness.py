"""Given against received in a pod: right, one's own alone for members, and fast for a thousand."""

from datetime import datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID

from chorus.ids import new_id
from chorus_gateway.store import fairness
from tests.integration.gateway.browsing import member_of
from tests.integration.gateway.conftest import POST_URL, Tenant, World, pod_with_member


async def _post(ada: Tenant, world: World, number: int, pod: str, author: Any) -> UUID:
    post = await ada.post(
        "/api/posts", {"url": POST_URL.replace("7379", f"73{number:02d}"), "pod_id": pod}
    )
    await world.ledger.conn.execute(
        "update gateway.posts set author_account_id = %s where id = %s", (author, post["id"])
    )
    return UUID(post["id"])


async def test_given_and_received_are_counted_where_they_belong(world: World, ada: Tenant) -> None:
    """Acts that were done, in the period, in this pod; on one's own posts by others."""
    pod, account, member = await pod_with_member(ada)
    await member_of(world, ada, pod_id=pod["id"])
    mia = next(a for a in (await ada.get("/api/accounts"))["items"] if a["id"] != account["id"])
    by_ada = await _post(ada, world, 11, pod["id"], account["id"])
    by_mia = await _post(ada, world, 12, pod["id"], mia["id"])
    now = world.clock.now()

    async def act(who: Any, post: UUID, kind: str, at: datetime, **more: Any) -> None:
        done = {"state": "executed", "pod_id": pod["id"]} | more
        await world.ledger.activity(
            client_id=ada.client_id, account_id=who, post_id=post, kind=kind, at=at, **done
        )

    day = timedelta(days=1)
    await act(mia["id"], by_ada, "like", now - day)
    await act(mia["id"], by_ada, "comment", now - 2 * day)
    await act(account["id"], by_mia, "like", now - 3 * day)
    await act(account["id"], by_mia, "repost", now - 40 * day)
    await act(account["id"], by_mia, "comment", now - day, state="skipped")
    found = await ada.get(f"/api/pods/{pod['id']}/fairness")
    lines = {one["account_id"]: one for one in found["members"]}
    own, hers = lines[account["id"]], lines[mia["id"]]
    assert own["member_id"] == member["id"]
    assert own["given"] == {"likes": 1, "comments": 0, "reposts": 0, "total": 1}
    assert own["received"] == {"likes": 1, "comments": 1, "reposts": 0, "total": 2}
    assert (own["own_posts"], own["balance"]) == (1, -1)
    assert (hers["given"]["total"], hers["received"]["total"], hers["balance"]) == (2, 1, 1)
    since = (now - 60 * day).isoformat()
    longer = await ada.get(f"/api/pods/{pod['id']}/fairness", params={"since": since})
    lines = {one["account_id"]: one for one in longer["members"]}
    assert lines[account["id"]]["given"]["total"] == 2
    refused = await ada.http.get(
        f"/api/pods/{pod['id']}/fairness", params={"since": (now + day).isoformat()}
    )
    assert refused.status_code == 422


async def test_whom_the_network_names_received_it(world: World, ada: Tenant) -> None:
    """B6 of findings: and not whom anybody typed."""
    pod, account, _ = await pod_with_member(ada)
    await member_of(world, ada, pod_id=pod["id"])
    mia = next(a for a in (await ada.get("/api/accounts"))["items"] if a["id"] != account["id"])
    post = await _post(ada, world, 13, pod["id"], account["id"])
    await world.ledger.conn.execute(
        "update gateway.posts p set author_provider_id = a.profile_id"
        " from gateway.accounts a where a.id = %s and p.id = %s",
        (mia["id"], post),
    )
    at = world.clock.now() - timedelta(days=1)
    await world.ledger.activity(
        client_id=ada.client_id,
        account_id=account["id"],
        post_id=post,
        at=at,
        state="executed",
        pod_id=pod["id"],
    )
    found = await ada.get(f"/api/pods/{pod['id']}/fairness")
    received = {one["account_id"]: one["received"]["total"] for one in found["members"]}
    assert received == {account["id"]: 0, mia["id"]: 1}


async def test_a_member_sees_their_own_line(world: World, ada: Tenant) -> None:
    """And nobody else's."""
    pod, _, _ = await pod_with_member(ada)
    noa = await world.person(ada, "Noa", "member")
    path = f"/api/pods/{pod['id']}/fairness"
    assert len((await ada.get(path))["members"]) == 1
    assert (await noa.get(path))["members"] == []


async def test_a_thousand_members_are_one_fast_query(world: World, ada: Tenant) -> None:
    """Q: a month of 100 acts a member, beside as many of another pod, by index."""
    pod, account, _ = await pod_with_member(ada)
    conn = world.ledger.conn
    other = new_id()
    await conn.execute(
        "insert into gateway.accounts (id, client_id, owner_user_id, provider, provider_account_id,"
        " platform, display_name, timezone) select gen_random_uuid(), client_id, owner_user_id,"
        " provider, 'many-' || n, platform, 'Many', 'UTC' from gateway.accounts,"
        " generate_series(1, 999) n where id = %s",
        (account["id"],),
    )
    await conn.execute(
        "insert into gateway.pod_members (id, client_id, pod_id, account_id, name)"
        " select gen_random_uuid(), client_id, %s, id, display_name from gateway.accounts"
        " where provider_account_id like 'many-%%'",
        (pod["id"],),
    )
    await conn.execute(
        "insert into gateway.posts (id, client_id, pod_id, author_account_id, url, state,"
        " published_at, correlation_id) select gen_random_uuid(), client_id, %s, account_id,"
        " 'https://example.com/' || id, 'published', %s, 'c' from gateway.pod_members"
        " order by id limit 100",
        (pod["id"], world.clock.now()),
    )
    await conn.execute(
        "insert into scheduler.activities (id, client_id, post_id, pod_id, account_id,"
        " provider_account_id, platform, kind, lane, state, effect, reason_code, reason, seed,"
        " scheduled_for, due_at, max_attempts, correlation_id, executed_at)"
        " select gen_random_uuid(), p.client_id, p.id,"
        " case n when 1 then %(pod)s::uuid else %(other)s::uuid end,"
        " m.account_id, 'x', 'linkedin', case n when 1 then 'like' else 'comment' end, 'api',"
        " 'executed', 'seen', 'executed', 'The network confirmed it.', 7,"
        " %(at)s, %(at)s, 3, 'c', %(at)s"
        " from gateway.posts p cross join gateway.pod_members m cross join generate_series(1, 2) n"
        " where p.author_account_id <> m.account_id",
        {"pod": pod["id"], "other": other, "at": world.clock.now() - timedelta(days=3)},
    )
    await conn.execute("analyze scheduler.activities")
    until = world.clock.now()
    since = until - timedelta(days=30)
    async with world.gateway.database.reading(ada.client_id) as reader:
        began = perf_counter()
        rows = await fairness.of_pod(reader, UUID(pod["id"]), since=since, until=until, owner=None)
        took = perf_counter() - began
    assert len(rows) == 1000
    assert sum(row.given_likes for row in rows) == sum(row.received_likes for row in rows) == 99_900
    assert sum(row.given_comments for row in rows) == 0
    assert took < 5, f"{took:.2f} s"
