-- name: standing
select k.activity_id, s.state, s.execution, s.pause_code, s.pause_reason, c.status as account_status,
       c.consented_kinds as consented
from unnest(%(ids)b::uuid[], %(accounts)b::uuid[]) as k (activity_id, account_id)
left join scheduler.api_standing s on s.activity_id = k.activity_id
left join gateway.api_accounts c on c.account_id = k.account_id;

-- name: still_ours
select a.activity_id, a.execution
from unnest(%(ids)b::uuid[], %(executions)b::integer[]) as k (activity_id, execution)
join engagement.attempts a on a.activity_id = k.activity_id and a.execution = k.execution
where a.worker_id = %(worker)s and a.outcome is null;
