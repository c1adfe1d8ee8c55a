-- The ledger: everything an account does is a row here, and every reason for its state is a decision.
create schema scheduler;
grant usage on schema scheduler to
    chorus_scheduler, chorus_gateway, chorus_executor, chorus_browser_repost, chorus_notifier, chorus_tenant_reader;

create table scheduler.activities (
    id                  uuid primary key,
    client_id           uuid not null,
    post_id             uuid not null,
    pod_id              uuid,
    account_id          uuid not null,
    member_id           uuid,
    member_name         text,
    provider_account_id text not null,
    platform            text not null,
    kind                text not null check (kind in (
        'like', 'comment', 'repost', 'publish', 'send_dm', 'scan_comments', 'read_replies', 'detect_posts')),
    lane                text not null check (lane in ('api', 'browser')),
    state               text not null check (state in (
        'planned', 'awaiting_approval', 'scheduled', 'dispatched', 'executed', 'failed', 'unknown', 'skipped', 'cancelled')),
    reason_code         text not null check (reason_code <> ''),
    reason              text not null check (length(reason) >= 10),
    target_url          text,
    target_social_id    text,
    draft_text          text,
    cartridge_id        uuid,
    reaction            text not null default 'like',
    seed                bigint not null,
    scheduled_for       timestamptz not null,
    due_at              timestamptz not null,
    priority            smallint not null default 5 check (priority between 1 and 10),
    attempt             integer not null default 1 check (attempt between 1 and max_attempts),
    max_attempts        integer not null default 3,
    execution           integer not null default 0,
    mode                text not null default 'perform' check (mode in ('perform', 'verify')),
    verifications       integer not null default 0,
    dispatched_at       timestamptz,
    lease_until         timestamptz,
    executed_at         timestamptz,
    failure_count       integer not null default 0,
    last_error          jsonb,
    next_retry_at       timestamptz,
    result              jsonb,
    result_url          text,
    final_text          text,
    verified            boolean not null default false,
    parked_by           uuid,
    gate_scopes         text[] not null default '{}',
    needs_person        boolean not null default false,
    approval_expires_at timestamptz,
    correlation_id      text not null,
    traceparent         text,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),
    -- INVARIANT: one intent is one row, for ever. Acting twice would need two rows.
    unique (post_id, account_id, kind),
    check (state <> 'dispatched' or lease_until is not null)
) with (fillfactor = 80);

create index activities_due on scheduler.activities (due_at)
    where state in ('scheduled', 'unknown') and parked_by is null and not needs_person;
create index activities_lease on scheduler.activities (lease_until) where state = 'dispatched';
create index activities_approval on scheduler.activities (approval_expires_at) where state = 'awaiting_approval';
create index activities_open_by_account on scheduler.activities (account_id, kind, due_at)
    where state in ('awaiting_approval', 'scheduled', 'dispatched', 'unknown');
create index activities_parked on scheduler.activities (parked_by) where parked_by is not null;
create index activities_person on scheduler.activities (client_id, updated_at) where needs_person;
create index activities_listing on scheduler.activities (client_id, created_at desc, id desc);
create index activities_asked_for on scheduler.activities (client_id, state, created_at desc, id desc)
    where state in ('awaiting_approval', 'failed', 'unknown');
create index activities_last_of_member on scheduler.activities (member_id, executed_at desc) where state = 'executed';

create table scheduler.decisions (
    id               bigint generated always as identity primary key,
    client_id        uuid not null,
    activity_id      uuid,
    post_id          uuid,
    account_id       uuid,
    kind             text,
    code             text not null check (code ~ '^[a-z][a-z_]+$'),
    sentence         text not null check (length(sentence) >= 10),
    limit_name       text,
    limit_value      integer,
    limit_used       integer,
    next_possible_at timestamptz,
    actor            text not null,
    detail           jsonb,
    correlation_id   text,
    at               timestamptz not null default clock_timestamp(),
    check (limit_name is null or (limit_value is not null and limit_used is not null))
);
create index decisions_activity on scheduler.decisions (activity_id, id);
create index decisions_post on scheduler.decisions (post_id, id) where activity_id is null;

-- One row a scope that a limit holds for: `account:<id>:like`, `post:<id>:like`, `lane:browser`.
-- Locking the row makes check and use one step over all replicas. Uses are microseconds of Unix time: they are
-- read and written for every hand-over, and integers cost a tenth of timestamps.
create table scheduler.limit_gates (
    scope     text primary key,
    uses      bigint[] not null default '{}',
    in_flight uuid[] not null default '{}'
) with (fillfactor = 50);

create table scheduler.rate_limits (
    id         bigint generated always as identity primary key,
    client_id  uuid,
    account_id uuid,
    platform   text not null,
    kind       text not null,
    per_hour   integer check (per_hour > 0),
    per_day    integer check (per_day > 0),
    cooldown   interval not null default interval '0' check (cooldown >= interval '0'),
    unique nulls not distinct (client_id, account_id, platform, kind),
    check (account_id is null or client_id is not null)
);

create table scheduler.pauses (
    id         uuid primary key,
    scope      text not null check (scope in ('everything', 'tenant', 'pod', 'account')),
    client_id  uuid,
    scope_id   uuid,
    code       text not null,
    reason     text not null check (length(reason) >= 3),
    evidence   jsonb,
    paused_by  text not null,
    paused_at  timestamptz not null default clock_timestamp(),
    resumed_by text,
    resumed_at timestamptz,
    check ((scope = 'everything') = (client_id is null)),
    check ((scope in ('everything', 'tenant')) = (scope_id is null))
);
create unique index pauses_in_force on scheduler.pauses (scope, client_id, scope_id) nulls not distinct
    where resumed_at is null;

-- Which posts have been planned by the automation: what is published and not here was lost on the way.
create table scheduler.post_plans (
    post_id    uuid primary key,
    client_id  uuid not null,
    planned    integer not null,
    skipped    integer not null,
    planned_at timestamptz not null default clock_timestamp()
);

create table scheduler.outbox (
    id         bigint generated always as identity primary key,
    topic      text not null,
    key        bytea not null,
    value      bytea not null,
    headers    jsonb not null,
    created_at timestamptz not null default now()
);

grant select, insert, update, delete on all tables in schema scheduler to chorus_scheduler;
grant usage on all sequences in schema scheduler to chorus_scheduler;
