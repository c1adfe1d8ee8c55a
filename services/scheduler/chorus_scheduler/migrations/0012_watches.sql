-- Watches: what is looked at again and again. An activity changes the world once; a watch looks, and may look again.
create table scheduler.watches (
    id            uuid primary key,
    client_id     uuid not null,
    kind          text not null check (kind in ('posts_of_account', 'comments_of_post', 'messages_of_conversation')),
    -- What is looked at: an account's, a post's or a conversation's id.
    subject       text not null check (length(subject) between 1 and 300),
    -- Whose account looks.
    account_id    uuid not null,
    every_seconds integer not null check (every_seconds between 300 and 86400),
    began_at      timestamptz not null,
    ended_at      timestamptz,
    -- When it is due. While a look is out: when it is given up, as its command or its answer was lost.
    next_at       timestamptz not null,
    execution     integer not null default 0,
    -- The look of this execution is out, and was not heard of; so often its command was sent.
    unheard       boolean not null default false,
    sends         integer not null default 0,
    -- Where the next look goes on; the reader's own.
    cursor        jsonb,
    -- Looks in a row that failed.
    errors        integer not null default 0,
    -- So many that a person is to see why.
    failing       boolean not null default false,
    looks         bigint not null default 0,
    found         bigint not null default 0,
    failures      bigint not null default 0,
    looked_at     timestamptz,
    last_error    jsonb,
    last_error_at timestamptz,
    reason_code   text not null check (reason_code <> ''),
    reason        text not null check (length(reason) >= 10),
    created_at    timestamptz not null default clock_timestamp(),
    updated_at    timestamptz not null default clock_timestamp(),
    -- INVARIANT: one thing is looked at once by a tenant, however many ask for it.
    unique (client_id, kind, subject),
    check (not unheard or sends > 0)
) with (fillfactor = 80);

create index watches_due on scheduler.watches (client_id, next_at) where ended_at is null;
create index watches_ended on scheduler.watches (ended_at) where ended_at is not null;
create index watches_account on scheduler.watches (account_id);

alter table scheduler.watches enable row level security;
create policy own_service on scheduler.watches to chorus_scheduler using (true) with check (true);
create policy one_tenant on scheduler.watches for select to chorus_tenant_reader
    using (client_id = chorus.current_client());
grant select, insert, update, delete on scheduler.watches to chorus_scheduler;
grant select on scheduler.watches to chorus_tenant_reader;

-- Whose new posts are looked for, once for each pod that asks: a connected account, whose person agreed to it, as an active
-- member of an active pod with `detect_posts`. A policy that says something else than a number means the default.
create view scheduler.wanted_detections as
    select m.client_id, m.account_id, m.pod_id,
           least(greatest(case when jsonb_typeof(p.policy -> 'detect_every_seconds') = 'number'
                               then (p.policy ->> 'detect_every_seconds')::numeric else 900 end, 300), 86400)::integer
               as every_seconds
    from gateway.api_members m
    join gateway.api_pods p on p.pod_id = m.pod_id and p.client_id = m.client_id
    join gateway.api_accounts a on a.account_id = m.account_id and a.client_id = m.client_id
    where m.active and p.active and p.policy -> 'detect_posts' = 'true'::jsonb
      and a.platform = 'linkedin' and a.status = 'connected' and 'detect_posts' = any(a.consented_kinds);
grant select on scheduler.wanted_detections to chorus_scheduler;

-- Whether a watch may look now, for whoever decides it: the scheduler at hand-over, the executor before the call. `wanted`:
-- somebody still asks for it. A pod's pause holds it where every pod that asks is paused. Active hours are for acts: nobody
-- sees that something was read.
create view scheduler.watch_standing as
    select w.id as watch_id, c.provider_account_id, c.platform, c.connected_at, coalesce(c.status, 'removed') as account_status,
           coalesce(case w.kind when 'posts_of_account' then 'detect_posts'
                                when 'comments_of_post' then 'scan_comments'
                                else 'read_replies' end = any(c.consented_kinds), false) as consented,
           w.ended_at is null and (w.kind <> 'posts_of_account' or coalesce(d.pods, 0) > 0) as wanted,
           p.reason as pause_reason
    from scheduler.watches w
    left join gateway.api_accounts c on c.account_id = w.account_id and c.client_id = w.client_id
    left join lateral (
        select count(*) as pods, array_agg(d.pod_id) as ids
        from scheduler.wanted_detections d
        where w.kind = 'posts_of_account' and d.account_id = w.account_id and d.client_id = w.client_id
    ) d on true
    left join lateral (
        select p.reason
        from scheduler.pauses p
        where p.resumed_at is null
          and (p.scope = 'everything'
               or (p.client_id = w.client_id
                   and (p.scope = 'tenant'
                        or (p.scope = 'account' and p.scope_id = w.account_id)
                        or (p.scope = 'pod' and p.scope_id = d.ids[1] and not exists (
                                select 1 from unnest(d.ids) as asking (pod_id)
                                where not exists (
                                    select 1 from scheduler.pauses o
                                    where o.scope = 'pod' and o.client_id = w.client_id and o.resumed_at is null
                                      and o.scope_id = asking.pod_id))))))
        limit 1
    ) p on true;
grant select on scheduler.watch_standing to chorus_scheduler;

-- What an executor is to look at: the command is an address, this is the order.
create view scheduler.api_watch_orders as
    select w.id as watch_id, w.client_id, w.kind, w.subject, w.account_id, w.began_at, w.execution, w.unheard, w.sends,
           w.cursor, s.provider_account_id, s.account_status, s.consented, s.wanted, s.pause_reason
    from scheduler.watches w
    join scheduler.watch_standing s on s.watch_id = w.id;
grant select on scheduler.api_watch_orders to chorus_executor;

-- What the gateway shows, and holds what it hears of looks against.
create view scheduler.api_watches as
    select id, client_id, kind, subject, account_id, every_seconds, began_at, ended_at, next_at, execution, unheard, errors,
           failing, looks, found, failures, looked_at, last_error, last_error_at, reason_code, reason, created_at, updated_at
    from scheduler.watches;
grant create on schema scheduler to chorus_tenant_reader;
alter view scheduler.api_watches owner to chorus_tenant_reader;
revoke create on schema scheduler from chorus_tenant_reader;
grant select on scheduler.api_watches to chorus_gateway;
