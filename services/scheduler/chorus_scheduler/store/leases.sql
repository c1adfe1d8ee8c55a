-- name: overdue_leases
-- The oldest lease first, locked; what somebody holds is passed over.
with overdue as materialized (
    select a.id
    from scheduler.activities a
    where a.unheard <> '{}' and a.lease_until < %(now)s
    order by a.lease_until
    limit %(limit)s
    for update skip locked
)
select o.id, coalesce(j.journaled, false) as journaled, a.dispatched_at, a.state, a.execution, a.lane,
       a.gate_scopes
from overdue o
join scheduler.activities a on a.id = o.id
left join lateral (
    select true as journaled from engagement.api_journaled j
    where j.activity_id = a.id and j.execution = any(a.unheard)
    limit 1
) j on true

-- name: renew_leases
-- An order of each that is still out.
update scheduler.activities a
set lease_until = %(until)s
where a.id = any(%(ids)s) and a.unheard <> '{}'
returning {order}

-- name: lengthen_leases
-- Never shortened.
update scheduler.activities a
set lease_until = greatest(a.lease_until, %(until)s)
where a.id = any(%(ids)s) and a.unheard <> '{}'
