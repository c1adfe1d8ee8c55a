-- name: account_hours
-- One row an account that is there; hours as JSON text, null where nobody chose any.
select a.account_id, greatest(a.connected_at, a.returned_at, r.returned_at) as warms_from, a.active_hours::text as active_hours,
       a.timezone, a.away::text as away
from gateway.api_accounts a
left join scheduler.challenge_returns r on r.account_id = a.account_id
where a.account_id = any(%(accounts)s)

-- name: booked_by_others
-- Scope, instant, and (once for each post) how many take part. What is parked has no place, nor has what waits for a
-- yes beyond its time; what is being moved gives its own up. `offset 0`: by index, whatever the statistics of a table
-- that was just filled say.
with accounts as materialized (
    select u.account_id, u.kind, 'account:' || u.account_id || ':' || u.kind as scope
    from unnest(%(accounts)s::uuid[], %(account_kinds)s::text[]) as u (account_id, kind)
), posts as materialized (
    select u.post_id, u.kind, 'post:' || u.post_id || ':' || u.kind as scope
    from unnest(%(posts)s::uuid[], %(post_kinds)s::text[]) as u (post_id, kind)
), of_posts as materialized (
    select w.scope, a.id, a.state, a.parked_by, a.due_at
    from posts w
    cross join lateral (
        select a.id, a.state, a.parked_by, a.due_at
        from scheduler.activities a
        where a.post_id = w.post_id and a.kind = w.kind and a.state not in ('cancelled', 'skipped', 'failed')
        offset 0
    ) a
), gone as materialized (
    select unnest(%(moving)s::uuid[]) as id
)
select w.scope, (date_part('epoch', t.due_at) * 1000000)::bigint, null::bigint
from accounts w
cross join lateral (
    select a.due_at
    from scheduler.activities a
    where a.account_id = w.account_id and a.kind = w.kind and a.parked_by is null
      and a.state in ('awaiting_approval', 'scheduled', 'dispatched', 'unknown')
      and (a.state <> 'awaiting_approval' or a.due_at >= %(now)s)
      and not exists (select 1 from gone where gone.id = a.id)
    offset 0
) t
union all
select p.scope, (date_part('epoch', p.due_at) * 1000000)::bigint, null
from of_posts p
where p.state <> 'executed' and p.parked_by is null and (p.state <> 'awaiting_approval' or p.due_at >= %(now)s)
  and not exists (select 1 from gone where gone.id = p.id)
union all
select w.scope, unnest(g.uses), null
from (select scope from accounts union all select scope from posts) w
join scheduler.limit_gates g on g.scope = w.scope and g.uses <> '{}'
union all
select p.scope, null, count(*) from of_posts p group by p.scope
