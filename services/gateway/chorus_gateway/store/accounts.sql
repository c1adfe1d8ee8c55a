-- name: add
insert into gateway.accounts (id, client_id, owner_user_id, provider, provider_account_id, platform, display_name,
                              linkedin_url, timezone, active_hours, status, proven_at, profile_id)
values (%(id)s, %(client_id)s, %(owner_user_id)s, %(provider)s, %(provider_account_id)s, %(platform)s,
        %(display_name)s, %(linkedin_url)s, %(timezone)s, %(active_hours)s, %(status)s, clock_timestamp(), %(profile_id)s)
on conflict do nothing
returning id, client_id, owner_user_id, provider, provider_account_id, platform, display_name, linkedin_url, timezone,
          active_hours, status, consented_kinds, connected_at, updated_at, removed_at, proven_at, standing,
          provider_word, provider_status_at, provider_confirmed, approval_modes,
          (select u.active from gateway.users u where u.id = owner_user_id) as owner_active

-- name: find
select id, client_id, owner_user_id, provider, provider_account_id, platform, display_name, linkedin_url, timezone,
       active_hours, status, consented_kinds, connected_at, updated_at, removed_at, proven_at, standing,
       provider_word, provider_status_at, provider_confirmed, approval_modes,
       (select u.active from gateway.users u where u.id = owner_user_id) as owner_active
from gateway.accounts
where id = %(id)s and removed_at is null

-- name: lock
select id, client_id, owner_user_id, provider, provider_account_id, platform, display_name, linkedin_url, timezone,
       active_hours, status, consented_kinds, connected_at, updated_at, removed_at, proven_at, standing,
       provider_word, provider_status_at, provider_confirmed, approval_modes,
       (select u.active from gateway.users u where u.id = owner_user_id) as owner_active
from gateway.accounts
where id = %(id)s and removed_at is null
for update

-- name: count
select count(*) as n from gateway.accounts where removed_at is null

-- name: listing
select id, client_id, owner_user_id, provider, provider_account_id, platform, display_name, linkedin_url, timezone,
       active_hours, status, consented_kinds, connected_at, updated_at, removed_at, proven_at, standing,
       provider_word, provider_status_at, provider_confirmed, approval_modes,
       (select u.active from gateway.users u where u.id = owner_user_id) as owner_active
from gateway.accounts
where removed_at is null and (%(before)s::uuid is null or id < %(before)s)
  and (%(owner_user_id)s::uuid is null or owner_user_id = %(owner_user_id)s)
order by id desc
limit %(limit)s

-- name: save
update gateway.accounts
set display_name = %(display_name)s, linkedin_url = %(linkedin_url)s, timezone = %(timezone)s,
    active_hours = %(active_hours)s, status = %(status)s, updated_at = clock_timestamp()
where id = %(id)s and removed_at is null
returning id, client_id, owner_user_id, provider, provider_account_id, platform, display_name, linkedin_url, timezone,
          active_hours, status, consented_kinds, connected_at, updated_at, removed_at, proven_at, standing,
          provider_word, provider_status_at, provider_confirmed, approval_modes,
          (select u.active from gateway.users u where u.id = owner_user_id) as owner_active

-- name: remove
update gateway.accounts
set removed_at = clock_timestamp(), status = 'disconnected', updated_at = clock_timestamp()
where id = %(id)s and removed_at is null

-- name: prove
-- Control of it was shown. One that was removed begins anew: its warm-up too. What the provider had said against it before
-- it was asked is over; what it said since then stands, and is looked into.
update gateway.accounts
set owner_user_id = %(owner_user_id)s, provider_account_id = %(provider_account_id)s, profile_id = %(profile_id)s,
    display_name = coalesce(%(display_name)s, display_name), status = 'connected', proven_at = clock_timestamp(),
    timezone = coalesce(%(timezone)s, timezone),
    active_hours = case when %(timezone)s::text is null then active_hours else %(active_hours)s end,
    connected_at = case when removed_at is null and proven_at is not null then connected_at
                        else clock_timestamp() end,
    returned_at = case when status <> 'connected' or provider_status is not null then clock_timestamp() else returned_at end,
    provider_status = case when provider_ill_at >= %(asked_at)s then provider_status end,
    provider_word = case when provider_ill_at >= %(asked_at)s then provider_word end,
    provider_status_at = case when provider_ill_at >= %(asked_at)s then provider_status_at end,
    provider_confirmed = provider_confirmed and coalesce(provider_ill_at >= %(asked_at)s, false),
    provider_unclear_at = null, provider_well_at = coalesce(%(asked_at)s, clock_timestamp()),
    provider_look_at = case when provider_ill_at >= %(asked_at)s then provider_ill_at else provider_look_at end,
    removed_at = null, updated_at = clock_timestamp()
where id = %(id)s

-- name: withdraw_all
insert into gateway.consents (client_id, account_id, kind, granted, text_version, text_sha256, by_user_id)
select a.client_id, a.id, k.kind, false, 'withdrawn', sha256('withdrawn'), %(by_user_id)s
from gateway.accounts a, unnest(a.consented_kinds) as k (kind)
where a.id = %(id)s

-- name: owned_by
select id from gateway.accounts where owner_user_id = %(user_id)s and removed_at is null

-- name: record_consent
insert into gateway.consents (client_id, account_id, kind, granted, text_version, text_sha256, by_user_id, address)
values (%(client_id)s, %(account_id)s, %(kind)s, %(granted)s, %(text_version)s, %(text_sha256)s, %(by_user_id)s,
        %(address)s)

-- name: consents
select id, account_id, kind, granted, text_version, encode(text_sha256, 'hex') as text_sha256, by_user_id, at
from gateway.consents
where account_id = %(account_id)s and (%(before)s::bigint is null or id < %(before)s)
order by id desc
limit %(limit)s

-- name: forget
-- Of one that was removed: what names its person goes, and the provider is to forget the sign-in.
update gateway.accounts
set display_name = 'Somebody who left', linkedin_url = null, timezone = 'UTC', active_hours = null, forget_at = %(now)s, updated_at = clock_timestamp()
where id = %(id)s and removed_at is not null

-- name: to_forget
-- Of all tenants.
select account_id, client_id, provider_account_id from gateway.accounts_to_forget(%(limit)s)

-- name: lock_removed
select 1 from gateway.accounts where id = %(id)s and removed_at is not null and forget_at is not null for update

-- name: forgotten
update gateway.accounts set forget_at = null where id = %(id)s

-- name: choose_modes
-- A row that is locked.
update gateway.accounts
set approval_modes = %(modes)s, updated_at = clock_timestamp()
where id = %(id)s and removed_at is null
returning id, client_id, owner_user_id, provider, provider_account_id, platform, display_name, linkedin_url, timezone,
          active_hours, status, consented_kinds, connected_at, updated_at, removed_at, proven_at, standing,
          provider_word, provider_status_at, provider_confirmed, approval_modes,
          (select u.active from gateway.users u where u.id = owner_user_id) as owner_active
