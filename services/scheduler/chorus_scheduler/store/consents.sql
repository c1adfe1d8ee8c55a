-- name: unagreed_of_account
-- What of one account is planned and has no consent, or a member who takes no part, with what tells which.
select {part_taken}
from scheduler.activities a
join gateway.api_accounts c on c.account_id = a.account_id
left join gateway.api_participation m on m.member_id = a.member_id
where a.account_id = %(account_id)s and a.client_id = %(client_id)s
  and a.state in ('awaiting_approval', 'scheduled') and ({takes_no_part})
limit %(limit)s

-- name: accounts_with_open
-- The next accounts that have something planned: one look into the index each, however much that is.
with recursive found as (
    (select account_id, 1 as n from scheduler.activities
     where account_id > %(after)s and state in ('awaiting_approval', 'scheduled', 'dispatched', 'unknown')
     order by account_id limit 1)
    union all
    select (select a.account_id from scheduler.activities a
            where a.account_id > f.account_id and a.state in ('awaiting_approval', 'scheduled', 'dispatched', 'unknown')
            order by a.account_id limit 1), f.n + 1
    from found f
    where f.account_id is not null and f.n < %(limit)s
)
select account_id from found where account_id is not null

-- name: unagreed_of_accounts
-- The same of many accounts, whose members are read once.
with members as materialized (
    select member_id, takes_part, kinds, gone, left_kinds
    from gateway.api_participation
    where account_id = any(%(accounts)s)
)
select {part_taken}
from scheduler.activities a
join gateway.api_accounts c on c.account_id = a.account_id
left join members m on m.member_id = a.member_id
where a.account_id = any(%(accounts)s) and a.state in ('awaiting_approval', 'scheduled') and ({takes_no_part})
limit %(limit)s

-- name: cancel_unstarted
-- A no that stays, by `actor`. What was handed over meanwhile is left alone; a report of each that was cancelled.
update scheduler.activities a
set state = 'cancelled', reason_code = %(code)s, reason = %(reason)s, parked_by = null, updated_at = %(now)s,
    stopped_at = %(now)s, stopped_by = %(actor)s, stop_code = %(code)s, stop_reason = %(reason)s
where id = any(%(ids)s) and state in ('awaiting_approval', 'scheduled')
returning {report}
