-- Looks: one row a watch, of the last one that was begun. A command that comes again begins nothing, and what was answered
-- can be said again. Nothing is verified: a look may be made again, when its watch asks for it again (`sends`).
create table engagement.looks (
    watch_id    uuid primary key,
    client_id   uuid not null,
    account_id  uuid not null,
    execution   integer not null check (execution > 0),
    sends       integer not null check (sends > 0),
    begun_at    timestamptz not null default clock_timestamp(),
    answered_at timestamptz,
    -- What was said, as it is said again.
    answer      jsonb,
    check ((answer is null) = (answered_at is null))
);
create index looks_retention on engagement.looks (begun_at);

grant select, insert, update, delete on engagement.looks to chorus_executor;
alter table engagement.looks enable row level security;
create policy own_services on engagement.looks to chorus_executor using (true) with check (true);

-- What is to be looked at, and whether it stands: the scheduler's order, and what the network asked of the account's person.
create view engagement.watch_orders as
    select o.watch_id, o.client_id, o.kind, o.subject, o.account_id, o.began_at, o.execution, o.unheard, o.sends, o.cursor,
           o.provider_account_id, o.account_status, o.consented, o.wanted, o.pause_reason,
           h.account_id is not null as challenged
    from scheduler.api_watch_orders o
    left join lateral (
        select h.account_id
        from engagement.challenges h
        where h.account_id = o.account_id
          and not exists (
              select from scheduler.api_account_resumes r
              where r.account_id = h.account_id
                and case when r.answers is null then r.resumed_at > h.at else h.id = any(r.answers) end)
        limit 1
    ) h on true;
grant select on engagement.watch_orders to chorus_executor;
