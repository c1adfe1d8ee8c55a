-- name: listing
with shown as (
    select a.*, nullif(a.parked_by, a.member_id) as paused_by, coalesce(a.parked_by = a.member_id, false) as held,
           case when a.state = 'dispatched' and exists (
               select 1 from engagement.api_attempts t where t.activity_id = a.id and t.closed_at is null
           ) then 'executing'
                when a.state = 'awaiting_approval' and a.suggested then 'suggested' else a.state end as shown_state
    from scheduler.api_activities a
    where (%(ids)s::uuid[] is null or a.id = any(%(ids)s))
      and (%(stored_states)s::text[] is null or a.state = any(%(stored_states)s))
      and (%(kinds)s::text[] is null or a.kind = any(%(kinds)s))
      and (%(pod_id)s::uuid is null or a.pod_id = %(pod_id)s)
      and (%(post_id)s::uuid is null or a.post_id = %(post_id)s)
      and (%(member_id)s::uuid is null or a.member_id = %(member_id)s)
      and (%(account_id)s::uuid is null or a.account_id = %(account_id)s)
      and (%(since)s::timestamptz is null or a.scheduled_for >= %(since)s)
      and (%(until)s::timestamptz is null or a.scheduled_for < %(until)s)
      and (%(needs_person)s::boolean is null or a.needs_person = %(needs_person)s)
      and (%(before_at)s::timestamptz is null or (a.created_at, a.id) < (%(before_at)s, %(before_id)s::uuid))
)
select id, client_id, post_id, pod_id, account_id, member_id, member_name, platform, kind, lane, shown_state as state,
       reason_code, reason, target_url, draft_text, final_text, scheduled_for, due_at, priority, attempt, max_attempts,
       execution, dispatched_at, executed_at, failure_count, last_error, next_retry_at, result, result_url, verified,
       paused_by, held, needs_person, effect, stopped_at, stopped_by, stop_reason, approval, approved_by, approved_at,
       approval_expires_at, suggested, by_hand, correlation_id, created_at, updated_at, post_author, post_beginning
from shown
left join lateral (
    -- The network's word first: what we queued, and whose somebody said that it is, are hints.
    select coalesce(p.shown_author, o.display_name) as post_author, left(coalesce(p.shown_text, p.text), 300) as post_beginning
    from gateway.posts p left join gateway.accounts o on o.id = p.author_account_id
    where p.id = shown.post_id
) post on true
where (%(states)s::text[] is null or shown_state = any(%(states)s))
order by created_at desc, id desc
limit %(limit)s

-- name: decisions
select id, code, sentence, limit_name, limit_value, limit_used, next_possible_at, actor, at
from scheduler.api_decisions
where activity_id = %(id)s
order by id
limit 1000

-- name: attempts
select execution, mode, takeovers, opened_at, called_at, closed_at, outcome, verified, result, failure
from engagement.api_attempts
where activity_id = %(id)s
order by execution
limit 1000

-- name: counts
select a.member_id, a.shown as state, count(*)::integer as n
from (
    select member_id,
           case when state = 'scheduled' and due_at <= %(now)s and parked_by is null then 'due'
                when state = 'awaiting_approval' and suggested then 'suggested'
                when by_hand then 'done_by_hand' else state end as shown
    from scheduler.api_activities
    where %(pod_id)s::uuid is null or pod_id = %(pod_id)s
) a
group by a.member_id, a.shown

-- name: pauses
select id, scope, client_id, scope_id, code, reason, evidence, paused_by, paused_at, resumed_by, resumed_at
from scheduler.api_pauses
where not %(in_force)s or resumed_at is null
order by paused_at desc, id desc
limit %(limit)s

-- name: pauses_of_accounts
select id, scope, client_id, scope_id, code, reason, evidence, paused_by, paused_at, resumed_by, resumed_at
from scheduler.api_pauses
where scope = 'account' and scope_id = any(%(accounts)s) and resumed_at is null
order by (code = 'challenge'), (code = 'paused_by_owner')

-- name: find_pause
select id, scope, client_id, scope_id, code, reason, evidence, paused_by, paused_at, resumed_by, resumed_at
from scheduler.api_pauses
where id = %(id)s

-- name: was_handed_over
select 1 from scheduler.api_activities where post_id = %(post_id)s and kind = %(kind)s and execution > 0 limit 1
