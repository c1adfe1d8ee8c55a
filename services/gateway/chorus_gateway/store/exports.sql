-- name: decisions_of
-- All decisions of these activities, each activity's in their order.
select id, activity_id, post_id, account_id, kind, code, sentence, limit_name, limit_value, limit_used, next_possible_at,
       actor, correlation_id, at
from scheduler.api_decisions
where activity_id = any(%(ids)s)
order by activity_id, id
limit %(limit)s
