-- name: inbox
-- Ids of what waits for its people, what ends first coming first, with what decides who may say what. What is held for its
-- member waits for nobody's word.
select a.id, a.suggested, o.owner_user_id, o.approval_modes ->> a.kind as mode,
       coalesce(a.approval_expires_at, a.created_at + interval '10 years') as at
from scheduler.api_activities a
join gateway.accounts o on o.id = a.account_id
where a.state = 'awaiting_approval' and a.parked_by is null
  and (%(owner)s::uuid is null or o.owner_user_id = %(owner)s)
  and (%(suggested)s::boolean is null or a.suggested = %(suggested)s)
  and (%(kinds)s::text[] is null or a.kind = any(%(kinds)s))
  and (%(pod_id)s::uuid is null or a.pod_id = %(pod_id)s)
  and (%(post_id)s::uuid is null or a.post_id = %(post_id)s)
  and (%(account_id)s::uuid is null or a.account_id = %(account_id)s)
  and (%(after_at)s::timestamptz is null
       or (coalesce(a.approval_expires_at, a.created_at + interval '10 years'), a.id) > (%(after_at)s, %(after_id)s::uuid))
order by at, a.id
limit %(limit)s

-- name: manual_queue
-- Ids of what only a person can end, what has waited longest coming first. Who called off what is unknown has said their
-- word: it is there on demand.
select a.id, a.suggested, o.owner_user_id, o.approval_modes ->> a.kind as mode, a.updated_at as at
from scheduler.api_activities a
join gateway.accounts o on o.id = a.account_id
where a.needs_person and a.state in ('failed', 'unknown') and (a.stopped_at is not null) = %(given_up)s
  and (%(owner)s::uuid is null or o.owner_user_id = %(owner)s)
  and (%(states)s::text[] is null or a.state = any(%(states)s))
  and (%(classes)s::text[] is null or a.last_error ->> 'error_type' = any(%(classes)s))
  and (%(kinds)s::text[] is null or a.kind = any(%(kinds)s))
  and (%(pod_id)s::uuid is null or a.pod_id = %(pod_id)s)
  and (%(post_id)s::uuid is null or a.post_id = %(post_id)s)
  and (%(account_id)s::uuid is null or a.account_id = %(account_id)s)
  and (%(after_at)s::timestamptz is null or (a.updated_at, a.id) > (%(after_at)s, %(after_id)s::uuid))
order by a.updated_at, a.id
limit %(limit)s
