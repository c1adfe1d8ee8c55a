-- From when on the call of what is out may not be made any more: the account's hours have ended by then, or it is so late
-- that it has no distance to the others. Written at hand-over, for that execution.
alter table scheduler.activities add column acts_until timestamptz;

-- What a program of before handed over says nothing of it.
create or replace view scheduler.api_due as
    select a.id as activity_id, a.execution, a.state, a.client_id, a.post_id, a.account_id, a.attempt, a.max_attempts, a.mode,
           a.kind, a.lane, a.platform, coalesce(c.provider_account_id, a.provider_account_id) as provider_account_id,
           a.target_url, a.target_social_id, a.draft_text as text, a.cartridge_id, a.reaction, a.due_at, a.correlation_id,
           a.voice, coalesce(a.acts_until, a.due_at + interval '30 seconds') as acts_until
    from scheduler.activities a
    left join gateway.api_accounts c on c.account_id = a.account_id;

create or replace view scheduler.api_standing as
    select a.id as activity_id, a.client_id, a.account_id, a.pod_id, a.kind, a.state, a.execution,
           p.code as pause_code, p.reason as pause_reason,
           a.kind in ('like', 'comment', 'repost') as asks_member,
           m.takes_part, m.kinds as member_kinds,
           coalesce(a.acts_until, a.due_at + interval '30 seconds') as acts_until
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

-- What a resume has answered: the challenges (`engagement.challenges.id`) that were known when it was said. Null: of a
-- program of before, which went by instants.
alter table scheduler.pauses add column answers bigint[];

create or replace view scheduler.api_account_resumes as
    select p.client_id, p.scope_id as account_id, p.resumed_at, p.answers
    from scheduler.pauses p
    where p.scope = 'account' and p.code = 'challenge' and p.resumed_at is not null;
