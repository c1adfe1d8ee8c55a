-- name: ended_pauses_with_parked
-- One look into the index for each pause that has something parked, however much that is. A pause that ended while
-- something was about to be parked by it is among them.
with recursive found as (
    (select parked_by from scheduler.activities where parked_by is not null order by parked_by limit 1)
    union all
    select (select a.parked_by from scheduler.activities a where a.parked_by > f.parked_by order by a.parked_by limit 1)
    from found f
    where f.parked_by is not null
)
select p.id, p.late_from, coalesce(p.goes_on_at, p.resumed_at) as goes_on_at, coalesce(p.resumed_by, 'scheduler') as actor
from found f
join scheduler.pauses p on p.id = f.parked_by
where p.resumed_at is not null and (%(pause)s::uuid is null or p.id = %(pause)s)
order by p.resumed_at

-- name: parked_left
-- How many a pause has parked.
select count(*) as n from scheduler.activities where parked_by = %(pause)s

-- name: tenant_with_parked
-- Whose the first is that a pause has parked.
select client_id from scheduler.activities where parked_by = %(pause)s order by due_at limit 1

-- name: claim_parked
-- Of one tenant: its plans wait for its lock meanwhile, and for no other's.
select id, client_id, post_id, pod_id, account_id, platform, kind, due_at, coalesce(parked_at, due_at) as parked_at,
       correlation_id, traceparent, unheard
from scheduler.activities
where parked_by = %(pause)s and client_id = %(client_id)s
order by due_at
limit %(limit)s
for update

-- name: bring_back
-- Rows that were claimed. A null `due_at` leaves time and place as they are.
update scheduler.activities a
set parked_by = null, parked_at = null, state = r.state, due_at = coalesce(r.due_at, a.due_at),
    scheduled_for = greatest(a.scheduled_for, r.due_at), reason_code = r.code, reason = r.reason, updated_at = %(now)s
from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, state text, due_at timestamptz, code text, reason text)
where a.id = r.id and a.id = any(%(ids)s)
