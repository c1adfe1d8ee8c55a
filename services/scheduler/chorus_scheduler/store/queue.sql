-- name: oldest_due
-- One row a lane: since when its oldest is due that no executor has, and that has no outcome.
select l.lane, least(q.due_at, d.untaken) as waiting, least(q.due_at, d.untold) as open
from unnest(%(lanes)s::text[]) as l(lane)
left join lateral (
    select a.due_at from scheduler.activities a
    where a.state in ('scheduled', 'unknown') and a.parked_by is null and not a.needs_person
      and a.lane = l.lane and a.due_at <= %(now)s
    order by a.due_at
    limit 1
) q on true
left join lateral (
    -- Back-pressure bounds how many there are of these.
    select min(a.due_at) as untold,
           min(a.due_at) filter (where not exists (
               select 1 from engagement.api_journaled j
               where j.activity_id = a.id and j.execution = a.execution)) as untaken
    from scheduler.activities a
    where a.state = 'dispatched' and a.unheard <> '{}' and a.lane = l.lane and a.due_at <= %(now)s
) d on true

-- name: queue_depth
-- The states that are no end.
select state, count(*) as n from scheduler.activities
where state in ('awaiting_approval', 'scheduled', 'dispatched', 'unknown') group by state

-- name: waiting_for_a_person
-- One row.
select count(*) filter (where state = 'unknown') as unknown, count(*) filter (where state <> 'unknown') as failed
from scheduler.activities
where needs_person
