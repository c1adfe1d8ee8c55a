-- name: make_gates
-- Those that are not there yet.
insert into scheduler.limit_gates (scope)
select unnest(%(scopes)s::text[])
on conflict do nothing

-- name: lock_gates
-- In the order of their names, so that two lockers never wait for each other; one that is not there is missing.
select scope, uses, in_flight, closed_until
from scheduler.limit_gates
where scope = any(%(scopes)s)
order by scope
for update

-- name: read_gates
-- Without locks; one that is not there is missing.
select scope, uses, in_flight, closed_until from scheduler.limit_gates where scope = any(%(scopes)s)

-- name: save_gates
-- One look into the index a row. Asked for `any` of the scopes besides, Postgres goes through all rows for each.
update scheduler.limit_gates g
set uses = r.uses, in_flight = r.in_flight, closed_until = r.closed_until
from jsonb_to_recordset(%(rows)s::jsonb) as r(scope text, uses bigint[], in_flight text[], closed_until bigint)
where g.scope = r.scope

-- name: suspect_gates
-- Gates that hold a place for an execution that is not out. Without locks: who frees them looks again.
select distinct g.scope
from scheduler.limit_gates g
cross join lateral unnest(g.in_flight) as held
where g.in_flight <> '{}'
  and not exists (
      select 1 from scheduler.activities a
      where a.id = split_part(held, '/', 1)::uuid and split_part(held, '/', 2)::integer = any(a.unheard))
order by g.scope
limit %(limit)s

-- name: out_executions
-- Which executions of these activities are out, and whether they may have had an effect.
select id, unheard, effect from scheduler.activities where id = any(%(ids)s)
