-- name: append
-- Arrays go in binary form (`b`): as text their escaping costs ten times more than the insert.
with added as (
    insert into {schema}.outbox (topic, key, value, headers)
    select topic, key, value, headers
    from unnest(%(topics)b::text[], %(keys)b::bytea[], %(values)b::bytea[], %(headers)b::jsonb[])
        with ordinality as message (topic, key, value, headers, place)
    order by place
)
select pg_notify(%(channel)s, '')

-- name: lead
select pg_try_advisory_lock(hashtextextended(%(channel)s, 0)) as leads

-- name: oldest
select id, topic, key, value, headers from {schema}.outbox order by id limit %(batch)s

-- name: remove
delete from {schema}.outbox where id = any(%(ids)s)

-- name: depth
select count(*) as unpublished,
    coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as oldest_age
from {schema}.outbox
