-- name: listing
select id, client_id, kind, subject, account_id, every_seconds, began_at, ended_at, next_at, execution, unheard, errors, failing,
       looks, found, failures, looked_at, last_error, last_error_at, reason_code, reason
from scheduler.api_watches
where (%(before)s::uuid is null or id < %(before)s)
  and (%(account_id)s::uuid is null or account_id = %(account_id)s)
  and (not %(live)s or ended_at is null)
order by id desc
limit %(limit)s

-- name: find
select id, client_id, kind, subject, account_id, every_seconds, began_at, ended_at, next_at, execution, unheard, errors, failing,
       looks, found, failures, looked_at, last_error, last_error_at, reason_code, reason
from scheduler.api_watches
where id = %(id)s
