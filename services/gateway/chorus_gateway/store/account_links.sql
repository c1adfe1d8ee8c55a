-- name: add
insert into gateway.account_links (id, client_id, user_id, kind, account_id, platform, display_name, timezone,
                                   active_hours, secret_hash, created_at, expires_at, session_id)
values (%(id)s, %(client_id)s, %(user_id)s, %(kind)s, %(account_id)s, %(platform)s, %(display_name)s, %(timezone)s,
        %(active_hours)s, %(secret_hash)s, %(created_at)s, %(expires_at)s, %(session_id)s)

-- name: find
select id, client_id, user_id, kind, account_id, platform, display_name, timezone, active_hours, state, code,
       provider_account_id, connected_account_id, created_at, expires_at, reported_at, settled_at,
       session_id, shown_name, shown_slug, shown_at, confirmed_at
from gateway.account_links
where id = %(id)s

-- name: lock
select id, client_id, user_id, kind, account_id, platform, display_name, timezone, active_hours, state, code,
       provider_account_id, connected_account_id, created_at, expires_at, reported_at, settled_at,
       session_id, shown_name, shown_slug, shown_at, confirmed_at
from gateway.account_links
where id = %(id)s
for update

-- name: visit
select c.name as team, u.name as person, l.page_url, a.display_name as account_name
from gateway.account_links l
join gateway.clients c on c.id = l.client_id
join gateway.users u on u.id = l.user_id
left join gateway.accounts a on a.id = l.connected_account_id and a.removed_at is null
      and a.owner_user_id = l.user_id
      and not exists (
          select 1 from gateway.account_links n
          where n.connected_account_id = l.connected_account_id and n.settled_at > l.settled_at)
where l.id = %(id)s

-- name: save_page
update gateway.account_links set page_url = %(page_url)s where id = %(id)s

-- name: count_open
select count(*) as n from gateway.account_links
where user_id = %(user_id)s and state = 'open' and expires_at > %(now)s and created_at > %(now)s - interval '1 day'

-- name: find_by_name
-- Before a tenant is known.
select link_id as id, client_id, secret_hash from gateway.find_account_link(%(id)s)

-- name: reported
-- Of all tenants.
select link_id as id, client_id from gateway.account_links_to_settle(%(late)s, %(limit)s)

-- name: latest
-- The last link that a session started.
select id, client_id, user_id, kind, account_id, platform, display_name, timezone, active_hours, state, code,
       provider_account_id, connected_account_id, created_at, expires_at, reported_at, settled_at,
       session_id, shown_name, shown_slug, shown_at, confirmed_at
from gateway.account_links
where session_id = %(session_id)s
order by created_at desc, id desc
limit 1

-- name: show
update gateway.account_links set shown_name = %(name)s, shown_slug = %(slug)s, shown_at = %(now)s
where id = %(id)s and state = 'reported' and shown_at is null

-- name: confirm
update gateway.account_links set confirmed_at = %(now)s where id = %(id)s and state = 'reported' and shown_at is not null

-- name: unanswered
-- Of all tenants.
select link_id as id, client_id from gateway.unanswered_account_links(%(limit)s)

-- name: answer
update gateway.account_links set answered_at = %(now)s where id = %(id)s and answered_at is null

-- name: note_failure
-- The page may be used again, so the link stays open.
update gateway.account_links set code = %(code)s where id = %(id)s and state = 'open'

-- name: report
update gateway.account_links
set state = 'reported', provider_account_id = %(provider_account_id)s, reported_at = %(now)s, code = null
where id = %(id)s

-- name: settle
update gateway.account_links
set state = %(state)s, code = %(code)s, connected_account_id = %(connected_account_id)s, settled_at = %(now)s
where id = %(id)s

-- name: purge
select gateway.purge_account_links(%(before)s)

-- name: yield_unproven
select gateway.yield_unproven(%(provider)s, %(provider_account_id)s, %(client_id)s)

-- name: holder
-- The tenant's row that this account is, live or removed; the profile counts for more than the provider's id.
select id as account_id, owner_user_id, provider_account_id, profile_id, proven_at is not null as proven,
       removed_at is not null as removed
from gateway.accounts
where platform = %(platform)s and (profile_id = %(profile_id)s
      or (provider = %(provider)s and provider_account_id = %(provider_account_id)s))
order by profile_id = %(profile_id)s desc nulls last, removed_at is null desc
limit 1
for update
