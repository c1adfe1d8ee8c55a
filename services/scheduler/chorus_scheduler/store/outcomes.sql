-- name: lock_settling
-- In the order of their ids, so that two settlers never wait for each other.
select id, client_id, post_id, pod_id, account_id, platform, kind, lane, state, execution, attempt, verifications,
       gate_scopes, correlation_id, effect, stopped_at is not null as stopped, suggested, unheard, dispatched_at
from scheduler.activities
where id = any(%(ids)s)
order by id
for update

-- name: journaled_executions
-- The activities of those of these executions that an executor has entered.
select j.activity_id
from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, execution integer)
join engagement.api_journaled j on j.activity_id = r.id and j.execution = r.execution

-- name: save_outcomes
-- The target as the network names it is kept where no other activity of the account acted on it under that name.
update scheduler.activities a
set state = r.state, effect = r.effect, reason_code = r.code, reason = r.reason, attempt = r.attempt,
    verifications = r.verifications, due_at = coalesce(r.due_at, a.due_at),
    scheduled_for = case when r.placed then r.due_at else a.scheduled_for end, next_retry_at = r.due_at,
    executed_at = coalesce(r.executed_at, a.executed_at),
    failure_count = a.failure_count + r.failures,
    last_error = coalesce(r.last_error, a.last_error), result = coalesce(r.result, a.result),
    result_url = coalesce(r.result_url, a.result_url), final_text = coalesce(r.final_text, a.final_text),
    target_social_id = case
        when r.social_id is null or exists (
            select 1 from scheduler.activities o
            where o.account_id = a.account_id and o.kind = a.kind and o.target_social_id = r.social_id and o.id <> a.id
              and {may_have_acted})
        then a.target_social_id else r.social_id end,
    verified = r.verified, needs_person = r.needs_person, parked_by = null,
    stopped_at = case when r.stop then r.now else a.stopped_at end,
    stopped_by = case when r.stop then 'scheduler' else a.stopped_by end,
    stop_code = case when r.stop then r.code else a.stop_code end,
    stop_reason = case when r.stop then r.reason else a.stop_reason end,
    unheard = array_remove(a.unheard, r.execution),
    lease_until = case when array_remove(a.unheard, r.execution) = '{}' then null else a.lease_until end,
    gate_scopes = case when r.execution = a.execution then '{}' else a.gate_scopes end, updated_at = r.now
from jsonb_to_recordset(%(rows)s::jsonb) as r(
    id uuid, execution int, state text, effect text, code text, reason text, attempt int, verifications int,
    due_at timestamptz, placed boolean, executed_at timestamptz, failures int, last_error jsonb, result jsonb,
    result_url text, final_text text, social_id text, verified boolean, needs_person boolean, stop boolean,
    now timestamptz)
where a.id = r.id
returning {report}

-- name: hear_outcomes
-- Heard, and nothing else changes.
update scheduler.activities a
set unheard = array_remove(a.unheard, r.execution),
    lease_until = case when array_remove(a.unheard, r.execution) = '{}' then null else a.lease_until end,
    gate_scopes = case when r.execution = a.execution then '{}' else a.gate_scopes end,
    last_error = coalesce(r.last_error, a.last_error), updated_at = r.now
from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, execution int, last_error jsonb, now timestamptz)
where a.id = r.id
returning {report}
