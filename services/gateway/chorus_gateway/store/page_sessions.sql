-- name: add
insert into gateway.page_sessions (id, client_id, user_id, secret_hash, invitation_id, created_at, expires_at, proven_at)
values (%(id)s, %(client_id)s, %(user_id)s, %(digest)s, %(invitation_id)s, %(created_at)s, %(expires_at)s, %(proven_at)s)

-- name: find_by_secret
-- Before a tenant is known.
select session_id as id, client_id from gateway.find_page_session(%(digest)s)

-- name: alive
select id, client_id, user_id, invitation_id, created_at, expires_at, proven_at
from gateway.page_sessions
where id = %(id)s and ended_at is null and expires_at > %(now)s

-- name: prove
update gateway.page_sessions set proven_at = coalesce(proven_at, %(now)s)
where id = %(id)s and ended_at is null

-- name: end
update gateway.page_sessions set ended_at = coalesce(ended_at, %(now)s) where id = %(id)s

-- name: end_of_links
-- All of a person's but one that were not opened with a password of their own.
update gateway.page_sessions set ended_at = %(now)s
where user_id = %(user_id)s and id is distinct from %(but)s and ended_at is null
  and (invitation_id is not null or proven_at is distinct from created_at)
