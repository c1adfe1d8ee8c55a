-- name: hold
-- Parked by its member. What was handed over, ended or parked meanwhile is left alone; a report of each that is held.
update scheduler.activities a
set parked_by = a.member_id, parked_at = %(now)s, reason_code = r.code, reason = r.reason, updated_at = %(now)s
from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, code text, reason text)
where a.id = r.id and a.id = any(%(ids)s) and a.state in ('awaiting_approval', 'scheduled') and a.parked_by is null
returning {report}

-- name: tenants_with_held
-- Whose held activities are to go on, or to end: one look into the index for each member who has any, and one more where
-- the time of something has passed.
with recursive found as (
    (select member_id, client_id from scheduler.activities
     where parked_by = member_id order by member_id limit 1)
    union all
    select n.member_id, n.client_id
    from found f
    cross join lateral (
        select a.member_id, a.client_id from scheduler.activities a
        where a.parked_by = a.member_id and a.member_id > f.member_id order by a.member_id limit 1) n
)
select distinct f.client_id
from found f
left join gateway.api_participation m on m.member_id = f.member_id
where exists (
    select 1 from scheduler.activities a
    where a.parked_by = a.member_id and a.member_id = f.member_id
      and ((m.takes_part and a.kind = any(m.kinds)) or (a.due_at < %(now)s and {window_ends} < %(now)s)))

-- name: claim_held
-- Of one tenant, those that go on or end, in the order of their times. What somebody holds is left for the next time.
select a.id, a.client_id, a.post_id, a.pod_id, a.account_id, a.platform, a.kind, a.state, a.due_at, a.correlation_id,
       a.traceparent, a.unheard, {window_ends} as window_ends
from scheduler.activities a
left join gateway.api_participation m on m.member_id = a.member_id
where a.parked_by = a.member_id and a.client_id = %(client_id)s
  and a.state in ('awaiting_approval', 'scheduled')
  and ((m.takes_part and a.kind = any(m.kinds)) or (a.due_at < %(now)s and {window_ends} < %(now)s))
order by a.due_at
limit %(limit)s
for update of a skip locked

-- name: let_go
-- Rows that were claimed. A null `due_at` leaves time and place as they are. A yes may be given for as long as before.
update scheduler.activities a
set parked_by = null, parked_at = null, state = r.state, reason_code = r.code, reason = r.reason,
    approval_expires_at = a.approval_expires_at + greatest(interval '0', r.due_at - a.scheduled_for),
    due_at = coalesce(r.due_at, a.due_at), scheduled_for = greatest(a.scheduled_for, r.due_at), updated_at = %(now)s
from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, state text, due_at timestamptz, code text, reason text)
where a.id = r.id and a.id = any(%(ids)s)
