-- name: try_lock
select pg_try_advisory_xact_lock(
    hashtextextended(
        'idempotency/' || %(client_id)s::text || '/' || %(actor)s || '/' || %(route)s || '/' || %(key)s, 0)) as locked

-- name: forget_old
delete from gateway.idempotency_keys
where client_id = %(client_id)s and actor = %(actor)s and route = %(route)s and key = %(key)s
  and created_at < clock_timestamp() - interval '24 hours'

-- name: find
select request_hash, lease_until, status, body
from gateway.idempotency_keys
where client_id = %(client_id)s and actor = %(actor)s and route = %(route)s and key = %(key)s

-- name: reserve
insert into gateway.idempotency_keys (client_id, actor, route, key, request_hash, lease_until)
values (%(client_id)s, %(actor)s, %(route)s, %(key)s, %(request_hash)s, %(lease_until)s)
on conflict (client_id, actor, route, key) do update set lease_until = excluded.lease_until

-- name: finish
insert into gateway.idempotency_keys (client_id, actor, route, key, request_hash, status, body)
values (%(client_id)s, %(actor)s, %(route)s, %(key)s, %(request_hash)s, %(status)s, %(body)s)
on conflict (client_id, actor, route, key) do update
set status = excluded.status, body = excluded.body, lease_until = null

-- name: release
delete from gateway.idempotency_keys
where client_id = %(client_id)s and actor = %(actor)s and route = %(route)s and key = %(key)s and status is null

-- name: forget
delete from gateway.idempotency_keys
where client_id = %(client_id)s and actor = %(actor)s and route = %(route)s and key = %(key)s
