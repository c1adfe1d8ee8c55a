-- name: first_due
-- The first that is due, of each tenant and lane: one look into the index each, however much there is.
with recursive tenants as (
    select l.lane, (
        select a.client_id from scheduler.activities a
        where a.state in ('scheduled', 'unknown') and a.parked_by is null and not a.needs_person and a.voice <> 'pending'
          and a.lane = l.lane
        order by a.client_id limit 1) as client_id
    from unnest(%(lanes)s::text[]) as l(lane)
    union all
    select t.lane, (
        select a.client_id from scheduler.activities a
        where a.state in ('scheduled', 'unknown') and a.parked_by is null and not a.needs_person and a.voice <> 'pending'
          and a.lane = t.lane and a.client_id > t.client_id
        order by a.client_id limit 1)
    from tenants t
    where t.client_id is not null
)
select t.lane, t.client_id, first.due_at
from tenants t
cross join lateral (
    select a.due_at from scheduler.activities a
    where a.state in ('scheduled', 'unknown') and a.parked_by is null and not a.needs_person and a.voice <> 'pending'
      and a.lane = t.lane and a.client_id = t.client_id
    order by a.due_at limit 1
) first
where t.client_id is not null

-- name: claim_due
-- Of each tenant as many as it has room for in the lane; tenants take turns.
select a.id, a.client_id, a.post_id, a.pod_id, a.account_id, a.member_id, a.platform, a.kind, a.lane, a.state, a.due_at,
       a.reason, a.execution, a.effect, a.target_social_id, a.kind = 'repost' and a.draft_text is not null as speaks,
       a.correlation_id, a.traceparent, a.unheard
from unnest(%(tenants)s::uuid[], %(limits)s::integer[]) as t(client_id, room)
cross join lateral (
    select a.id
    from scheduler.activities a
    where a.state in ('scheduled', 'unknown') and a.parked_by is null and not a.needs_person and a.voice <> 'pending'
      and a.lane = %(lane)s and a.client_id = t.client_id and a.due_at <= %(until)s
    order by a.due_at
    limit t.room
    for update skip locked
) claimed
join scheduler.activities a on a.id = claimed.id
order by row_number() over (partition by a.client_id order by a.due_at), a.due_at

-- name: in_hand
-- What is out: a cancelled one whose outcome was not heard yet is in its executor's hands too.
select lane, client_id, count(*) as n from scheduler.activities where unheard <> '{}' group by lane, client_id

-- name: pulses
select lane, at from scheduler.pulses where lane = any(%(lanes)s)

-- name: beat
-- Of a round that saw the pulse as `seen`. Whoever stood still meanwhile leaves a fresher one alone; a clock that was set
-- back is followed.
insert into scheduler.pulses as p (lane, at) values (%(lane)s, %(now)s)
on conflict (lane) do update set at = excluded.at where p.at < excluded.at or p.at = %(seen)s

-- name: participation
select member_id, takes_part, kinds from gateway.api_participation where member_id = any(%(members)s)

-- name: others_of_target
-- What other activities of the same account, kind and target did, or may be doing. Asked under the account's gate.
select w.id, bool_or(o.effect = 'seen') as acted
from jsonb_to_recordset(%(rows)s::jsonb) as w(id uuid, account_id uuid, kind text, target text)
join scheduler.activities o
  on o.account_id = w.account_id and o.kind = w.kind and o.target_social_id = w.target and o.id <> w.id
 and o.kind in ('like', 'comment', 'repost') and o.target_social_id is not null
 and (o.effect <> 'none' or (o.unheard <> '{}' and o.mode = 'perform'))
group by w.id

-- name: account_standing
select account_id, status = 'connected' as connected, consented_kinds, connected_at, active_hours::text as active_hours,
       timezone
from gateway.api_accounts
where account_id = any(%(accounts)s)

-- name: pauses_in_force
select id, scope, client_id, scope_id, code, reason from scheduler.pauses where resumed_at is null

-- name: rate_limits
select client_id, account_id, platform, kind, per_hour, per_day, cooldown from scheduler.rate_limits

-- name: pod_policies
select pod_id, policy from gateway.api_pods where pod_id = any(%(pods)s)

-- name: make_gates
insert into scheduler.limit_gates (scope)
select unnest(%(scopes)s::text[])
on conflict do nothing

-- name: lock_gates
select scope, uses, in_flight, closed_until
from scheduler.limit_gates
where scope = any(%(scopes)s)
order by scope
for update

-- One look into the index a row. Asked for `any` of the scopes besides, Postgres goes through all rows for each.
-- name: save_gates
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
select id, unheard, effect from scheduler.activities where id = any(%(ids)s)

-- name: hand_over
update scheduler.activities a
set state = 'dispatched',
    mode = case a.effect when 'none' then 'perform' else 'verify' end,
    execution = a.execution + 1,
    unheard = a.unheard || (a.execution + 1),
    draft_text = case when a.id = any(%(silenced)s) then null else a.draft_text end,
    voice = case when a.id = any(%(silenced)s) then 'none' else a.voice end,
    dispatched_at = %(now)s,
    lease_until = greatest(a.due_at, %(now)s) + %(lease)s,
    acts_until = (%(acts_until)s::jsonb ->> a.id::text)::timestamptz,
    gate_scopes = case when a.effect <> 'none' then '{}'
                  else array(select jsonb_array_elements_text(%(scopes)s::jsonb -> a.id::text)) end,
    reason_code = %(code)s, reason = %(sentence)s,
    updated_at = %(now)s
where a.id = any(%(ids)s)
returning a.id, a.client_id, a.post_id, a.account_id, a.provider_account_id, a.platform, a.kind, a.lane, a.mode,
          a.execution, a.attempt, a.max_attempts, a.target_url, a.target_social_id, a.draft_text, a.cartridge_id, a.voice,
          a.reaction, a.due_at, a.acts_until, a.correlation_id, a.traceparent

-- name: overdue_leases
with overdue as materialized (
    select a.id
    from scheduler.activities a
    where a.unheard <> '{}' and a.lease_until < %(now)s
    order by a.lease_until
    limit %(limit)s
    for update skip locked
)
select o.id, coalesce(j.journaled, false) as journaled, a.dispatched_at, a.state, a.execution, a.lane,
       a.gate_scopes
from overdue o
join scheduler.activities a on a.id = o.id
left join lateral (
    select true as journaled from engagement.api_journaled j
    where j.activity_id = a.id and j.execution = any(a.unheard)
    limit 1
) j on true

-- name: renew_leases
update scheduler.activities a
set lease_until = %(until)s
where a.id = any(%(ids)s) and a.unheard <> '{}'
returning a.id, a.client_id, a.post_id, a.account_id, a.provider_account_id, a.platform, a.kind, a.lane, a.mode,
          a.execution, a.attempt, a.max_attempts, a.target_url, a.target_social_id, a.draft_text, a.cartridge_id, a.voice,
          a.reaction, a.due_at, a.acts_until, a.correlation_id, a.traceparent

-- name: lengthen_leases
update scheduler.activities a
set lease_until = greatest(a.lease_until, %(until)s)
where a.id = any(%(ids)s) and a.unheard <> '{}'

-- name: put_off
update scheduler.activities a
set due_at = r.due_at, scheduled_for = greatest(a.scheduled_for, r.due_at), reason_code = r.code, reason = r.reason,
    updated_at = %(now)s
from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, due_at timestamptz, code text, reason text)
where a.id = r.id and a.id = any(%(ids)s)

-- name: park
-- Under a share of the pause's row: a resume that commits meanwhile leaves nothing parked by what has ended. It stands
-- still since it was due, or since the pause began where it was late already.
with in_force as materialized (
    select id, paused_at from scheduler.pauses where id = any(%(pauses)s) and resumed_at is null order by id for share
)
update scheduler.activities a
set parked_by = r.pause_id, reason_code = 'parked', reason = r.reason, updated_at = %(now)s,
    parked_at = case when p.paused_at <= %(now)s then greatest(a.due_at, p.paused_at) else a.due_at end
from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, pause_id uuid, reason text)
join in_force p on p.id = r.pause_id
where a.id = r.id and a.id = any(%(ids)s)
returning a.id

-- name: end_unstarted
-- Cancelled is a no that stays; skipped is not.
update scheduler.activities a
set state = r.state, reason_code = r.code, reason = r.reason, updated_at = %(now)s,
    stopped_at = case r.state when 'cancelled' then %(now)s end,
    stopped_by = case r.state when 'cancelled' then 'scheduler' end,
    stop_code = case r.state when 'cancelled' then r.code end,
    stop_reason = case r.state when 'cancelled' then r.reason end
from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, state text, code text, reason text)
where a.id = r.id and a.id = any(%(ids)s)
returning a.id, a.client_id, a.post_id, a.account_id, a.kind, a.state, a.reason, a.correlation_id, a.traceparent,
          a.unheard

-- name: lock_activities
select id, client_id, post_id, pod_id, account_id, member_id, platform, kind, lane, state, mode, execution, attempt,
       max_attempts, verifications, gate_scopes, correlation_id, scheduled_for, due_at, member_name, draft_text, effect,
       needs_person, stopped_at is not null as stopped, stopped_by, approval, approval_expires_at, approved_by, unheard,
       dispatched_at, voice
from scheduler.activities
where id = any(%(ids)s)
order by id
for update

-- name: lock_settling
select id, client_id, post_id, pod_id, account_id, platform, kind, lane, state, execution, attempt, verifications,
       gate_scopes, correlation_id, effect, stopped_at is not null as stopped, unheard, dispatched_at
from scheduler.activities
where id = any(%(ids)s)
order by id
for update

-- name: save_outcomes
-- The target as the network names it is kept where no other activity of the account acted on it under that name.
update scheduler.activities a
set state = r.state, effect = r.effect, reason_code = r.code, reason = r.reason, attempt = r.attempt,
    verifications = r.verifications, due_at = coalesce(r.due_at, a.due_at),
    scheduled_for = case when r.placed then r.due_at else a.scheduled_for end, next_retry_at = r.due_at,
    executed_at = coalesce(r.executed_at, a.executed_at),
    failure_count = a.failure_count + r.failures,
    last_error = coalesce(r.last_error, a.last_error), result = coalesce(r.result, a.result),
    result_url = coalesce(r.result_url, a.result_url), final_text = coalesce(r.final_text, a.final_text),
    target_social_id = case
        when r.social_id is null or exists (
            select 1 from scheduler.activities o
            where o.account_id = a.account_id and o.kind = a.kind and o.target_social_id = r.social_id and o.id <> a.id
              and o.kind in ('like', 'comment', 'repost') and o.target_social_id is not null
              and (o.effect <> 'none' or (o.unheard <> '{}' and o.mode = 'perform')))
        then a.target_social_id else r.social_id end,
    verified = r.verified, needs_person = r.needs_person, parked_by = null,
    stopped_at = case when r.stop then r.now else a.stopped_at end,
    stopped_by = case when r.stop then 'scheduler' else a.stopped_by end,
    stop_code = case when r.stop then r.code else a.stop_code end,
    stop_reason = case when r.stop then r.reason else a.stop_reason end,
    unheard = array_remove(a.unheard, r.execution),
    lease_until = case when array_remove(a.unheard, r.execution) = '{}' then null else a.lease_until end,
    gate_scopes = case when r.execution = a.execution then '{}' else a.gate_scopes end, updated_at = r.now
from jsonb_to_recordset(%(rows)s::jsonb) as r(
    id uuid, execution int, state text, effect text, code text, reason text, attempt int, verifications int,
    due_at timestamptz, placed boolean, executed_at timestamptz, failures int, last_error jsonb, result jsonb,
    result_url text, final_text text, social_id text, verified boolean, needs_person boolean, stop boolean,
    now timestamptz)
where a.id = r.id
returning a.id, a.client_id, a.post_id, a.account_id, a.kind, a.state, a.reason, a.correlation_id, a.traceparent,
          a.unheard

-- name: lock_post
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
returning a.id, a.client_id, a.post_id, a.account_id, a.kind, a.state, a.reason, a.correlation_id, a.traceparent,
          a.unheard

-- name: hear_outcomes
-- Heard, and nothing else changes.
update scheduler.activities a
set unheard = array_remove(a.unheard, r.execution),
    lease_until = case when array_remove(a.unheard, r.execution) = '{}' then null else a.lease_until end,
    gate_scopes = case when r.execution = a.execution then '{}' else a.gate_scopes end,
    last_error = coalesce(r.last_error, a.last_error), updated_at = r.now
from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, execution int, last_error jsonb, now timestamptz)
where a.id = r.id
returning a.id, a.client_id, a.post_id, a.account_id, a.kind, a.state, a.reason, a.correlation_id, a.traceparent,
          a.unheard

-- name: record_decisions
insert into scheduler.decisions (
    client_id, activity_id, post_id, account_id, kind, code, sentence, limit_name, limit_value, limit_used,
    next_possible_at, actor, correlation_id)
select client_id, activity_id, post_id, account_id, kind, code, sentence, limit_name, limit_value, limit_used,
       next_possible_at, actor, correlation_id
from jsonb_to_recordset(%(rows)s::jsonb) as r(
    client_id uuid, activity_id uuid, post_id uuid, account_id uuid, kind text, code text, sentence text,
    limit_name text, limit_value int, limit_used int, next_possible_at timestamptz, actor text, correlation_id text)

-- name: pause
insert into scheduler.pauses (id, scope, client_id, scope_id, code, reason, evidence, paused_by)
values (%(id)s, %(scope)s, %(client_id)s, %(scope_id)s, %(code)s, %(reason)s, %(evidence)s, %(paused_by)s)
on conflict do nothing
returning id, scope, client_id, scope_id, code, reason, paused_by, paused_at

-- name: journaled_executions
select j.activity_id
from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, execution integer)
join engagement.api_journaled j on j.activity_id = r.id and j.execution = r.execution

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
select id, resumed_at from scheduler.pauses where id = %(id)s and client_id is not distinct from %(client_id)s

-- name: ended_pauses_with_parked
-- One look into the index for each pause that has something parked, however much that is. A pause that ended while
-- something was about to be parked by it is among them.
with recursive found as (
    (select parked_by from scheduler.activities where parked_by is not null order by parked_by limit 1)
    union all
    select (select a.parked_by from scheduler.activities a where a.parked_by > f.parked_by order by a.parked_by limit 1)
    from found f
    where f.parked_by is not null
)
select p.id, p.late_from, coalesce(p.goes_on_at, p.resumed_at) as goes_on_at, coalesce(p.resumed_by, 'scheduler') as actor
from found f
join scheduler.pauses p on p.id = f.parked_by
where p.resumed_at is not null and (%(pause)s::uuid is null or p.id = %(pause)s)
order by p.resumed_at

-- name: parked_left
select count(*) as n from scheduler.activities where parked_by = %(pause)s

-- name: tenant_with_parked
select client_id from scheduler.activities where parked_by = %(pause)s order by due_at limit 1

-- name: claim_parked
-- Of one tenant: its plans wait for its lock meanwhile, and for no other's.
select id, client_id, post_id, pod_id, account_id, platform, kind, state, due_at, coalesce(parked_at, due_at) as parked_at,
       correlation_id, traceparent, unheard
from scheduler.activities
where parked_by = %(pause)s and client_id = %(client_id)s
order by due_at
limit %(limit)s
for update

-- name: bring_back
update scheduler.activities a
set parked_by = null, parked_at = null, state = r.state, due_at = coalesce(r.due_at, a.due_at),
    scheduled_for = greatest(a.scheduled_for, r.due_at), reason_code = r.code, reason = r.reason, updated_at = %(now)s
from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, state text, due_at timestamptz, code text, reason text)
where a.id = r.id and a.id = any(%(ids)s)

-- name: interruptions
-- The last that each was late by: of the tenant and the lane, when it was due.
select w.id, i.began_at, i.ended_at
from jsonb_to_recordset(%(rows)s::jsonb) as w(id uuid, client_id uuid, lane text, due_at timestamptz)
cross join lateral (
    select i.began_at, i.ended_at from scheduler.interruptions i
    where i.client_id = w.client_id and i.lane = w.lane and i.ended_at > w.due_at and i.began_at <= w.due_at
    order by i.ended_at desc
    limit 1
) i

-- name: lock_interruptions
select pg_advisory_xact_lock(hashtextextended('chorus.interruptions', 0))

-- name: record_interruption
-- For each tenant from the first on that was due in it and is there still. What was written down until the last pulse, and
-- nothing has gone through since, goes on.
with prolonged as (
    update scheduler.interruptions set ended_at = %(ended)s
    where lane = %(lane)s and ended_at = %(began)s
    returning client_id
)
insert into scheduler.interruptions (client_id, lane, began_at, ended_at)
select a.client_id, a.lane, min(a.due_at), %(ended)s
from scheduler.activities a
where a.client_id not in (select client_id from prolonged) and a.state in ('scheduled', 'unknown') and a.parked_by is null and not a.needs_person and a.voice <> 'pending'
  and a.lane = %(lane)s and a.due_at >= %(began)s and a.due_at < %(ended)s
group by a.client_id, a.lane

-- name: expire_approvals
with stale as materialized (
    select id from scheduler.activities
    where state = 'awaiting_approval' and approval_expires_at < %(now)s
    order by approval_expires_at
    limit %(limit)s
    for update skip locked
)
update scheduler.activities a
set state = 'skipped', reason_code = %(code)s, reason = %(sentence)s, updated_at = %(now)s
from stale
where a.id = stale.id
returning a.id, a.client_id, a.post_id, a.account_id, a.kind, a.state, a.reason, a.correlation_id, a.traceparent,
          a.unheard

-- name: unagreed_of_account
select a.id, case when a.kind = any(c.consented_kinds) then 'member_inactive' else 'consent_revoked' end as code
from scheduler.activities a
join gateway.api_accounts c on c.account_id = a.account_id
where a.account_id = %(account_id)s and a.client_id = %(client_id)s
  and a.state in ('awaiting_approval', 'scheduled')
  and (not a.kind = any(c.consented_kinds)
       or (a.kind in ('like', 'comment', 'repost') and not exists (
               select 1 from gateway.api_members m
               join gateway.api_pods p on p.pod_id = m.pod_id and p.active
               where m.member_id = a.member_id and m.active)))
limit %(limit)s

-- name: accounts_with_open
-- The next accounts that have something planned: one look into the index each, however much that is.
with recursive found as (
    (select account_id, 1 as n from scheduler.activities
     where account_id > %(after)s and state in ('awaiting_approval', 'scheduled', 'dispatched', 'unknown')
     order by account_id limit 1)
    union all
    select (select a.account_id from scheduler.activities a
            where a.account_id > f.account_id and a.state in ('awaiting_approval', 'scheduled', 'dispatched', 'unknown')
            order by a.account_id limit 1), f.n + 1
    from found f
    where f.account_id is not null and f.n < %(limit)s
)
select account_id from found where account_id is not null

-- name: unagreed_of_accounts
with members as materialized (
    select m.member_id
    from gateway.api_members m
    join gateway.api_pods p on p.pod_id = m.pod_id and p.active
    where m.active and m.account_id = any(%(accounts)s)
)
select a.id, case when a.kind = any(c.consented_kinds) then 'member_inactive' else 'consent_revoked' end as code
from scheduler.activities a
join gateway.api_accounts c on c.account_id = a.account_id
where a.account_id = any(%(accounts)s) and a.state in ('awaiting_approval', 'scheduled')
  and (not a.kind = any(c.consented_kinds)
       or (a.kind in ('like', 'comment', 'repost') and a.member_id not in (select member_id from members)))
limit %(limit)s

-- name: cancel_unstarted
update scheduler.activities
set state = 'cancelled', reason_code = %(code)s, reason = %(reason)s, parked_by = null, updated_at = %(now)s,
    stopped_at = %(now)s, stopped_by = %(actor)s, stop_code = %(code)s, stop_reason = %(reason)s
where id = any(%(ids)s) and state in ('awaiting_approval', 'scheduled')
returning id, client_id, post_id, account_id, kind, state, reason, correlation_id, traceparent, unheard

-- name: find_post
select post_id, client_id, pod_id, author_account_id, platform, url, social_id, text, state, published_at, comment_texts,
       correlation_id, amplify
from gateway.api_posts
where post_id = %(post_id)s and client_id = %(client_id)s

-- name: any_member
select 1 as found from gateway.api_members where client_id = %(client_id)s and active limit 1

-- name: pods_of_post
select p.pod_id, p.policy
from gateway.api_posts t
join gateway.api_pods p on p.pod_id = t.pod_id and p.client_id = t.client_id and p.active
where t.post_id = %(post_id)s and t.client_id = %(client_id)s

-- name: members_of_post
-- In the order and in the forms that `MemberRow` names; what most have none of is null, which costs nothing to read.
-- The post's pod comes first, once: no pod, nobody.
with pods as materialized (
    select p.pod_id, p.cartridge_id, t.platform, t.author_provider_id
    from gateway.api_posts t
    join gateway.api_pods p on p.pod_id = t.pod_id and p.client_id = t.client_id and p.active
    where t.post_id = %(post_id)s and t.client_id = %(client_id)s
)
select m.account_id, m.member_id, 'account:' || m.account_id, a.provider_account_id, m.name, m.active,
       a.platform = p.platform, a.status = 'connected', array_to_string(m.kinds, ','),
       array_to_string(a.consented_kinds, ','), date_part('epoch', a.connected_at), nullif(m.phrases, '{}'),
       coalesce(m.cartridge_id, p.cartridge_id), a.active_hours::text,
       case when a.active_hours is not null then a.timezone end, m.pod_id,
       coalesce(a.profile_id = p.author_provider_id, false)
from pods p
join gateway.api_members m on m.pod_id = p.pod_id
join gateway.api_accounts a on a.account_id = m.account_id
where m.client_id = %(client_id)s
order by m.created_at, m.member_id

-- name: activities_of_post
select id, account_id, member_id, member_name, kind, lane, state, scheduled_for, draft_text, source_text, reason_code, reason,
       due_at, parked_by
from scheduler.activities
where post_id = %(post_id)s and client_id = %(client_id)s
order by scheduled_for, id

-- name: taken
-- A double holds microseconds of this century, less than a quarter off: rounded, they are exact. `offset 0`: by index,
-- account for account, whatever the statistics of a table that was just filled say.
with wanted as materialized (
    select a.account_id, k.kind, 'account:' || a.account_id || ':' || k.kind as scope
    from unnest(%(accounts)s::uuid[]) as a(account_id)
    cross join unnest(%(kinds)s::text[]) as k(kind)
)
select w.scope, (date_part('epoch', t.due_at) * 1000000)::bigint
from wanted w
cross join lateral (
    select a.due_at
    from scheduler.activities a
    where a.account_id = w.account_id and a.kind = w.kind
      and a.state in ('awaiting_approval', 'scheduled', 'dispatched', 'unknown') and a.parked_by is null
    offset 0
) t
union all
select w.scope, unnest(t.uses)
from wanted w
cross join lateral (
    select g.uses from scheduler.limit_gates g where g.scope = w.scope and g.uses <> '{}' offset 0
) t

-- name: account_hours
select account_id, connected_at, active_hours::text as active_hours, timezone
from gateway.api_accounts
where account_id = any(%(accounts)s)

-- name: booked_by_others
-- Scope, instant, and (once for each post) how many take part. What is parked has no place, nor has what waits for a
-- yes beyond its time; what is being moved gives its own up. `offset 0`: by index, whatever the statistics of a table that was just filled say.
with accounts as materialized (
    select u.account_id, u.kind, 'account:' || u.account_id || ':' || u.kind as scope
    from unnest(%(accounts)s::uuid[], %(account_kinds)s::text[]) as u (account_id, kind)
), posts as materialized (
    select u.post_id, u.kind, 'post:' || u.post_id || ':' || u.kind as scope
    from unnest(%(posts)s::uuid[], %(post_kinds)s::text[]) as u (post_id, kind)
), of_posts as materialized (
    select w.scope, a.id, a.state, a.parked_by, a.due_at
    from posts w
    cross join lateral (
        select a.id, a.state, a.parked_by, a.due_at
        from scheduler.activities a
        where a.post_id = w.post_id and a.kind = w.kind and a.state not in ('cancelled', 'skipped', 'failed')
        offset 0
    ) a
), gone as materialized (
    select unnest(%(moving)s::uuid[]) as id
)
select w.scope, (date_part('epoch', t.due_at) * 1000000)::bigint, null::bigint
from accounts w
cross join lateral (
    select a.due_at
    from scheduler.activities a
    where a.account_id = w.account_id and a.kind = w.kind and a.parked_by is null
      and a.state in ('awaiting_approval', 'scheduled', 'dispatched', 'unknown')
      and (a.state <> 'awaiting_approval' or a.due_at >= %(now)s)
      and not exists (select 1 from gone where gone.id = a.id)
    offset 0
) t
union all
select p.scope, (date_part('epoch', p.due_at) * 1000000)::bigint, null
from of_posts p
where p.state <> 'executed' and p.parked_by is null and (p.state <> 'awaiting_approval' or p.due_at >= %(now)s)
  and not exists (select 1 from gone where gone.id = p.id)
union all
select w.scope, unnest(g.uses), null
from (select scope from accounts union all select scope from posts) w
join scheduler.limit_gates g on g.scope = w.scope and g.uses <> '{}'
union all
select p.scope, null, count(*) from of_posts p group by p.scope

-- name: publications_booked
-- By index, account for account.
select t.due_at
from gateway.api_accounts c
cross join lateral (
    select a.due_at from scheduler.activities a
    where a.account_id = c.account_id and a.kind = 'publish' and a.due_at > %(since)s and a.parked_by is null
      and a.state in ('awaiting_approval', 'scheduled', 'dispatched', 'unknown')
    offset 0
) t
where c.client_id = %(client_id)s

-- name: store_plan
-- Arrays go in binary form (`b`), as in the outbox. No `on conflict`: who plans holds the tenant's lock and knows what
-- is there, and a second row for one intent shall be an error.
with plan as (
    insert into scheduler.plans (
        client_id, post_id, pod_id, kind, lane, state, code, activity_ids, account_ids, instants, sentences,
        limit_names, limit_values, limit_uses, actor, correlation_id, headers)
    values (
        %(client_id)s, %(post_id)s, %(pod_id)s, %(kind)s, %(lane)s, %(state)s, %(code)s, %(ids)s::uuid[],
        %(accounts)s::uuid[], %(instants)s::bigint[], %(sentences)b::text[], %(limit_names)b::text[],
        %(limit_values)b::integer[], %(limit_uses)b::integer[], %(actor)s, %(correlation_id)s, %(headers)s)
)
insert into scheduler.activities (
    id, client_id, post_id, pod_id, account_id, member_id, member_name, provider_account_id, platform, kind, lane,
    state, reason_code, reason, target_url, target_social_id, draft_text, cartridge_id, voice, source_text, reaction, seed,
    scheduled_for, due_at, priority, max_attempts, approval, approval_expires_at, correlation_id, traceparent)
select r.id, %(client_id)s, %(post_id)s, %(pod_id)s, r.account_id, r.member_id, r.member_name, r.provider_account_id,
       %(platform)s, %(kind)s, %(lane)s, %(state)s, %(code)s, r.sentence, %(url)s, %(social_id)s, r.draft_text,
       r.cartridge_id, coalesce(r.voice, 'none'), r.source_text, %(reaction)s, %(seed)s, r.at, r.at, %(priority)s, %(max_attempts)s,
       case %(state)s when 'awaiting_approval' then 'waiting' else 'not_needed' end, r.at + %(approval_expires)s,
       %(correlation_id)s, %(traceparent)s
from (
    select u.*, timestamptz 'epoch' + u.instant * interval '1 microsecond' as at
    from unnest(
        %(ids)s::uuid[], %(accounts)s::uuid[], %(members)s::uuid[], %(names)b::text[], %(providers)b::text[],
        %(sentences)b::text[], %(texts)b::text[], %(cartridges)b::uuid[], %(voices)b::text[],
        %(sources)b::text[], %(instants)s::bigint[]
    ) as u (id, account_id, member_id, member_name, provider_account_id, sentence, draft_text, cartridge_id, voice,
            source_text, instant)
) r

-- name: relay_oldest
-- What the outbox holds before the oldest plan that is not told, and then, if there is room, the plan's own events. All
-- in one snapshot: of two events of a key that are there, the earlier one is seen too. A plan says nothing but what it
-- holds, and an activity is planned once, so its id can be that of the event.
with plan as materialized (
    select id, place from scheduler.plans where not told order by place limit 1
), rows as materialized (
    select id, topic, key, value, headers
    from scheduler.outbox
    where id < coalesce((select place from plan), 9223372036854775807)
    order by id
    limit %(batch)s
)
select id, topic, key, value, headers, 0::bigint as n from rows
union all
select p.place, 'activity.scheduled', convert_to(r.account_id::text, 'UTF8'),
       convert_to(json_build_object(
           'client_id', p.client_id, 'activity_id', r.id, 'post_id', p.post_id, 'pod_id', p.pod_id,
           'account_id', r.account_id, 'kind', p.kind, 'lane', p.lane, 'state', p.state,
           'scheduled_for', timestamptz 'epoch' + r.instant * interval '1 microsecond',
           'reason_code', p.code, 'reason', r.sentence, 'correlation_id', p.correlation_id)::text, 'UTF8'),
       p.headers || jsonb_build_array(
           jsonb_build_array('ce_id', r.id::text), jsonb_build_array('ce_subject', r.account_id::text)),
       r.n
from plan
join scheduler.plans p on p.id = plan.id
cross join unnest(p.activity_ids, p.account_ids, p.instants, p.sentences) with ordinality
    as r (id, account_id, instant, sentence, n)
where (select count(*) from rows) < %(batch)s
order by id, n

-- name: relay_remove
-- Plans stay, as told. What follows one was left for the next look, which this asks for.
with told as (
    update scheduler.plans set told = true where place = any(%(ids)s) and not told
    returning pg_notify('chorus_outbox_scheduler', '')
), gone as (
    delete from scheduler.outbox where id = any(%(ids)s)
)
select count(*) from told

-- name: relay_depth
select coalesce(sum(waiting.n), 0)::bigint as unpublished,
       coalesce(extract(epoch from now() - min(waiting.since)), 0)::float8 as oldest_age
from (
    select count(*) as n, min(created_at) as since from scheduler.outbox
    union all
    select sum(cardinality(activity_ids)), min(planned_at) from scheduler.plans where not told
) waiting

-- name: announce
select pg_notify('chorus_outbox_scheduler', ''), pg_notify('chorus_scheduler_due', '')

-- name: post_planned
insert into scheduler.post_plans (post_id, client_id, planned, skipped)
values (%(post_id)s, %(client_id)s, %(planned)s, %(skipped)s)
on conflict do nothing

-- name: is_planned
select 1 as yes from scheduler.post_plans where post_id = %(post_id)s

-- name: lock_tenant
select pg_advisory_xact_lock(hashtextextended('chorus.plan.' || %(client_id)s::text, 0))

-- name: last_plan
-- The newest plan of a tenant. Plans of one tenant are stored one after the other, so a later one has a greater id.
select coalesce(max(id), 0) as id from scheduler.plans where client_id = %(client_id)s

-- name: unplanned_posts
select p.post_id, p.client_id
from gateway.api_posts p
where p.state = 'published' and p.amplify and p.published_at > %(since)s and p.created_at < %(before)s
  and not exists (select 1 from scheduler.post_plans d where d.post_id = p.post_id)
  and not p.post_id = any(%(not_now)s)
order by p.published_at
limit %(limit)s

-- name: unqueued_posts
select p.post_id, p.client_id, p.pod_id, p.author_account_id, p.platform, p.text, p.scheduled_for, p.priority,
       p.correlation_id
from gateway.api_posts p
where p.state = 'queued' and p.created_at < %(before)s
  and not exists (
      select 1 from scheduler.activities a
      where a.post_id = p.post_id and a.account_id = p.author_account_id and a.kind = 'publish')
  and not p.post_id = any(%(not_now)s)
order by p.scheduled_for nulls last, p.created_at
limit %(limit)s

-- name: untold_posts
select a.id, a.client_id, a.post_id, a.account_id, a.provider_account_id, a.platform, a.kind, a.lane, a.mode,
       a.execution, a.attempt, a.max_attempts, a.target_url, a.target_social_id, a.draft_text, a.cartridge_id, a.voice,
       a.reaction, a.due_at, a.correlation_id, a.traceparent, a.state, a.reason
from gateway.api_posts p
join scheduler.activities a
  on a.post_id = p.post_id and a.account_id = p.author_account_id and a.kind = 'publish'
where p.state = 'queued' and a.state in ('executed', 'failed', 'cancelled', 'skipped') and a.unheard = '{}'
  and not coalesce(a.result ? 'decided_by', false)
  and a.updated_at > %(since)s and a.updated_at < %(before)s
  and not p.post_id = any(%(not_now)s)
limit %(limit)s

-- name: find_account
select account_id, client_id, provider_account_id, platform, display_name, status, consented_kinds
from gateway.api_accounts
where account_id = %(account_id)s and client_id = %(client_id)s

-- name: change_one
update scheduler.activities
set state = %(state)s, effect = coalesce(%(effect)s, effect), reason_code = %(code)s, reason = %(reason)s,
    due_at = coalesce(%(due_at)s, due_at),
    scheduled_for = case when %(state)s::text in ('scheduled', 'awaiting_approval') then coalesce(%(due_at)s, scheduled_for)
                         else scheduled_for end,
    draft_text = coalesce(%(text)s, draft_text),
    -- Words of a person are nobody else's voice.
    voice = case when %(text)s::text is null then voice else 'none' end,
    attempt = coalesce(%(attempt)s, attempt),
    verifications = case when %(attempt)s::int is null then verifications else 0 end,
    needs_person = %(needs_person)s, parked_by = null,
    stopped_at = case %(stop)s::boolean when true then %(now)s when false then null else stopped_at end,
    stopped_by = case %(stop)s::boolean when true then %(actor)s when false then null else stopped_by end,
    stop_code = case %(stop)s::boolean when true then %(code)s when false then null else stop_code end,
    stop_reason = case %(stop)s::boolean when true then %(reason)s when false then null else stop_reason end,
    approval = coalesce(%(approval)s, approval),
    approved_by = case %(approval)s::text when 'given' then %(actor)s when 'waiting' then null else approved_by end,
    approved_at = case %(approval)s::text when 'given' then %(now)s when 'waiting' then null else approved_at end,
    approval_expires_at = coalesce(%(approval_expires_at)s, case when %(approval)s::text is null then approval_expires_at end),
    executed_at = coalesce(%(executed_at)s, executed_at), result = coalesce(%(result)s::jsonb, result),
    updated_at = %(now)s
where id = %(id)s
returning id, client_id, post_id, pod_id, account_id, kind, lane, state, due_at, scheduled_for, reason_code, reason,
          correlation_id, traceparent, unheard, draft_text

-- name: change_text
update scheduler.activities
set draft_text = %(text)s, voice = 'none', updated_at = %(now)s
where id = %(id)s
returning id, client_id, post_id, pod_id, account_id, kind, lane, state, due_at, scheduled_for, reason_code, reason,
          correlation_id, draft_text

-- name: oldest_due
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
select state, count(*) as n from scheduler.activities
where state in ('awaiting_approval', 'scheduled', 'dispatched', 'unknown') group by state

-- name: waiting_for_a_person
select count(*) filter (where state = 'unknown') as unknown, count(*) filter (where state <> 'unknown') as failed
from scheduler.activities
where needs_person

-- name: wake
select pg_notify('chorus_scheduler_due', '')

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
with oldest as materialized (select id, planned_at, told from scheduler.plans order by id limit %(limit)s)
delete from scheduler.plans p using oldest o where p.id = o.id and o.planned_at < %(before)s and o.told

-- name: delete_old_post_plans
with oldest as materialized (
    select post_id from scheduler.post_plans where planned_at < %(before)s order by planned_at limit %(limit)s
)
delete from scheduler.post_plans p using oldest o where p.post_id = o.post_id

-- name: delete_old_interruptions
with oldest as materialized (
    select id from scheduler.interruptions where ended_at < %(before)s order by ended_at limit %(limit)s
)
delete from scheduler.interruptions i using oldest o where i.id = o.id

-- name: cartridges
select cartridge_id, definition from gateway.api_cartridges
where client_id = %(client_id)s and cartridge_id = any(%(ids)s)

-- name: claim_pending_voices
-- Texts that wait for the model, those that are due first; leased, so that no two ask for one.
update scheduler.activities a
set voicing_until = %(until)s
from (
    select id from scheduler.activities
    where voice = 'pending' and state in ('scheduled', 'awaiting_approval')
      and (voicing_until is null or voicing_until <= %(now)s)
    order by due_at
    limit %(limit)s
    for update skip locked
) due
where a.id = due.id
returning a.id, a.client_id, a.cartridge_id, a.source_text

-- name: set_voice
-- Nobody gave it another text meanwhile, and nobody else says the same on the post.
update scheduler.activities a
set draft_text = %(text)s, voice = %(voice)s, voicing_until = null, updated_at = %(now)s
where a.id = %(id)s and a.voice = 'pending' and a.source_text = %(source)s
  and (%(voice)s = 'fallback' or not exists (
      select 1 from scheduler.activities o
      where o.post_id = a.post_id and o.id <> a.id and o.draft_text = %(text)s and o.state not in ('cancelled', 'skipped')))
returning id, client_id, post_id, pod_id, account_id, kind, lane, state, due_at, scheduled_for, reason_code, reason,
          correlation_id, draft_text
