-- Who does it: Chorus, Chorus after the owner's own yes, or the account's person by hand. The table is neither read nor
-- written here: columns have constant defaults, and the checks hold for what is written from now on.
alter table scheduler.activities
    -- The yes that was given is that of the account's owner. It says something only where `approval` is `given`.
    add column owner_agreed boolean not null default false,
    -- Its account's person does it by hand, or nobody. Nothing takes it back.
    add column suggested    boolean not null default false,
    -- It was done, and not by Chorus.
    add column by_hand      boolean not null default false,
    -- INVARIANT: what is left to its person is never handed over to be done, whoever approves, retries or replays it.
    add constraint suggested_is_never_performed check (
        not suggested or not (state = 'scheduled' or (state = 'dispatched' and mode = 'perform'))) not valid,
    add constraint by_hand_is_done check (not by_hand or state = 'executed') not valid;

create or replace view scheduler.api_activities as
    select id, client_id, post_id, pod_id, account_id, member_id, member_name, platform, kind, lane, state,
           reason_code, reason, target_url, draft_text, scheduled_for, due_at, priority, attempt, max_attempts,
           execution, dispatched_at, executed_at, failure_count, last_error, next_retry_at, result, result_url,
           final_text, verified, parked_by, needs_person, approval_expires_at, correlation_id, created_at, updated_at,
           effect, stopped_at, stopped_by, stop_code, stop_reason, approval, approved_by, approved_at,
           unheard <> '{}' as is_out, suggested, by_hand, owner_agreed
    from scheduler.activities;

-- Executors ask once more whether the yes is one that counts (engagement.standing).
create or replace view scheduler.api_standing as
    select a.id as activity_id, a.client_id, a.account_id, a.pod_id, a.kind, a.state, a.execution,
           p.code as pause_code, p.reason as pause_reason,
           a.kind in ('like', 'comment', 'repost') as asks_member,
           m.takes_part, m.kinds as member_kinds,
           coalesce(a.acts_until, a.due_at + interval '30 seconds') as acts_until,
           a.approval = 'given' and a.owner_agreed as owner_agreed
    from scheduler.activities a
    left join lateral (
        select p.code, p.reason
        from scheduler.pauses p
        where p.resumed_at is null
          and (p.scope = 'everything'
               or (p.client_id = a.client_id
                   and (p.scope = 'tenant'
                        or (p.scope = 'pod' and p.scope_id = a.pod_id)
                        or (p.scope = 'account' and p.scope_id = a.account_id))))
        limit 1
    ) p on true
    left join lateral (
        select m.takes_part, m.kinds
        from gateway.api_participation m
        where m.member_id = a.member_id
        union all
        select m.takes_part, m.kinds
        from gateway.api_participation m
        where a.member_id is null and m.account_id = a.account_id and m.pod_id = a.pod_id
        limit 1
    ) m on a.kind in ('like', 'comment', 'repost');
