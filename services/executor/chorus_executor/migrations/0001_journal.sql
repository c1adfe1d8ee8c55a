-- The journal: a row is committed before the call, closed after it. A row without an outcome whose worker
-- is gone may hide an effect, so it is verified before anything is done again.
create schema engagement;
grant usage on schema engagement to
    chorus_executor, chorus_browser_repost, chorus_scheduler, chorus_gateway, chorus_notifier, chorus_tenant_reader;

create table engagement.workers (
    id         uuid primary key,
    service    text not null,
    instance   text not null,
    started_at timestamptz not null default clock_timestamp(),
    seen_at    timestamptz not null default clock_timestamp()
);

create table engagement.attempts (
    activity_id uuid not null,
    execution   integer not null check (execution > 0),
    client_id   uuid not null,
    post_id     uuid not null,
    account_id  uuid not null,
    kind        text not null,
    lane        text not null,
    mode        text not null,
    -- All zeros: given back before any call. Not in `workers`: lost, and to be verified.
    worker_id   uuid not null,
    takeovers   integer not null default 0,
    command     jsonb not null,
    opened_at   timestamptz not null default clock_timestamp(),
    called_at   timestamptz,
    closed_at   timestamptz,
    outcome     text check (outcome in ('executed', 'failed', 'unknown', 'withheld')),
    verified    boolean not null default false,
    result      jsonb,
    -- Comment, repost, publish: committed before the call, so that an effect can be told by its text.
    final_text  text,
    voice       text,
    failure     jsonb,
    -- What was said when the row was closed, to be said again when the command comes again: the
    -- outcome's event, and a list of further ones.
    executed    jsonb,
    more        jsonb,
    traceparent text,
    correlation_id text not null,
    primary key (activity_id, execution),
    check ((closed_at is null) = (outcome is null))
);
create index attempts_open on engagement.attempts (worker_id) where closed_at is null;
create index attempts_retention on engagement.attempts (closed_at) where closed_at is not null;

create table engagement.outbox (
    id         bigint generated always as identity primary key,
    topic      text not null,
    key        bytea not null,
    value      bytea not null,
    headers    jsonb not null,
    created_at timestamptz not null default now()
);

grant select, insert, update, delete on all tables in schema engagement to chorus_executor, chorus_browser_repost;
grant usage on all sequences in schema engagement to chorus_executor, chorus_browser_repost;

alter table engagement.attempts enable row level security;
create policy own_services on engagement.attempts to chorus_executor, chorus_browser_repost using (true) with check (true);
create policy one_tenant on engagement.attempts for select to chorus_tenant_reader
    using (client_id = chorus.current_client());
grant select on engagement.attempts to chorus_tenant_reader;

create view engagement.api_attempts as
    select activity_id, execution, client_id, post_id, account_id, kind, lane, mode, takeovers, opened_at, called_at,
           closed_at, outcome, verified, result, final_text, voice, failure, correlation_id
    from engagement.attempts;
grant create on schema engagement to chorus_tenant_reader;
alter view engagement.api_attempts owner to chorus_tenant_reader;
revoke create on schema engagement from chorus_tenant_reader;
grant select on engagement.api_attempts to chorus_gateway;

-- The scheduler asks whether a command has arrived, so that it is not handed over again without need.
create view engagement.api_journaled as
    select activity_id, execution, closed_at is not null as closed from engagement.attempts;
grant select on engagement.api_journaled to chorus_scheduler;
