-- name: record_decisions
-- As they are given, in their order.
insert into scheduler.decisions (
    client_id, activity_id, post_id, account_id, kind, code, sentence, limit_name, limit_value, limit_used,
    next_possible_at, actor, correlation_id)
select client_id, activity_id, post_id, account_id, kind, code, sentence, limit_name, limit_value, limit_used,
       next_possible_at, actor, correlation_id
from jsonb_to_recordset(%(rows)s::jsonb) as r(
    client_id uuid, activity_id uuid, post_id uuid, account_id uuid, kind text, code text, sentence text,
    limit_name text, limit_value int, limit_used int, next_possible_at timestamptz, actor text, correlation_id text)
