-- name: lock_activity
-- All columns of an `Activity`; waits for whoever holds the row.
select {activity}
from scheduler.activities a
where id = %(id)s
for update

-- name: change_one
-- A row that is locked. Null leaves a fact as it is; `stop` says no (true), takes it back (false), or neither.
update scheduler.activities a
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
    owner_agreed = case when %(approval)s::text is null then owner_agreed else %(by_owner)s end,
    suggested = coalesce(%(suggested)s, suggested), by_hand = by_hand or %(by_hand)s,
    approval_expires_at = coalesce(%(approval_expires_at)s, case when %(approval)s::text is null then approval_expires_at end),
    executed_at = coalesce(%(executed_at)s, executed_at), result = coalesce(%(result)s::jsonb, result),
    denied = coalesce(%(denied)s::integer[], denied),
    denied_by = case when %(denied)s::integer[] <> '{}' then %(actor)s when %(denied)s::integer[] = '{}' then null
                else denied_by end,
    denied_at = case when %(denied)s::integer[] <> '{}' then %(now)s when %(denied)s::integer[] = '{}' then null
                else denied_at end,
    updated_at = %(now)s
where id = %(id)s
returning {activity}

-- name: change_text
-- A row that is locked. Words of a person, or none, are nobody else's voice.
update scheduler.activities a
set draft_text = %(text)s, voice = 'none', updated_at = %(now)s
where id = %(id)s
returning {activity}

-- name: expire_approvals
-- Those that have waited longest first; held ones end with their window (`held.sql`). What somebody holds is left for the next time.
with stale as materialized (
    select id from scheduler.activities
    where state = 'awaiting_approval' and approval_expires_at < %(now)s and parked_by is null
    order by approval_expires_at
    limit %(limit)s
    for update skip locked
)
update scheduler.activities a
set state = 'skipped', reason_code = case when a.suggested then %(hand_code)s else %(code)s end,
    reason = case when a.suggested then %(hand_sentence)s else %(sentence)s end, updated_at = %(now)s
from stale
where a.id = stale.id
returning {report}

-- name: remind_of_approvals
-- Marked as reminded: those whose time is nearly over, and who wait for nothing but a yes. What somebody holds is left for
-- the next time. The time for a yes begins at an activity's own.
with nearly_over as materialized (
    select id from scheduler.activities
    where state = 'awaiting_approval' and not suggested and reminded_at is null and parked_by is null and approval_expires_at > %(now)s
      and greatest(scheduled_for,
                   approval_expires_at - greatest(%(least)s, (approval_expires_at - scheduled_for) * %(share)s)) <= %(now)s
    order by approval_expires_at
    limit %(limit)s
    for update skip locked
)
update scheduler.activities a
set reminded_at = %(now)s
from nearly_over n
where a.id = n.id
returning {activity}

-- name: wake
-- Heard by dispatchers when the transaction commits.
select pg_notify('chorus_scheduler_due', '')

-- name: plan_of_account
-- One row; without an id where nothing is to come. What may have happened and is looked for is nothing to come.
select n.id, n.kind, n.due_at,
       (select count(*) from scheduler.activities w
        where w.account_id = %(account_id)s and w.state = 'awaiting_approval'
          and not w.suggested and w.parked_by is null)::integer as waiting
from (select 1) as one
left join lateral (
    select a.id, a.kind, a.due_at
    from scheduler.activities a
    where a.account_id = %(account_id)s and a.state in ('scheduled', 'dispatched') and a.parked_by is null
    order by a.due_at
    limit 1
) n on true
