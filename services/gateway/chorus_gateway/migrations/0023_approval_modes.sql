-- How much of each kind an account's owner leaves to Chorus, by kind: `auto`, `approve_each` or `suggest`. Of a kind that is
-- not there, they have said nothing. It goes with the account; who changed it when is in the audit log.
alter table gateway.accounts
    add column approval_modes jsonb not null default '{}',
    add constraint accounts_approval_modes check (
        jsonb_typeof(approval_modes) = 'object'
        and approval_modes - array['like', 'comment', 'repost'] = '{}'
        and not jsonb_path_exists(approval_modes, '$.* ? (@.type() != "string" ||
                !(@ == "auto" || @ == "approve_each" || @ == "suggest"))'));
grant update (approval_modes) on gateway.accounts to chorus_gateway;

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
           a.returned_at, a.approval_modes
    from gateway.accounts a
    join gateway.users u on u.id = a.owner_user_id;
