-- What must be remembered of an activity, whatever its state: facts of their own, which no change of state forgets.
alter table scheduler.activities
    -- Whether an effect of it may exist on the network. Only a look, an answer or a person can say that there is none.
    add column effect text not null default 'none' check (effect in ('none', 'possible', 'seen')),
    -- Somebody said no: a person, or consent that was withdrawn. Only a person's later yes takes it back.
    add column stopped_at  timestamptz,
    add column stopped_by  text,
    add column stop_code   text,
    add column stop_reason text,
    add column approval text not null default 'not_needed' check (approval in ('not_needed', 'waiting', 'given')),
    add column approved_by text,
    add column approved_at timestamptz,
    -- The executions that were handed over and whose outcome was not heard yet. What an outcome says of an execution
    -- that is not among them was said before.
    add column unheard integer[] not null default '{}';

update scheduler.activities set
    effect = case when state = 'executed' then 'seen'
                  when state = 'unknown' or (state = 'dispatched' and mode = 'verify') then 'possible' else effect end,
    approval = case state when 'awaiting_approval' then 'waiting' else approval end,
    unheard = case state when 'dispatched' then array[execution] else unheard end,
    lease_until = case state when 'dispatched' then lease_until end,
    stopped_at = case state when 'cancelled' then updated_at end,
    stopped_by = case state when 'cancelled' then 'scheduler' end,
    stop_code = case state when 'cancelled' then reason_code end,
    stop_reason = case state when 'cancelled' then reason end
where state in ('executed', 'unknown', 'awaiting_approval', 'dispatched', 'cancelled');

alter table scheduler.activities
    add check ((stopped_at is null) = (stopped_by is null) and (stopped_at is null) = (stop_code is null)
               and (stopped_at is null) = (stop_reason is null)),
    add check ((approval = 'given') = (approved_at is not null) and (approved_at is null) = (approved_by is null)),
    add check (cardinality(unheard) = 0 or lease_until is not null),
    -- INVARIANT: what may have happened is looked for, never done again; what was seen has happened.
    add constraint never_perform_what_may_exist check (state <> 'dispatched' or mode = 'verify' or effect = 'none'),
    add constraint executed_is_seen check ((state = 'executed') = (effect = 'seen')),
    add constraint unknown_is_possible check (state <> 'unknown' or effect = 'possible'),
    add constraint possible_is_looked_for check (effect <> 'possible' or state in ('unknown', 'dispatched')),
    -- INVARIANT: a no holds until a person takes it back, and nothing goes out for which a yes is awaited.
    add constraint stopped_acts_no_more check (
        stopped_at is null
        or not (state in ('scheduled', 'awaiting_approval') or (state = 'dispatched' and mode = 'perform'))),
    add constraint no_act_before_its_yes check (approval <> 'waiting' or state not in ('scheduled', 'dispatched'));

-- A lease is of what is out, not of a state: a cancelled activity whose command is on its way is asked after too.
drop index scheduler.activities_lease;
create index activities_lease on scheduler.activities (lease_until) where unheard <> '{}';
-- Each lane has its own room, so each is read by itself.
drop index scheduler.activities_due;
create index activities_due on scheduler.activities (lane, due_at)
    where state in ('scheduled', 'unknown') and parked_by is null and not needs_person;
-- One target has one act of a kind and an account, however many posts of ours turn out to be that target.
create unique index activities_one_effect on scheduler.activities (account_id, kind, target_social_id)
    where kind in ('like', 'comment', 'repost') and target_social_id is not null
      and (effect <> 'none' or (unheard <> '{}' and mode = 'perform'));

-- In flight is an execution (`activity/execution/lane`), so an older one's outcome frees nothing of the present one.
-- `closed_until`: nothing more goes through until then (microseconds); a network asked for it.
alter table scheduler.limit_gates alter column in_flight drop default;
alter table scheduler.limit_gates alter column in_flight type text[] using '{}'::text[];
alter table scheduler.limit_gates alter column in_flight set default '{}';
alter table scheduler.limit_gates add column closed_until bigint;

update scheduler.limit_gates g
set in_flight = held.holders
from (
    select scope, array_agg(a.id || '/' || a.execution || '/' || a.lane) as holders
    from scheduler.activities a
    cross join unnest(a.gate_scopes) as scope
    where a.state = 'dispatched'
    group by scope
) held
where held.scope = g.scope;

create or replace view scheduler.api_activities as
    select id, client_id, post_id, pod_id, account_id, member_id, member_name, platform, kind, lane, state,
           reason_code, reason, target_url, draft_text, scheduled_for, due_at, priority, attempt, max_attempts,
           execution, dispatched_at, executed_at, failure_count, last_error, next_retry_at, result, result_url,
           final_text, verified, parked_by, needs_person, approval_expires_at, correlation_id, created_at, updated_at,
           effect, stopped_at, stopped_by, stop_code, stop_reason, approval, approved_by, approved_at
    from scheduler.activities;
