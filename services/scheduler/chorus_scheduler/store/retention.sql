-- name: delete_unused_gates
-- A page of gates in the order of their names; one that is locked is in use.
with page as materialized (
    select scope from scheduler.limit_gates where scope > %(after)s order by scope limit %(limit)s
), unused as materialized (
    select g.scope from scheduler.limit_gates g join page on page.scope = g.scope
    where g.in_flight = '{}' and greatest(g.uses[cardinality(g.uses)], g.closed_until, 0) < %(unused)s
    for update of g skip locked
), gone as (
    delete from scheduler.limit_gates g using unused where g.scope = unused.scope returning 1
)
select (select max(scope) from page) as last, (select count(*) from gone) as gone

-- name: delete_old_decisions
-- Ids grow with time: the oldest come first, and nothing is read beyond them.
with oldest as materialized (select id, at from scheduler.decisions order by id limit %(limit)s)
delete from scheduler.decisions d using oldest o where d.id = o.id and o.at < %(before)s

-- name: delete_old_plans
-- The oldest come first; one whose events are not told stays.
with oldest as materialized (select id, planned_at, told from scheduler.plans order by id limit %(limit)s)
delete from scheduler.plans p using oldest o where p.id = o.id and o.planned_at < %(before)s and o.told

-- name: delete_old_post_plans
-- A batch.
with oldest as materialized (
    select post_id from scheduler.post_plans where planned_at < %(before)s order by planned_at limit %(limit)s
)
delete from scheduler.post_plans p using oldest o where p.post_id = o.post_id

-- name: delete_old_interruptions
-- A batch.
with oldest as materialized (
    select id from scheduler.interruptions where ended_at < %(before)s order by ended_at limit %(limit)s
)
delete from scheduler.interruptions i using oldest o where i.id = o.id

-- name: delete_old_watches
-- A batch of those that have ended.
with oldest as materialized (
    select id from scheduler.watches where ended_at < %(before)s order by ended_at limit %(limit)s
)
delete from scheduler.watches w using oldest o where w.id = o.id and w.ended_at < %(before)s

-- name: delete_old_clearings
-- A batch of those that are done.
with oldest as materialized (
    select id from scheduler.clearings where ended_at < %(before)s order by ended_at limit %(limit)s
)
delete from scheduler.clearings c using oldest o where c.id = o.id
