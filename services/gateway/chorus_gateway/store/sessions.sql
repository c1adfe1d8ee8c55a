-- name: find_refresh_token
select token_id as id, client_id from gateway.find_refresh_token(%(digest)s)

-- name: find_api_key
select key_id as id, client_id from gateway.find_api_key(%(digest)s)

-- name: add_refresh_token
insert into gateway.refresh_tokens (id, client_id, user_id, family_id, token_hash, expires_at)
values (%(id)s, %(client_id)s, %(user_id)s, %(family_id)s, %(digest)s, %(expires_at)s)

-- name: hold_by_refresh_token
-- Its person, as `hold` of users.sql does.
select u.id from gateway.users u join gateway.refresh_tokens t on t.user_id = u.id
where t.id = %(id)s
for no key update of u

-- name: lock_refresh_token
select id, client_id, user_id, family_id, expires_at, used_at, revoked_at
from gateway.refresh_tokens
where id = %(id)s
for update

-- name: use_refresh_token
update gateway.refresh_tokens set used_at = %(now)s where id = %(id)s

-- name: revoke_family
update gateway.refresh_tokens set revoked_at = %(now)s where family_id = %(family_id)s and revoked_at is null

-- name: revoke_tokens_of
update gateway.refresh_tokens set revoked_at = %(now)s where user_id = %(user_id)s and revoked_at is null

-- name: end_pages_of
update gateway.page_sessions set ended_at = %(now)s
where user_id = %(user_id)s and id is distinct from %(but)s and ended_at is null

-- name: revoke_keys_of
update gateway.api_keys set revoked_at = %(now)s where user_id = %(user_id)s and revoked_at is null

-- name: add_api_key
insert into gateway.api_keys (id, client_id, user_id, name, prefix, key_hash, scopes, expires_at)
values (%(id)s, %(client_id)s, %(user_id)s, %(name)s, %(prefix)s, %(digest)s, %(scopes)s, %(expires_at)s)
returning id, client_id, user_id, name, prefix, scopes, created_at, expires_at, last_used_at, revoked_at

-- name: touch_api_key
update gateway.api_keys
set last_used_at = %(now)s
where id = %(id)s and revoked_at is null and (last_used_at is null or last_used_at < %(now)s - interval '1 minute')

-- name: live_api_key
select id, client_id, user_id, name, prefix, scopes, created_at, expires_at, last_used_at, revoked_at
from gateway.api_keys
where id = %(id)s and revoked_at is null and (expires_at is null or expires_at > %(now)s)

-- name: api_keys
select id, client_id, user_id, name, prefix, scopes, created_at, expires_at, last_used_at, revoked_at
from gateway.api_keys
order by id desc
limit 1000

-- name: revoke_api_key
update gateway.api_keys
set revoked_at = coalesce(revoked_at, %(now)s)
where id = %(id)s
returning id, client_id, user_id, name, prefix, scopes, created_at, expires_at, last_used_at, revoked_at

-- name: alive
select exists (
    select from gateway.refresh_tokens
    where family_id = %(family_id)s and user_id = %(user_id)s and revoked_at is null and expires_at > %(now)s) as alive
