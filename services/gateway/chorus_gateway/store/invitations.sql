-- name: add
insert into gateway.invitations (id, client_id, purpose, invited_by, email, name, pod_id, token_hash, created_at,
                                 expires_at, user_id)
values (%(id)s, %(client_id)s, %(purpose)s, %(invited_by)s, %(email)s, %(name)s, %(pod_id)s, %(token_hash)s,
        %(created_at)s, %(expires_at)s, %(user_id)s)

-- name: add_many
-- Parallel arrays; of one team, inviter, pod and time.
insert into gateway.invitations (id, client_id, purpose, invited_by, email, name, pod_id, token_hash, created_at,
                                 expires_at)
select r.id, %(client_id)s, %(purpose)s, %(invited_by)s, r.email, r.name, %(pod_id)s, r.token_hash, %(created_at)s,
       %(expires_at)s
from unnest(%(ids)s::uuid[], %(emails)s::text[], %(names)s::text[], %(token_hashes)s::bytea[])
     as r (id, email, name, token_hash)

-- name: last_for
-- The latest invitation to join for each of these addresses, whatever became of it.
select distinct on (email) id, client_id, purpose, invited_by, email, name, pod_id, created_at, expires_at, revoked_at,
       used_at, user_id
from gateway.invitations
where purpose = 'join' and email = any(%(emails)s)
order by email, id desc

-- name: find_by_token
-- Before a tenant is known.
select invitation_id as id, client_id, token_hash from gateway.find_invitation(%(id)s)

-- name: find
select id, client_id, purpose, invited_by, email, name, pod_id, created_at, expires_at, revoked_at, used_at, user_id
from gateway.invitations
where id = %(id)s

-- name: lock
select id, client_id, purpose, invited_by, email, name, pod_id, created_at, expires_at, revoked_at, used_at, user_id
from gateway.invitations
where id = %(id)s
for update

-- name: asking
select c.name as team, u.name as person, p.name as pod
from gateway.invitations i
join gateway.clients c on c.id = i.client_id
join gateway.users u on u.id = i.invited_by
left join gateway.pods p on p.id = i.pod_id and p.removed_at is null
where i.id = %(id)s

-- name: listing
select id, client_id, purpose, invited_by, email, name, pod_id, created_at, expires_at, revoked_at, used_at, user_id
from gateway.invitations
where %(before)s::uuid is null or id < %(before)s
order by id desc
limit %(limit)s

-- name: count_open
select count(*) as n from gateway.invitations where used_at is null and revoked_at is null and expires_at > %(now)s

-- name: renew
update gateway.invitations set token_hash = %(token_hash)s, expires_at = %(expires_at)s
where id = %(id)s
returning id, client_id, purpose, invited_by, email, name, pod_id, created_at, expires_at, revoked_at, used_at, user_id

-- name: revoke
update gateway.invitations set revoked_at = coalesce(revoked_at, %(now)s)
where id = %(id)s
returning id, client_id, purpose, invited_by, email, name, pod_id, created_at, expires_at, revoked_at, used_at, user_id

-- name: use
update gateway.invitations set used_at = %(now)s, user_id = %(user_id)s where id = %(id)s

-- name: revoke_returns
-- The links by which somebody could still come back.
update gateway.invitations set revoked_at = %(now)s
where user_id = %(user_id)s and purpose = 'return' and used_at is null and revoked_at is null
returning id
