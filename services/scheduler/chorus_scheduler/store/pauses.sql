-- name: pauses_in_force
-- All of them.
select id, scope, client_id, scope_id, code, reason from scheduler.pauses where resumed_at is null

-- name: pause
-- Nothing where the same scope is paused in the same way, or the id is there already.
insert into scheduler.pauses (id, scope, client_id, scope_id, code, reason, evidence, paused_by)
values (%(id)s, %(scope)s, %(client_id)s, %(scope_id)s, %(code)s, %(reason)s, %(evidence)s, %(paused_by)s)
on conflict do nothing
returning id, scope, client_id, scope_id, code, reason, paused_by, paused_at

-- name: challenges_met
-- Those that began a pause, and those that a resume has answered: they were met while the pause of another was in force.
select evidence ->> 'activity_id' as activity_id, (evidence ->> 'execution')::integer as execution
from scheduler.pauses
where code = 'challenge' and evidence ->> 'activity_id' = any(%(activities)s) and evidence ? 'execution'
union all
select h.activity_id::text, h.execution
from engagement.api_challenges h
where h.activity_id = any(%(activities)s::uuid[])
  and exists (
      select from scheduler.pauses p
      where p.scope = 'account' and p.scope_id = h.account_id and p.code = 'challenge' and h.id = any(p.answers))

-- name: resume
-- In force at once; what it parked comes back batch by batch. It answers the challenges that are known by now.
update scheduler.pauses p
set resumed_at = clock_timestamp(), resumed_by = %(actor)s, goes_on_at = %(now)s,
    answers = case p.code when 'challenge'
              then array(select h.id from engagement.api_challenges h where h.account_id = p.scope_id) end,
    late_from = (select min(due_at) from scheduler.activities where parked_by = %(id)s)
where id = %(id)s and resumed_at is null and client_id is not distinct from %(client_id)s
returning id, scope, client_id, scope_id, code, reason, paused_by, paused_at, resumed_by, resumed_at

-- name: find_pause
-- In force or not.
select id, resumed_at from scheduler.pauses where id = %(id)s and client_id is not distinct from %(client_id)s
