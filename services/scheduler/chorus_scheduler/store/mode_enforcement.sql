-- name: not_following
-- What is planned, or waits for a yes, of accounts whose owners want it asked, or do it by hand: a row each.
select a.id, c.approval_modes ->> a.kind as mode, a.approval = 'given' and a.owner_agreed as owner_agreed
from scheduler.activities a
join gateway.api_accounts c on c.account_id = a.account_id
where a.account_id = any(%(accounts)s) and a.kind in ('like', 'comment', 'repost') and not a.suggested
  and ((c.approval_modes ->> a.kind = 'suggest' and a.state in ('awaiting_approval', 'scheduled'))
       or (c.approval_modes ->> a.kind = 'approve_each' and a.state = 'scheduled'
           and not (a.approval = 'given' and a.owner_agreed)))
order by a.id
limit %(limit)s
for update of a

-- name: hold_for_owner
-- What is planned or waits: a suggestion, or a yes that is asked for. What was handed over meanwhile is left alone. It waits
-- as long after its time as it would have, and two days at least.
update scheduler.activities a
set state = 'awaiting_approval', suggested = a.suggested or r.suggested, reason_code = r.code, reason = r.reason,
    approval = case when not r.suggested then 'waiting' when a.approval = 'waiting' then 'not_needed' else a.approval end,
    approved_by = case when r.suggested then a.approved_by end,
    approved_at = case when r.suggested then a.approved_at end,
    owner_agreed = r.suggested and a.owner_agreed,
    approval_expires_at = greatest(a.approval_expires_at, greatest(a.scheduled_for, %(now)s) + %(life)s),
    -- What is held for its member stays so; a pause is no matter of what a person does by hand.
    parked_by = case when a.parked_by = a.member_id then a.parked_by end,
    parked_at = case when a.parked_by = a.member_id then a.parked_at end, updated_at = %(now)s
from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, suggested boolean, code text, reason text)
where a.id = r.id and a.id = any(%(ids)s) and a.state in ('awaiting_approval', 'scheduled')
returning {activity}

-- name: acted_elsewhere
-- One row where another activity of the same account, kind and target acted, or may have.
select 1 as found
from scheduler.activities a
join scheduler.activities o
  on o.account_id = a.account_id and o.kind = a.kind and o.target_social_id = a.target_social_id and o.id <> a.id
 and {may_have_acted}
where a.id = %(id)s
limit 1
