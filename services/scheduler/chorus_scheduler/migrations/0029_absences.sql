-- When it was wished for, of what an absence moved: one that ends early gives it an earlier place. Null: none did.
alter table scheduler.activities add column wished_at timestamptz;

-- Whether it is a day of an absence there now: pairs of a first and a last local day.
create function scheduler.is_away(p_away jsonb, p_zone text) returns boolean
    language sql stable parallel safe as $$
    select exists (
        select from jsonb_array_elements(p_away) as b
        where (clock_timestamp() at time zone p_zone)::date between (b ->> 0)::date and (b ->> 1)::date)
$$;

-- Whoever is away as a call is to be made has no time left for it: it is given back, and placed after the absence.
create or replace view scheduler.api_standing as
    select a.id as activity_id, a.client_id, a.account_id, a.pod_id, a.kind, a.state, a.execution,
           p.code as pause_code, p.reason as pause_reason,
           a.kind in ('like', 'comment', 'repost') as asks_member,
           m.takes_part, m.kinds as member_kinds,
           case when c.away is not null and scheduler.is_away(c.away, c.timezone) then timestamptz 'epoch'
                else coalesce(a.acts_until, a.due_at + interval '30 seconds') end as acts_until,
           a.approval = 'given' and a.owner_agreed as owner_agreed
    from scheduler.activities a
    left join gateway.api_accounts c on c.account_id = a.account_id and c.away is not null
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

create or replace view scheduler.api_due as
    select a.id as activity_id, a.execution, a.state, a.client_id, a.post_id, a.account_id, a.attempt, a.max_attempts, a.mode,
           a.kind, a.lane, a.platform, coalesce(c.provider_account_id, a.provider_account_id) as provider_account_id,
           a.target_url, a.target_social_id, a.draft_text as text, a.cartridge_id, a.reaction, a.due_at, a.correlation_id,
           a.voice,
           case when c.away is not null and scheduler.is_away(c.away, c.timezone) then timestamptz 'epoch'
                else coalesce(a.acts_until, a.due_at + interval '30 seconds') end as acts_until,
           a.subject_kind, a.subject
    from scheduler.activities a
    left join gateway.api_accounts c on c.account_id = a.account_id
    where a.unheard <> '{}';
