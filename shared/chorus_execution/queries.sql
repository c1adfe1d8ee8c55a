-- What is ordered, and whether it stands: a row for each address. Of what is not out there is `handed_over` alone, the
-- last execution that was; all is null where the ledger has none.
-- name: orders
select k.activity_id as asked, s.pause_code, s.pause_reason, s.asks_member, s.takes_part, s.member_kinds,
       s.account_status, s.consented, s.challenged, s.approval_mode, s.owner_agreed, s.execution as handed_over, d.*
from unnest(%(ids)b::uuid[]) as k (activity_id)
left join scheduler.api_due d on d.activity_id = k.activity_id
left join engagement.standing s on s.activity_id = k.activity_id;

-- name: eligibility
select k.activity_id as asked, s.pause_code, s.pause_reason, s.asks_member, s.takes_part, s.member_kinds,
       s.account_status, s.consented, s.challenged, s.approval_mode, s.owner_agreed, s.state, s.execution,
       s.acts_until
from unnest(%(ids)b::uuid[]) as k (activity_id)
left join engagement.standing s on s.activity_id = k.activity_id;

-- name: still_ours
select a.activity_id, a.execution
from unnest(%(ids)b::uuid[], %(executions)b::integer[]) as k (activity_id, execution)
join engagement.attempts a on a.activity_id = k.activity_id and a.execution = k.execution
where a.worker_id = %(worker)s and a.outcome is null;
