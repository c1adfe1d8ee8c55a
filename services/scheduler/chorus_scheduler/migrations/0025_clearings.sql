-- That somebody wants a queue cleared: kept until it is, so that a crash on the way loses nothing of it.
create table scheduler.clearings (
    id        uuid primary key,
    client_id uuid not null,
    scope     text not null check (scope in ('tenant', 'pod', 'post', 'account')),
    scope_id  uuid,
    reason    text not null check (length(reason) between 1 and 500),
    actor     text not null,
    -- What was planned by then is meant, and nothing of later.
    asked_at  timestamptz not null default clock_timestamp(),
    ended_at  timestamptz,
    removed   integer not null default 0,
    stopped   integer not null default 0,
    check ((scope = 'tenant') = (scope_id is null))
);
create index clearings_open on scheduler.clearings (asked_at) where ended_at is null;
create index clearings_ended on scheduler.clearings (ended_at) where ended_at is not null;

alter table scheduler.clearings enable row level security;
create policy own_service on scheduler.clearings to chorus_scheduler using (true) with check (true);
grant select, insert, update, delete on scheduler.clearings to chorus_scheduler;
