-- What the tenants work with: accounts and what their people agreed to, voices, pods, members, posts.
create table gateway.accounts (
    id                  uuid primary key,
    client_id           uuid not null,
    owner_user_id       uuid not null,
    provider            text not null default 'unipile' check (provider in ('unipile')),
    provider_account_id text not null check (length(provider_account_id) between 1 and 200),
    platform            text not null check (platform in (
        'linkedin', 'tiktok', 'instagram', 'youtube', 'facebook', 'twitter', 'reddit')),
    display_name        text not null check (length(display_name) between 1 and 200),
    linkedin_url        text,
    timezone            text not null default 'UTC',
    active_hours        jsonb,
    status              text not null default 'connected'
                        check (status in ('connected', 'needs_login', 'restricted', 'disconnected')),
    -- Kept by the consent log's trigger and by nothing else: what is in force now.
    consented_kinds     text[] not null default '{}',
    connected_at        timestamptz not null default clock_timestamp(),
    removed_at          timestamptz,
    updated_at          timestamptz not null default clock_timestamp(),
    unique (client_id, id),
    -- A removed account that comes back is the same row: a new one could act twice on the same post.
    unique (client_id, provider, provider_account_id),
    foreign key (client_id, owner_user_id) references gateway.users (client_id, id)
);
create unique index accounts_provider_id on gateway.accounts (provider, provider_account_id)
    where removed_at is null;

create table gateway.consents (
    id           bigint generated always as identity primary key,
    client_id    uuid not null,
    account_id   uuid not null,
    kind         text not null check (kind in (
        'like', 'comment', 'repost', 'publish', 'send_dm', 'scan_comments', 'read_replies', 'detect_posts')),
    granted      boolean not null,
    text_version text not null,
    text_sha256  bytea not null check (octet_length(text_sha256) = 32),
    by_user_id   uuid not null,
    address      text,
    at           timestamptz not null default clock_timestamp(),
    foreign key (client_id, account_id) references gateway.accounts (client_id, id),
    foreign key (client_id, by_user_id) references gateway.users (client_id, id)
);
create index consents_account on gateway.consents (account_id, id desc);

create trigger append_only before update or delete on gateway.consents
    for each row execute function gateway.refuse_change();
create trigger append_only_truncate before truncate on gateway.consents
    for each statement execute function gateway.refuse_change();

-- The latest word on each kind counts. Only the person whose account it is may grant.
create function gateway.apply_consent() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    owner_id uuid;
begin
    select owner_user_id into owner_id from gateway.accounts
        where id = new.account_id and client_id = new.client_id for update;
    if new.granted and owner_id is distinct from new.by_user_id then
        raise exception 'only the owner of an account may grant consent for it'
            using errcode = 'check_violation', constraint = 'consents_granted_by_owner';
    end if;
    update gateway.accounts
        set consented_kinds = case
                when new.granted then array_append(array_remove(consented_kinds, new.kind), new.kind)
                else array_remove(consented_kinds, new.kind) end,
            updated_at = clock_timestamp()
        where id = new.account_id and client_id = new.client_id;
    return new;
end $$;
create trigger in_force before insert on gateway.consents
    for each row execute function gateway.apply_consent();

create table gateway.voice_cartridges (
    id         uuid primary key,
    client_id  uuid not null references gateway.clients (id),
    name       text not null check (length(name) between 1 and 100),
    version    integer not null default 1 check (version > 0),
    definition jsonb not null,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    unique (client_id, id),
    unique (client_id, name)
);

create table gateway.pods (
    id           uuid primary key,
    client_id    uuid not null references gateway.clients (id),
    name         text not null check (length(name) between 1 and 100),
    active       boolean not null default true,
    policy       jsonb not null,
    cartridge_id uuid,
    created_at   timestamptz not null default clock_timestamp(),
    updated_at   timestamptz not null default clock_timestamp(),
    removed_at   timestamptz,
    unique (client_id, id),
    foreign key (client_id, cartridge_id) references gateway.voice_cartridges (client_id, id)
);
create unique index pods_name on gateway.pods (client_id, name) where removed_at is null;

create table gateway.pod_members (
    id           uuid primary key,
    client_id    uuid not null,
    pod_id       uuid not null,
    account_id   uuid not null,
    name         text not null check (length(name) between 1 and 200),
    linkedin_url text,
    active       boolean not null default true,
    phrases      text[] not null default '{}',
    cartridge_id uuid,
    kinds        text[] not null default '{like,comment,repost}'
                 check (kinds <@ array['like', 'comment', 'repost']),
    created_at   timestamptz not null default clock_timestamp(),
    updated_at   timestamptz not null default clock_timestamp(),
    unique (client_id, id),
    unique (pod_id, account_id),
    foreign key (client_id, pod_id) references gateway.pods (client_id, id),
    foreign key (client_id, account_id) references gateway.accounts (client_id, id),
    foreign key (client_id, cartridge_id) references gateway.voice_cartridges (client_id, id)
);
create index pod_members_listing on gateway.pod_members (client_id, id desc);
create index pod_members_account on gateway.pod_members (account_id);

create table gateway.posts (
    id                uuid primary key,
    client_id         uuid not null references gateway.clients (id),
    pod_id            uuid,
    author_account_id uuid,
    platform          text not null default 'linkedin',
    url               text,
    -- The form that two addresses of one post share, such as urn:li:activity:7…
    reference         text,
    social_id         text,
    text              text,
    state             text not null check (state in ('queued', 'published', 'failed')),
    failure_reason    text,
    published_at      timestamptz,
    amplify           boolean not null default true,
    comment_texts     text[] not null default '{}',
    correlation_id    text not null,
    scheduled_for     timestamptz,
    priority          smallint not null default 5 check (priority between 1 and 10),
    created_by        uuid,
    created_at        timestamptz not null default clock_timestamp(),
    updated_at        timestamptz not null default clock_timestamp(),
    unique (client_id, id),
    foreign key (client_id, pod_id) references gateway.pods (client_id, id),
    foreign key (client_id, author_account_id) references gateway.accounts (client_id, id),
    foreign key (client_id, created_by) references gateway.users (client_id, id),
    check (state <> 'published' or (url is not null and published_at is not null)),
    check (state <> 'queued' or (text is not null and author_account_id is not null and scheduled_for is not null))
);
-- INVARIANT: one post of the network is one row, so that an intent towards it is one row too.
create unique index posts_reference on gateway.posts (client_id, platform, reference) where reference is not null;
create index posts_listing on gateway.posts (client_id, id desc);
create index posts_pod on gateway.posts (pod_id);

create table gateway.outbox (
    id         bigint generated always as identity primary key,
    topic      text not null,
    key        bytea not null,
    value      bytea not null,
    headers    jsonb not null,
    created_at timestamptz not null default now()
);
