-- name: add
insert into gateway.accounts (id, client_id, owner_user_id, provider, provider_account_id, platform, display_name,
                              linkedin_url, timezone, active_hours, status)
values (%(id)s, %(client_id)s, %(owner_user_id)s, %(provider)s, %(provider_account_id)s, %(platform)s,
        %(display_name)s, %(linkedin_url)s, %(timezone)s, %(active_hours)s, %(status)s)
on conflict do nothing
returning id, client_id, owner_user_id, provider, provider_account_id, platform, display_name, linkedin_url, timezone,
          active_hours, status, consented_kinds, connected_at, updated_at, removed_at

-- name: bring_back
update gateway.accounts
set owner_user_id = %(owner_user_id)s, display_name = %(display_name)s, linkedin_url = %(linkedin_url)s,
    timezone = %(timezone)s, active_hours = %(active_hours)s, status = %(status)s, removed_at = null,
    connected_at = clock_timestamp(), updated_at = clock_timestamp()
where provider = %(provider)s and provider_account_id = %(provider_account_id)s and platform = %(platform)s
  and removed_at is not null
returning id, client_id, owner_user_id, provider, provider_account_id, platform, display_name, linkedin_url, timezone,
          active_hours, status, consented_kinds, connected_at, updated_at, removed_at

-- name: find
select id, client_id, owner_user_id, provider, provider_account_id, platform, display_name, linkedin_url, timezone,
       active_hours, status, consented_kinds, connected_at, updated_at, removed_at
from gateway.accounts
where id = %(id)s and removed_at is null

-- name: lock
select id, client_id, owner_user_id, provider, provider_account_id, platform, display_name, linkedin_url, timezone,
       active_hours, status, consented_kinds, connected_at, updated_at, removed_at
from gateway.accounts
where id = %(id)s and removed_at is null
for update

-- name: count
select count(*) as n from gateway.accounts where removed_at is null

-- name: listing
select id, client_id, owner_user_id, provider, provider_account_id, platform, display_name, linkedin_url, timezone,
       active_hours, status, consented_kinds, connected_at, updated_at, removed_at
from gateway.accounts
where removed_at is null and (%(before)s::uuid is null or id < %(before)s)
  and (%(owner_user_id)s::uuid is null or owner_user_id = %(owner_user_id)s)
order by id desc
limit %(limit)s

-- name: save
update gateway.accounts
set owner_user_id = %(owner_user_id)s, display_name = %(display_name)s, linkedin_url = %(linkedin_url)s,
    timezone = %(timezone)s, active_hours = %(active_hours)s, status = %(status)s, updated_at = clock_timestamp()
where id = %(id)s and removed_at is null
returning id, client_id, owner_user_id, provider, provider_account_id, platform, display_name, linkedin_url, timezone,
          active_hours, status, consented_kinds, connected_at, updated_at, removed_at

-- name: remove
update gateway.accounts
set removed_at = clock_timestamp(), status = 'disconnected', updated_at = clock_timestamp()
where id = %(id)s and removed_at is null

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
