-- A look of the gateway's own may meet a challenge. It stops the account at once for all who read `api_accounts`, in the
-- transaction that notes it; it stands here until the scheduler has made the account's pause of it, which a person ends.
alter table gateway.accounts
    add column challenged_at timestamptz,
    add column challenge     text check (length(challenge) between 3 and 500),
    add check ((challenged_at is null) = (challenge is null));
create index accounts_challenged on gateway.accounts (challenged_at) where challenged_at is not null;

grant update (challenged_at, challenge) on gateway.accounts to chorus_gateway;

-- Who may not hold accounts any more has agreed to nothing that is in force, as one who was disabled.
create or replace view gateway.api_accounts as
    select a.id as account_id, a.client_id, a.provider_account_id, a.platform, a.display_name,
           case when a.removed_at is not null then 'disconnected'
                when a.status = 'connected' and a.challenged_at is not null then 'challenged'
                else a.status end as status,
           a.timezone, a.connected_at, a.active_hours,
           case when u.active and u.role <> 'viewer' then a.consented_kinds else '{}'::text[] end as consented_kinds,
           case when not u.active or u.role = 'viewer' then 'owner_disabled' end as withheld,
           a.profile_id
    from gateway.accounts a
    join gateway.users u on u.id = a.owner_user_id;

-- Of all tenants: the gateway's loop names none.
create function gateway.untold_challenges(p_limit integer)
    returns table (account_id uuid, client_id uuid, challenged_at timestamptz, challenge text)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select a.id, a.client_id, a.challenged_at, a.challenge
    from gateway.accounts a
    where a.challenged_at is not null
    order by a.challenged_at limit p_limit
$$;
revoke execute on function gateway.untold_challenges(integer) from public;
grant execute on function gateway.untold_challenges(integer) to chorus_gateway;
