-- People are invited by a link, and are known to our pages by a session that the link was exchanged for.
-- A link has one purpose, ends by itself, is good once, and can be taken back. Of it and of the session digests are kept.
create table gateway.invitations (
    id          uuid primary key,
    client_id   uuid not null,
    -- `join`: a new person of the team. `return`: one who is there, and whose browser has forgotten them.
    purpose     text not null check (purpose in ('join', 'return')),
    invited_by  uuid not null,
    -- Whom it is for; null: whoever was given the link.
    email       text check (email = lower(email) and length(email) between 3 and 254),
    name        text check (length(name) between 1 and 200),
    pod_id      uuid,
    token_hash  bytea not null unique check (octet_length(token_hash) = 32),
    created_at  timestamptz not null,
    expires_at  timestamptz not null,
    revoked_at  timestamptz,
    used_at     timestamptz,
    -- Who came of it.
    user_id     uuid,
    unique (client_id, id),
    foreign key (client_id, invited_by) references gateway.users (client_id, id),
    foreign key (client_id, user_id) references gateway.users (client_id, id),
    foreign key (client_id, pod_id) references gateway.pods (client_id, id),
    check (purpose <> 'join' or (user_id is null) = (used_at is null)),
    check (purpose <> 'return' or (user_id is not null and email is not null)),
    check (revoked_at is null or used_at is null)
);
create index invitations_listing on gateway.invitations (client_id, id desc);
create index invitations_end on gateway.invitations (expires_at);

create table gateway.page_sessions (
    id            uuid primary key,
    client_id     uuid not null,
    user_id       uuid not null,
    secret_hash   bytea not null unique check (octet_length(secret_hash) = 32),
    -- The invitation that it was exchanged for; null: a password.
    invitation_id uuid,
    created_at    timestamptz not null,
    expires_at    timestamptz not null,
    -- When its person showed in it that they are who they say: by a password of their own, or by their account at the
    -- provider's page. Null: somebody else may have had the link, so it looks and stops, and says nothing in their name.
    proven_at     timestamptz,
    ended_at      timestamptz,
    unique (client_id, id),
    foreign key (client_id, user_id) references gateway.users (client_id, id)
);
create index page_sessions_user on gateway.page_sessions (user_id) where ended_at is null;
create index page_sessions_end on gateway.page_sessions (expires_at);

do $$
declare
    name text;
begin
    foreach name in array array['invitations', 'page_sessions'] loop
        execute format('alter table gateway.%I enable row level security', name);
        execute format(
            'create policy one_tenant on gateway.%I to chorus_gateway
                using (client_id = chorus.current_client()) with check (client_id = chorus.current_client())', name);
    end loop;
end $$;
grant select, insert, update on gateway.invitations, gateway.page_sessions to chorus_gateway;

-- Asked before a tenant is known, about one row.
create function gateway.find_invitation(p_id uuid) returns table (invitation_id uuid, client_id uuid, token_hash bytea)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select i.id, i.client_id, i.token_hash from gateway.invitations i where i.id = p_id
$$;

create function gateway.find_page_session(p_hash bytea) returns table (session_id uuid, client_id uuid)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select s.id, s.client_id from gateway.page_sessions s where s.secret_hash = p_hash
$$;

-- A link of a session connects nothing before its person has said, in that session, that the account is theirs.
alter table gateway.account_links
    -- No reference: a session that is gone must not turn this into a link of nobody.
    add column session_id   uuid,
    add column shown_name   text check (length(shown_name) <= 200),
    add column shown_slug   text check (length(shown_slug) <= 200),
    add column shown_at     timestamptz,
    add column confirmed_at timestamptz;

-- Links that the provider has told of and that can be settled: those that wait for a person's word only once it is late.
create function gateway.account_links_to_settle(p_late timestamptz, p_limit integer)
    returns table (link_id uuid, client_id uuid)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select l.id, l.client_id from gateway.account_links l
    where l.state = 'reported'
      and (l.session_id is null or l.shown_at is null or l.confirmed_at is not null or l.reported_at < p_late)
    order by l.reported_at limit p_limit
$$;

-- A person who has left wants their sign-in forgotten by the provider too: asked of it again and again until it is.
alter table gateway.accounts add column forget_at timestamptz;
create index accounts_to_forget on gateway.accounts (forget_at) where forget_at is not null;
grant update (forget_at) on gateway.accounts to chorus_gateway;

-- Of all tenants; not while anybody has it connected again.
create function gateway.accounts_to_forget(p_limit integer)
    returns table (account_id uuid, client_id uuid, provider_account_id text)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select a.id, a.client_id, a.provider_account_id from gateway.accounts a
    where a.forget_at is not null and a.removed_at is not null
      and not exists (select from gateway.accounts n
                      where n.provider = a.provider and n.provider_account_id = a.provider_account_id
                        and n.removed_at is null)
    order by a.forget_at limit p_limit
$$;

-- What is past its time, with the two tables of this file.
create or replace function gateway.purge(p_what text, p_most integer) returns integer
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    gone integer;
begin
    case p_what
    when 'idempotency_keys' then
        delete from gateway.idempotency_keys where ctid = any (array(
            select ctid from gateway.idempotency_keys where created_at < clock_timestamp() - interval '24 hours'
            limit p_most for update skip locked));
    when 'refresh_tokens' then
        delete from gateway.refresh_tokens where ctid = any (array(
            select ctid from gateway.refresh_tokens where expires_at < clock_timestamp() - interval '7 days'
            limit p_most for update skip locked));
    when 'sign_in_attempts' then
        delete from gateway.sign_in_attempts where ctid = any (array(
            select ctid from gateway.sign_in_attempts where window_ends < clock_timestamp()
            limit p_most for update skip locked));
    when 'known_places' then
        delete from gateway.known_places where ctid = any (array(
            select ctid from gateway.known_places where known_until < clock_timestamp()
            limit p_most for update skip locked));
    when 'page_sessions' then
        delete from gateway.page_sessions where ctid = any (array(
            select ctid from gateway.page_sessions where expires_at < clock_timestamp() - interval '7 days'
            limit p_most for update skip locked));
    when 'invitations' then
        delete from gateway.invitations where ctid = any (array(
            select ctid from gateway.invitations where expires_at < clock_timestamp() - interval '180 days'
            limit p_most for update skip locked));
    end case;
    get diagnostics gone = row_count;
    return gone;
end $$;

revoke execute on function gateway.find_invitation(uuid), gateway.find_page_session(bytea),
    gateway.account_links_to_settle(timestamptz, integer), gateway.accounts_to_forget(integer) from public;
grant execute on function gateway.find_invitation(uuid), gateway.find_page_session(bytea),
    gateway.account_links_to_settle(timestamptz, integer), gateway.accounts_to_forget(integer) to chorus_gateway;
