-- Whose account it is. An account is a person's only after they showed control of it at the provider's hosted page;
-- nobody types the ids of accounts.
alter table gateway.accounts
    -- When control was last shown, by whoever is the owner now. Null: never, so it may not act.
    add column proven_at  timestamptz,
    -- Whom the network knows it as. One person of the network is one account, whatever the provider calls it.
    add column profile_id text check (length(profile_id) between 1 and 200);

-- Of those that were there before nobody knows whose they are: they wait until their owners connect them anew.
update gateway.accounts set status = 'needs_login' where status = 'connected';
alter table gateway.accounts alter column status set default 'needs_login';
-- INVARIANT: what nobody has shown control of acts for nobody.
alter table gateway.accounts add constraint accounts_connected_is_proven
    check (status <> 'connected' or proven_at is not null);
create unique index accounts_profile on gateway.accounts (platform, profile_id) where removed_at is null;
create unique index accounts_profile_in_tenant on gateway.accounts (client_id, platform, profile_id);

-- INVARIANT: an account changes hands only when its new owner has shown control.
create function gateway.keep_owner() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if new.owner_user_id <> old.owner_user_id and new.proven_at is not distinct from old.proven_at then
        raise exception 'an account changes hands only with a new proof'
            using errcode = 'check_violation', constraint = 'accounts_owner_proven';
    end if;
    return new;
end $$;
create trigger owner_proven before update on gateway.accounts
    for each row execute function gateway.keep_owner();

grant insert (proven_at, profile_id) on gateway.accounts to chorus_gateway;
grant update (proven_at, profile_id, provider_account_id) on gateway.accounts to chorus_gateway;

-- A link with which a person connects an account of theirs, once. The secret goes to the provider and comes back.
create table gateway.account_links (
    id                   uuid primary key,
    client_id            uuid not null,
    user_id              uuid not null,
    kind                 text not null check (kind in ('create', 'reconnect')),
    account_id           uuid,
    platform             text not null,
    display_name         text check (length(display_name) between 1 and 200),
    timezone             text,
    active_hours         jsonb,
    secret_hash          bytea not null unique check (octet_length(secret_hash) = 32),
    state                text not null default 'open' check (state in ('open', 'reported', 'connected', 'failed')),
    -- What came of it: a code of domain/account_links.py.
    code                 text,
    provider_account_id  text check (length(provider_account_id) between 1 and 200),
    connected_account_id uuid,
    created_at           timestamptz not null,
    expires_at           timestamptz not null,
    reported_at          timestamptz,
    settled_at           timestamptz,
    unique (client_id, id),
    foreign key (client_id, user_id) references gateway.users (client_id, id),
    foreign key (client_id, account_id) references gateway.accounts (client_id, id),
    foreign key (client_id, connected_account_id) references gateway.accounts (client_id, id),
    check ((kind = 'reconnect') = (account_id is not null)),
    check (state <> 'reported' or (provider_account_id is not null and reported_at is not null)),
    check ((state in ('connected', 'failed')) = (settled_at is not null)),
    check ((state = 'connected') = (connected_account_id is not null))
);
create index account_links_of_user on gateway.account_links (user_id, created_at);
create index account_links_reported on gateway.account_links (reported_at) where state = 'reported';
alter table gateway.account_links enable row level security;
create policy one_tenant on gateway.account_links to chorus_gateway
    using (client_id = chorus.current_client()) with check (client_id = chorus.current_client());
grant select, insert, update on gateway.account_links to chorus_gateway;

-- Asked when the provider calls: it names no tenant, only what we gave it.
create function gateway.find_account_link(p_id uuid) returns table (link_id uuid, client_id uuid, secret_hash bytea)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select l.id, l.client_id, l.secret_hash from gateway.account_links l where l.id = p_id
$$;

-- Links that the provider has told of and that nobody has settled yet, the oldest first.
create function gateway.reported_account_links(p_limit integer) returns table (link_id uuid, client_id uuid)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select l.id, l.client_id from gateway.account_links l
    where l.state = 'reported' order by l.reported_at limit p_limit
$$;

create function gateway.purge_account_links(p_before timestamptz) returns bigint
    language sql security definer set search_path = pg_catalog, pg_temp as $$
    with gone as (
        delete from gateway.account_links where expires_at < p_before and state <> 'reported' returning 1
    )
    select count(*) from gone
$$;

-- A row that never showed control does not stand in the way of somebody who did. It acted for nobody; its tenant
-- finds it removed, with a line in its audit log. Proven rows are not touched.
create function gateway.yield_unproven(p_provider text, p_provider_account_id text, p_but uuid) returns bigint
    language sql security definer set search_path = pg_catalog, pg_temp as $$
    with gone as (
        update gateway.accounts
        set removed_at = clock_timestamp(), status = 'disconnected', updated_at = clock_timestamp()
        where provider = p_provider and provider_account_id = p_provider_account_id and client_id <> p_but
          and removed_at is null and proven_at is null
        returning id, client_id
    ), noted as (
        insert into gateway.audit_log (client_id, actor, action, subject_id)
        select client_id, 'system', 'account.yielded', id from gone
        returning 1
    )
    select count(*) from noted
$$;

revoke execute on function gateway.find_account_link(uuid), gateway.reported_account_links(integer),
    gateway.purge_account_links(timestamptz), gateway.yield_unproven(text, text, uuid), gateway.keep_owner()
    from public;
grant execute on function gateway.find_account_link(uuid), gateway.reported_account_links(integer),
    gateway.purge_account_links(timestamptz), gateway.yield_unproven(text, text, uuid) to chorus_gateway;

-- A password that somebody else chose is temporary: with it one looks, and does nothing in one's own name.
alter table gateway.users add column password_temporary boolean not null default false;

-- Phrases are the words of the account's owner: those that anybody else set are in use nowhere.
alter table gateway.pod_members add column phrases_by uuid;

-- A key approves only where it was made for that, and the record names the key.
alter table gateway.api_keys drop constraint api_keys_scopes_check;
alter table gateway.api_keys add constraint api_keys_scopes_check
    check (cardinality(scopes) > 0 and scopes <@ array['read', 'write', 'approve']);

create or replace view gateway.api_members as
    select m.id as member_id, m.client_id, m.pod_id, m.account_id, m.name, m.linkedin_url, m.active,
           case when m.phrases_by = a.owner_user_id then m.phrases else '{}'::text[] end as phrases,
           m.cartridge_id, m.kinds, m.created_at
    from gateway.pod_members m
    join gateway.accounts a on a.id = m.account_id;

-- Of a person who was disabled nothing is in force; it is again when they are let in again, as they gave it.
create or replace view gateway.api_accounts as
    select a.id as account_id, a.client_id, a.provider_account_id, a.platform, a.display_name,
           case when a.removed_at is null then a.status else 'disconnected' end as status,
           a.timezone, a.connected_at, a.active_hours,
           case when u.active then a.consented_kinds else '{}'::text[] end as consented_kinds,
           case when not u.active then 'owner_disabled' end as withheld,
           a.profile_id
    from gateway.accounts a
    join gateway.users u on u.id = a.owner_user_id;
