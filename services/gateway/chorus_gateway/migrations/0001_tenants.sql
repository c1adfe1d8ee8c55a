-- Who there is: tenants, their people, and how those sign in. Every row names its tenant, and every
-- reference names it too: (client_id, id) pairs, so that no row can point into another tenant.
create schema gateway;
grant usage on schema gateway to
    chorus_gateway, chorus_scheduler, chorus_executor, chorus_browser_repost, chorus_notifier;

create table gateway.clients (
    id            uuid primary key,
    name          text not null check (length(name) between 1 and 200),
    tier          text not null default 'starter'
                  check (tier in ('starter', 'growth', 'pro', 'enterprise', 'ultra')),
    feature_flags jsonb not null default '{}' check (jsonb_typeof(feature_flags) = 'object'),
    created_at    timestamptz not null default clock_timestamp()
);

create table gateway.users (
    id               uuid primary key,
    client_id        uuid not null references gateway.clients (id),
    email            text not null check (email = lower(email) and length(email) between 3 and 254),
    name             text not null check (length(name) between 1 and 200),
    role             text not null check (role in ('owner', 'admin', 'member', 'viewer')),
    password_hash    text,
    external_subject text,
    active           boolean not null default true,
    created_at       timestamptz not null default clock_timestamp(),
    updated_at       timestamptz not null default clock_timestamp(),
    unique (client_id, id),
    unique (email)
);
create unique index users_external_subject on gateway.users (client_id, external_subject)
    where external_subject is not null;

-- A refresh token is used once. Its successors share its family; a second use of an old one ends them all.
create table gateway.refresh_tokens (
    id         uuid primary key,
    client_id  uuid not null,
    user_id    uuid not null,
    family_id  uuid not null,
    token_hash bytea not null unique,
    issued_at  timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    used_at    timestamptz,
    revoked_at timestamptz,
    foreign key (client_id, user_id) references gateway.users (client_id, id)
);
create index refresh_tokens_family on gateway.refresh_tokens (family_id);
create index refresh_tokens_user on gateway.refresh_tokens (user_id) where revoked_at is null;
create index refresh_tokens_expiry on gateway.refresh_tokens (expires_at);

create table gateway.api_keys (
    id           uuid primary key,
    client_id    uuid not null,
    user_id      uuid not null,
    name         text not null check (length(name) between 1 and 100),
    prefix       text not null,
    key_hash     bytea not null unique,
    scopes       text[] not null check (cardinality(scopes) > 0 and scopes <@ array['read', 'write']),
    created_at   timestamptz not null default clock_timestamp(),
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    unique (client_id, id),
    foreign key (client_id, user_id) references gateway.users (client_id, id)
);

-- Attempts to sign in, by a digest of the e-mail or the address. Reached through functions alone.
create table gateway.sign_in_attempts (
    subject     bytea primary key,
    attempts    integer not null,
    window_ends timestamptz not null
);

create table gateway.idempotency_keys (
    client_id    uuid not null references gateway.clients (id),
    route        text not null,
    key          text not null check (length(key) between 1 and 255),
    request_hash bytea not null,
    lease_until  timestamptz,
    status       integer,
    body         text,
    created_at   timestamptz not null default clock_timestamp(),
    primary key (client_id, route, key),
    check ((status is null) = (body is null))
);
create index idempotency_keys_age on gateway.idempotency_keys (created_at);

create table gateway.audit_log (
    id         bigint generated always as identity primary key,
    client_id  uuid not null references gateway.clients (id),
    at         timestamptz not null default clock_timestamp(),
    actor      text not null,
    actor_id   uuid,
    action     text not null check (action ~ '^[a-z_]+\.[a-z_]+$'),
    subject_id uuid,
    detail     jsonb not null default '{}',
    address    text,
    trace_id   text
);
create index audit_log_listing on gateway.audit_log (client_id, id desc);

create function gateway.refuse_change() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'insufficient_privilege';
end $$;

create trigger append_only before update or delete on gateway.audit_log
    for each row execute function gateway.refuse_change();
create trigger append_only_truncate before truncate on gateway.audit_log
    for each statement execute function gateway.refuse_change();
