-- What executors read of the ledger: the order itself, and whether it still stands.

-- A due command is an address (activity, execution): what is to be done, for whom and when is read here.
create view scheduler.api_due as
    select a.id as activity_id, a.execution, a.state, a.client_id, a.post_id, a.account_id, a.attempt, a.max_attempts, a.mode,
           a.kind, a.lane, a.platform, a.provider_account_id, a.target_url, a.target_social_id, a.draft_text as text,
           a.cartridge_id, a.reaction, a.due_at, a.correlation_id,
           -- Whose voice the text is in already; null: the executor lays the cartridge's over it.
           null::text as voice
    from scheduler.activities a;
grant select on scheduler.api_due to chorus_executor, chorus_browser_repost;

-- Who takes part is asked for what a pod wants of its members: by the member's key, or, in a row of before that names
-- none, by the account's place in the pod. What is published is the account's own.
create or replace view scheduler.api_standing as
    select a.id as activity_id, a.client_id, a.account_id, a.pod_id, a.kind, a.state, a.execution,
           p.code as pause_code, p.reason as pause_reason,
           a.kind in ('like', 'comment', 'repost') as asks_member,
           m.takes_part, m.kinds as member_kinds
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

-- When somebody last resumed an account: what was met before that has been looked at.
create index pauses_resumed on scheduler.pauses (scope_id, resumed_at)
    where scope = 'account' and resumed_at is not null;
create view scheduler.api_account_resumes as
    select p.client_id, p.scope_id as account_id, p.resumed_at
    from scheduler.pauses p
    where p.scope = 'account' and p.resumed_at is not null;
grant select on scheduler.api_account_resumes to chorus_executor, chorus_browser_repost;
