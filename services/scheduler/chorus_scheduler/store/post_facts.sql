-- name: lock_post
-- Two that find out a fact about one post ask in turn, until the end of the transaction.
select pg_advisory_xact_lock(hashtextextended('chorus.post.' || %(post_id)s::text, 0))

-- name: witnesses_of_post
-- The accounts that found this out of the post already, and whether one of their activities is a person's task.
select account_id, bool_or(needs_person) as told from scheduler.activities
where post_id = %(post_id)s and reason_code = %(code)s and state = 'failed'
group by account_id

-- name: end_of_post
-- What is left to do on a post that cannot be acted on any more. Who is being handed over now finds out by itself.
with left_over as materialized (
    select id from scheduler.activities
    where post_id = %(post_id)s and kind = any(%(kinds)s) and state in ('awaiting_approval', 'scheduled')
    order by id
    for update skip locked
)
update scheduler.activities a
set state = 'skipped', reason_code = %(code)s, reason = %(reason)s, parked_by = null, updated_at = %(now)s
from left_over l
where a.id = l.id
returning {report}
