-- A plan is one row: what was decided, and is to be told, about the activities that were planned together. The arrays
-- are parallel. It is written once, in the transaction of its activities; its decisions (`api_decisions`) and its
-- `activity.scheduled` events (the relay) are read out of it. A row for each of them cost more than the activities.
create table scheduler.plans (
    -- The id of each of its decisions, and its events' place among those of the outbox: both lie before whatever
    -- happens to its activities later.
    id             bigint primary key default nextval('scheduler.decisions_id_seq'),
    place          bigint not null default nextval('scheduler.outbox_id_seq'),
    client_id      uuid not null,
    post_id        uuid not null,
    pod_id         uuid,
    kind           text not null,
    lane           text not null,
    state          text not null,
    code           text not null check (code ~ '^[a-z][a-z_]+$'),
    activity_ids   uuid[] not null check (cardinality(activity_ids) > 0),
    account_ids    uuid[] not null,
    -- Microseconds of Unix time, as in `limit_gates`.
    instants       bigint[] not null,
    sentences      text[] not null,
    -- Null where no limit moved anybody.
    limit_names    text[],
    limit_values   integer[],
    limit_uses     integer[],
    actor          text not null,
    correlation_id text not null,
    -- The envelope of its events, less what differs from one to the other.
    headers        jsonb not null,
    told           boolean not null default false,
    planned_at     timestamptz not null default clock_timestamp(),
    check (cardinality(account_ids) = cardinality(activity_ids)
           and cardinality(instants) = cardinality(activity_ids)
           and cardinality(sentences) = cardinality(activity_ids)),
    check (limit_names is null
           or (cardinality(limit_names) = cardinality(activity_ids)
               and array_position(limit_names, null) is not distinct from array_position(limit_values, null)
               and cardinality(array_remove(limit_names, null)) = cardinality(array_remove(limit_values, null))
               and cardinality(array_remove(limit_names, null)) = cardinality(array_remove(limit_uses, null))))
);
-- Compressing what the arrays hold costs more than writing it.
alter table scheduler.plans
    alter column activity_ids set storage external,
    alter column account_ids set storage external,
    alter column instants set storage external,
    alter column sentences set storage external;
create index plans_post on scheduler.plans (post_id);
create index plans_untold on scheduler.plans (place) where not told;

grant select, insert, update on scheduler.plans to chorus_scheduler;
grant select on scheduler.plans to chorus_tenant_reader;
alter table scheduler.plans enable row level security;
create policy own_service on scheduler.plans to chorus_scheduler using (true) with check (true);
create policy one_tenant on scheduler.plans for select to chorus_tenant_reader
    using (client_id = chorus.current_client());

-- By way of the activity: whoever asks knows it, and its post leads to the few plans that may hold it.
create or replace view scheduler.api_decisions as
    select id, client_id, activity_id, post_id, account_id, kind, code, sentence, limit_name, limit_value, limit_used,
           next_possible_at, actor, detail, correlation_id, at
    from scheduler.decisions
    union all
    select p.id, a.client_id, a.id, a.post_id, a.account_id, a.kind, p.code, p.sentences[s.n],
           p.limit_names[s.n], p.limit_values[s.n], p.limit_uses[s.n],
           timestamptz 'epoch' + p.instants[s.n] * interval '1 microsecond',
           p.actor, null::jsonb, p.correlation_id, p.planned_at
    from scheduler.activities a
    join scheduler.plans p on p.post_id = a.post_id and p.kind = a.kind
    cross join lateral (select array_position(p.activity_ids, a.id) as n) s
    where s.n is not null;
