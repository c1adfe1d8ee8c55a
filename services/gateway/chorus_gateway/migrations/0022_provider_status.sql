-- What the provider says of an account, beside what its person showed and what somebody set by hand (`status`): neither
-- overwrites the other. Null: nothing that is against it.
alter table gateway.accounts
    add column provider_status        text check (provider_status in ('needs_login', 'restricted', 'disconnected')),
    -- Its word, such as CREDENTIALS.
    add column provider_word          text check (provider_word ~ '^[A-Z_]{1,40}$'),
    add column provider_status_at     timestamptz,
    -- The provider was asked and says so. Otherwise it called, and was not asked yet.
    add column provider_confirmed     boolean not null default false,
    -- Neither well nor ill, since then: it connects, or says what is not known here.
    add column provider_unclear_at    timestamptz,
    -- When the last answer that it is well was asked for; when the last word against it was heard. What is older than the
    -- other says nothing any more.
    add column provider_well_at       timestamptz,
    add column provider_ill_at        timestamptz,
    -- A look at the provider is owed from then on; when the last one was begun.
    add column provider_look_at       timestamptz,
    add column provider_looked_at     timestamptz,
    -- When it came back after it had been lost: from then on it warms up afresh.
    add column returned_at            timestamptz,
    add constraint accounts_provider_word check (
        (provider_status is null) = (provider_word is null) and (provider_status is null) = (provider_status_at is null)
        and (provider_status is not null or not provider_confirmed)),
    -- Whether it may be used, by all of them.
    add column standing text generated always as (case when status = 'connected' then coalesce(provider_status, 'connected')
                                                       else status end) stored;
create index accounts_provider_looks on gateway.accounts (provider_look_at) where provider_look_at is not null;

grant update (provider_status, provider_word, provider_status_at, provider_confirmed, provider_unclear_at, provider_well_at,
              provider_ill_at, provider_look_at, provider_looked_at, returned_at) on gateway.accounts to chorus_gateway;

create or replace view gateway.api_accounts as
    select a.id as account_id, a.client_id, a.provider_account_id, a.platform, a.display_name,
           case when a.removed_at is not null then 'disconnected'
                when a.standing = 'connected' and a.challenged_at is not null then 'challenged'
                else a.standing end as status,
           a.timezone, a.connected_at, a.active_hours,
           case when u.active and u.role <> 'viewer' then a.consented_kinds else '{}'::text[] end as consented_kinds,
           case when not u.active or u.role = 'viewer' then 'owner_disabled' end as withheld,
           a.profile_id,
           case when a.removed_at is null and a.status = 'connected' then a.provider_status end as provider_status,
           a.returned_at
    from gateway.accounts a
    join gateway.users u on u.id = a.owner_user_id;

-- Asked when the provider calls: it names no tenant, only its own id of the account. One that nobody showed control of, or
-- that is removed, is nobody's.
create function gateway.find_account_at_provider(p_provider text, p_provider_account_id text)
    returns table (account_id uuid, client_id uuid)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select a.id, a.client_id from gateway.accounts a
    where a.provider = p_provider and a.provider_account_id = p_provider_account_id
      and a.removed_at is null and a.proven_at is not null
$$;

-- Of all tenants: the gateway's loop names none.
create function gateway.provider_looks_owed(p_now timestamptz, p_limit integer)
    returns table (account_id uuid, client_id uuid)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select a.id, a.client_id from gateway.accounts a
    where a.provider_look_at <= p_now and a.removed_at is null
    order by a.provider_look_at limit p_limit
$$;
revoke execute on function gateway.find_account_at_provider(text, text), gateway.provider_looks_owed(timestamptz, integer)
    from public;
grant execute on function gateway.find_account_at_provider(text, text), gateway.provider_looks_owed(timestamptz, integer)
    to chorus_gateway;
