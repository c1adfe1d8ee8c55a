-- name: add_clearing
-- One row.
insert into scheduler.clearings (id, client_id, scope, scope_id, reason, actor)
values (%(id)s, %(client_id)s, %(scope)s, %(scope_id)s, %(reason)s, %(actor)s)
returning id, client_id, scope, scope_id, reason, actor, asked_at

-- name: open_clearings
-- Those that are not done, the oldest first.
select id from scheduler.clearings where ended_at is null order by asked_at limit %(limit)s

-- name: lock_clearing
-- Nothing where it is done, or somebody else is at it.
select id, client_id, scope, scope_id, reason, actor, asked_at
from scheduler.clearings
where id = %(id)s and ended_at is null
for update skip locked

-- name: clearing_counts
-- One row: what there is to clear, by index, account for account.
select count(*) filter (where t.state in ('awaiting_approval', 'scheduled'))::integer as planned,
       count(*) filter (where t.state in ('dispatched', 'unknown'))::integer as out
from gateway.api_accounts c
cross join lateral (
    select a.state from scheduler.activities a where a.account_id = c.account_id and {to_clear} offset 0
) t
where c.client_id = %(client_id)s and (%(scope)s::text <> 'account' or c.account_id = %(scope_id)s)

-- name: clear_batch
-- A no that stays, by `actor`, to a batch of what there is to clear; what somebody holds is left for the next time. What
-- may have happened is looked for as before. All columns of an `Activity`, and whether it was out.
with found as materialized (
    select t.id
    from gateway.api_accounts c
    cross join lateral (
        select a.id from scheduler.activities a where a.account_id = c.account_id and {to_clear} offset 0
    ) t
    where c.client_id = %(client_id)s and (%(scope)s::text <> 'account' or c.account_id = %(scope_id)s)
    limit %(limit)s
), claimed as materialized (
    select a.id, a.state in ('dispatched', 'unknown') as was_out
    from scheduler.activities a join found on found.id = a.id
    where {to_clear}
    for update of a skip locked
)
update scheduler.activities a
set state = case a.effect when 'possible' then a.state else 'cancelled' end,
    needs_person = a.needs_person and a.effect = 'possible', parked_by = null, updated_at = %(now)s,
    reason_code = %(code)s, reason = %(sentence)s,
    stopped_at = %(now)s, stopped_by = %(actor)s, stop_code = %(code)s, stop_reason = %(sentence)s
from claimed
where a.id = claimed.id
returning {activity}, claimed.was_out

-- name: count_cleared
-- What a batch has done; `ended` where nothing is left.
update scheduler.clearings
set removed = removed + %(removed)s, stopped = stopped + %(stopped)s,
    ended_at = case when %(ended)s then clock_timestamp() end
where id = %(id)s
