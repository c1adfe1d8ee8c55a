-- name: first_due
-- The first that is due, of each tenant and lane: one look into the index each, however much there is.
with recursive tenants as (
    select l.lane, (
        select a.client_id from scheduler.activities a
        where {waits}
          and a.lane = l.lane
        order by a.client_id limit 1) as client_id
    from unnest(%(lanes)s::text[]) as l(lane)
    union all
    select t.lane, (
        select a.client_id from scheduler.activities a
        where {waits}
          and a.lane = t.lane and a.client_id > t.client_id
        order by a.client_id limit 1)
    from tenants t
    where t.client_id is not null
)
select t.lane, t.client_id, first.due_at
from tenants t
cross join lateral (
    select a.due_at from scheduler.activities a
    where {waits}
      and a.lane = t.lane and a.client_id = t.client_id
    order by a.due_at limit 1
) first
where t.client_id is not null

-- name: claim_due
-- Of each tenant as many as it has room for in the lane; tenants take turns.
select a.id, a.client_id, a.post_id, a.pod_id, a.account_id, a.member_id, a.platform, a.kind, a.lane, a.state, a.due_at,
       a.reason, a.execution, a.effect, a.target_social_id, a.kind = 'repost' and a.draft_text is not null as speaks,
       a.approval = 'given' and a.owner_agreed as owner_agreed, a.suggested, a.correlation_id
from unnest(%(tenants)s::uuid[], %(limits)s::integer[]) as t(client_id, room)
cross join lateral (
    select a.id
    from scheduler.activities a
    where {waits}
      and a.lane = %(lane)s and a.client_id = t.client_id and a.due_at <= %(until)s
    order by a.due_at
    limit t.room
    for update skip locked
) claimed
join scheduler.activities a on a.id = claimed.id
order by row_number() over (partition by a.client_id order by a.due_at), a.due_at

-- name: in_hand
-- What is out: a cancelled one whose outcome was not heard yet is in its executor's hands too.
select lane, client_id, count(*) as n from scheduler.activities where unheard <> '{}' group by lane, client_id

-- name: others_of_target
-- What other activities of the same account, kind and target did, or may be doing. Asked under the account's gate.
select w.id, bool_or(o.effect = 'seen') as acted
from jsonb_to_recordset(%(rows)s::jsonb) as w(id uuid, account_id uuid, kind text, target text)
join scheduler.activities o
  on o.account_id = w.account_id and o.kind = w.kind and o.target_social_id = w.target and o.id <> w.id
 and {may_have_acted}
group by w.id

-- name: hand_over
-- Rows that were claimed. A new execution each, out from now on; an order of each.
update scheduler.activities a
set state = 'dispatched',
    mode = case a.effect when 'none' then 'perform' else 'verify' end,
    execution = a.execution + 1,
    unheard = a.unheard || (a.execution + 1),
    draft_text = case when a.id = any(%(silenced)s) then null else a.draft_text end,
    voice = case when a.id = any(%(silenced)s) then 'none' else a.voice end,
    dispatched_at = %(now)s,
    lease_until = greatest(a.due_at, %(now)s) + %(lease)s,
    acts_until = (%(acts_until)s::jsonb ->> a.id::text)::timestamptz,
    gate_scopes = case when a.effect <> 'none' then '{}'
                  else array(select jsonb_array_elements_text(%(scopes)s::jsonb -> a.id::text)) end,
    reason_code = %(code)s, reason = %(sentence)s,
    updated_at = %(now)s
where a.id = any(%(ids)s)
returning {order}

-- name: put_off
-- Rows that were claimed. Its place in the plan moves along, and never to an earlier time. What an absence moves keeps
-- the time at which it was wished for.
update scheduler.activities a
set due_at = r.due_at, scheduled_for = greatest(a.scheduled_for, r.due_at), reason_code = r.code, reason = r.reason,
    wished_at = case r.code when 'absent' then coalesce(a.wished_at, a.due_at) else a.wished_at end, updated_at = %(now)s
from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, due_at timestamptz, code text, reason text)
where a.id = r.id and a.id = any(%(ids)s)

-- name: park
-- Under a share of the pause's row: a resume that commits meanwhile leaves nothing parked by what has ended. It stands
-- still since it was due, or since the pause began where it was late already.
with in_force as materialized (
    select id, paused_at from scheduler.pauses where id = any(%(pauses)s) and resumed_at is null order by id for share
)
update scheduler.activities a
set parked_by = r.pause_id, reason_code = 'parked', reason = r.reason, updated_at = %(now)s,
    parked_at = case when p.paused_at <= %(now)s then greatest(a.due_at, p.paused_at) else a.due_at end
from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, pause_id uuid, reason text)
join in_force p on p.id = r.pause_id
where a.id = r.id and a.id = any(%(ids)s)
returning a.id

-- name: end_unstarted
-- Cancelled is a no that stays; skipped is not.
update scheduler.activities a
set state = r.state, reason_code = r.code, reason = r.reason, updated_at = %(now)s,
    stopped_at = case r.state when 'cancelled' then %(now)s end,
    stopped_by = case r.state when 'cancelled' then 'scheduler' end,
    stop_code = case r.state when 'cancelled' then r.code end,
    stop_reason = case r.state when 'cancelled' then r.reason end
from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, state text, code text, reason text)
where a.id = r.id and a.id = any(%(ids)s)
returning {report}
