-- name: planned_of_account
-- What is scheduled and nothing holds, the first wish first; what a dispatcher holds is left to it.
select a.id, a.client_id, a.post_id, a.pod_id, a.account_id, a.platform, a.kind, a.due_at, a.wished_at, a.reason_code,
       a.correlation_id
from scheduler.activities a
where a.account_id = %(account_id)s and a.client_id = %(client_id)s and a.state = 'scheduled' and a.parked_by is null
order by coalesce(a.wished_at, a.due_at), a.id
limit %(limit)s
for update skip locked

-- name: move_planned
-- Rows that were claimed.
update scheduler.activities a
set due_at = r.due_at, scheduled_for = r.due_at, reason_code = r.code, reason = r.reason, updated_at = %(now)s,
    wished_at = r.wished_at
from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, due_at timestamptz, wished_at timestamptz, code text, reason text)
where a.id = r.id and a.id = any(%(ids)s)

-- name: end_planned
-- Rows that were claimed.
update scheduler.activities a
set state = 'skipped', reason_code = %(code)s, reason = %(reason)s, updated_at = %(now)s
where a.id = any(%(ids)s) and a.state = 'scheduled'
returning {report}
