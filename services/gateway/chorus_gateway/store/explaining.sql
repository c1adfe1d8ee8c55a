-- name: parts
-- By account and kind, after the given one. An account that was left out once and acts now is shown as it acts.
with acting as (
    select account_id, kind, member_name as account_name, id as activity_id, state, scheduled_for, due_at, executed_at,
           reason_code, reason
    from scheduler.api_activities
    where post_id = %(post_id)s
), left_out as (
    select distinct on (d.account_id, d.kind)
           d.account_id, d.kind, null::text as account_name, null::uuid as activity_id,
           'not_taking_part' as state, null::timestamptz as scheduled_for, null::timestamptz as due_at,
           null::timestamptz as executed_at, d.code as reason_code, d.sentence as reason
    from scheduler.api_decisions d
    where d.post_id = %(post_id)s and d.activity_id is null and d.account_id is not null and d.kind is not null
      and not exists (
          select from scheduler.api_activities a
          where a.post_id = %(post_id)s and a.account_id = d.account_id and a.kind = d.kind)
    order by d.account_id, d.kind, d.id desc
)
select p.account_id, p.kind, coalesce(p.account_name, a.display_name) as account_name, p.activity_id, p.state,
       p.scheduled_for, p.due_at, p.executed_at, p.reason_code, p.reason
from (select * from acting union all select * from left_out) p
left join gateway.accounts a on a.id = p.account_id
where %(account_id)s::uuid is null or (p.account_id, p.kind) > (%(account_id)s::uuid, %(kind)s::text)
order by p.account_id, p.kind
limit %(limit)s

-- name: moves
-- Of each activity the last twenty, in the order in which they were decided.
select d.activity_id, d.at, d.code, d.sentence, d.limit_name, d.limit_value, d.limit_used, d.next_possible_at, d.actor
from unnest(%(activities)s::uuid[]) as a (id)
cross join lateral (
    select * from scheduler.api_decisions
    where activity_id = a.id and code = any(%(codes)s)
    order by id desc
    limit 20
) d
order by d.id
