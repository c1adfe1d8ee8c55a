-- name: last_plan
-- The newest plan of a tenant. Plans of one tenant are stored one after the other, so a later one has a greater id.
select coalesce(max(id), 0) as id from scheduler.plans where client_id = %(client_id)s

-- name: find_post
-- As the gateway publishes it, or nothing.
select post_id, client_id, pod_id, author_account_id, platform, url, social_id, text, state, published_at, comment_texts,
       correlation_id, amplify
from gateway.api_posts
where post_id = %(post_id)s and client_id = %(client_id)s

-- name: any_member
-- One row where the tenant has an active member in any pod.
select 1 as found from gateway.api_members where client_id = %(client_id)s and active limit 1

-- name: pods_of_post
-- The policy of the post's active pod: one row, or none.
select p.pod_id, p.policy
from gateway.api_posts t
join gateway.api_pods p on p.pod_id = t.pod_id and p.client_id = t.client_id and p.active
where t.post_id = %(post_id)s and t.client_id = %(client_id)s

-- name: members_of_post
-- In the order and in the forms that `MemberRow` names; what most have none of is null, which costs nothing to read.
-- The post's pod comes first, once: no pod, nobody.
with pods as materialized (
    select p.pod_id, p.cartridge_id, t.platform, t.author_provider_id
    from gateway.api_posts t
    join gateway.api_pods p on p.pod_id = t.pod_id and p.client_id = t.client_id and p.active
    where t.post_id = %(post_id)s and t.client_id = %(client_id)s
)
select m.account_id, m.member_id, 'account:' || m.account_id, a.provider_account_id, m.name, m.active,
       a.platform = p.platform, a.status = 'connected', array_to_string(m.kinds, ','),
       array_to_string(a.consented_kinds, ','), date_part('epoch', greatest(a.connected_at, a.returned_at, r.returned_at)), nullif(m.phrases, '{}'),
       coalesce(m.cartridge_id, p.cartridge_id), a.active_hours::text,
       nullif(a.timezone, 'UTC'), a.away::text, m.pod_id,
       coalesce(a.profile_id = p.author_provider_id, false), nullif(a.approval_modes, '{}')::text
from pods p
join gateway.api_members m on m.pod_id = p.pod_id
join gateway.api_accounts a on a.account_id = m.account_id
left join scheduler.challenge_returns r on r.account_id = m.account_id
where m.client_id = %(client_id)s
order by m.created_at, m.member_id

-- name: activities_of_post
-- All that the post has, in the order of their places.
select id, account_id, member_id, member_name, kind, lane, state, scheduled_for, draft_text, source_text, reason_code, reason,
       due_at, parked_by
from scheduler.activities
where post_id = %(post_id)s and client_id = %(client_id)s
order by scheduled_for, id

-- name: taken
-- A double holds microseconds of this century, less than a quarter off: rounded, they are exact. `offset 0`: by index,
-- account for account, whatever the statistics of a table that was just filled say.
with wanted as materialized (
    select a.account_id, k.kind, 'account:' || a.account_id || ':' || k.kind as scope
    from unnest(%(accounts)s::uuid[]) as a(account_id)
    cross join unnest(%(kinds)s::text[]) as k(kind)
)
select w.scope, (date_part('epoch', t.due_at) * 1000000)::bigint
from wanted w
cross join lateral (
    select a.due_at
    from scheduler.activities a
    where a.account_id = w.account_id and a.kind = w.kind
      and a.state in ('awaiting_approval', 'scheduled', 'dispatched', 'unknown') and a.parked_by is null
    offset 0
) t
union all
select w.scope, unnest(t.uses)
from wanted w
cross join lateral (
    select g.uses from scheduler.limit_gates g where g.scope = w.scope and g.uses <> '{}' offset 0
) t

-- name: lock_tenant
-- One plan at a time in a tenant, until the end of the transaction.
select pg_advisory_xact_lock(hashtextextended('chorus.plan.' || %(client_id)s::text, 0))

-- name: publications_booked
-- By index, account for account.
select t.due_at
from gateway.api_accounts c
cross join lateral (
    select a.due_at from scheduler.activities a
    where a.account_id = c.account_id and a.kind = 'publish' and a.due_at > %(since)s and a.parked_by is null
      and a.state in ('awaiting_approval', 'scheduled', 'dispatched', 'unknown')
    offset 0
) t
where c.client_id = %(client_id)s
