-- name: find
-- Of whatever tenant; nothing where nobody showed control of it.
select account_id as id, client_id from gateway.find_account_at_provider(%(provider)s, %(provider_account_id)s)

-- name: owed
-- Of all tenants, the oldest first.
select account_id as id, client_id from gateway.provider_looks_owed(%(now)s, %(limit)s)

-- name: lock
select provider_status as status, provider_word as word, provider_status_at as at, provider_confirmed as confirmed,
       provider_unclear_at as unclear_at, provider_well_at as well_at, provider_ill_at as ill_at, returned_at
from gateway.accounts
where id = %(id)s and removed_at is null and proven_at is not null
for update

-- name: save
-- Of a row that is locked.
update gateway.accounts
set provider_status = %(status)s, provider_word = %(word)s, provider_status_at = %(at)s,
    provider_confirmed = %(confirmed)s, provider_unclear_at = %(unclear_at)s, provider_well_at = %(well_at)s,
    provider_ill_at = %(ill_at)s, returned_at = %(returned_at)s,
    updated_at = case when provider_status is distinct from %(status)s then clock_timestamp() else updated_at end
where id = %(id)s

-- name: owe
-- A look, so long after the last one was begun at the earliest; one that is owed earlier stays.
update gateway.accounts
set provider_look_at = least(coalesce(provider_look_at, 'infinity'),
                             greatest(%(now)s, coalesce(provider_looked_at + %(apart)s, %(now)s)))
where id = %(id)s and removed_at is null

-- name: begin
-- Whoever gets the row looks; until then nobody else does.
update gateway.accounts
set provider_look_at = %(until)s, provider_looked_at = %(now)s
where id = %(id)s and removed_at is null and provider_look_at <= %(now)s
returning provider_account_id, profile_id

-- name: end
-- When to look again; a look that is owed since this one was begun stays.
update gateway.accounts set provider_look_at = %(next_at)s where id = %(id)s and provider_look_at = %(until)s
