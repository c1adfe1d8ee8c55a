-- name: add
insert into gateway.pods (id, client_id, name, active, policy, cartridge_id)
values (%(id)s, %(client_id)s, %(name)s, %(active)s, %(policy)s, %(cartridge_id)s)
on conflict (client_id, name) where removed_at is null do nothing
returning id, client_id, name, active, policy, cartridge_id, 0 as members, created_at, updated_at

-- name: find
select p.id, p.client_id, p.name, p.active, p.policy, p.cartridge_id, p.created_at, p.updated_at,
       (select count(*) from gateway.pod_members m where m.pod_id = p.id) as members
from gateway.pods p
where p.id = %(id)s and p.removed_at is null

-- name: lock
select 1 from gateway.pods where id = %(id)s and removed_at is null for update

-- name: listing
select p.id, p.client_id, p.name, p.active, p.policy, p.cartridge_id, p.created_at, p.updated_at,
       (select count(*) from gateway.pod_members m where m.pod_id = p.id) as members
from gateway.pods p
where p.removed_at is null and (%(before)s::uuid is null or p.id < %(before)s)
order by p.id desc
limit %(limit)s

-- name: save
update gateway.pods p
set name = %(name)s, active = %(active)s, policy = %(policy)s, cartridge_id = %(cartridge_id)s,
    updated_at = clock_timestamp()
where id = %(id)s and removed_at is null
returning id, client_id, name, active, policy, cartridge_id, created_at, updated_at,
          (select count(*) from gateway.pod_members m where m.pod_id = p.id) as members

-- name: remove
update gateway.pods
set removed_at = clock_timestamp(), active = false, cartridge_id = null, updated_at = clock_timestamp()
where id = %(id)s and removed_at is null

-- name: remove_members
delete from gateway.pod_members where pod_id = %(id)s

-- name: add_cartridge
insert into gateway.voice_cartridges (id, client_id, name, definition)
values (%(id)s, %(client_id)s, %(name)s, %(definition)s)
on conflict (client_id, name) do nothing
returning id, client_id, name, version, definition, created_at, updated_at

-- name: find_cartridge
select id, client_id, name, version, definition, created_at, updated_at
from gateway.voice_cartridges
where id = %(id)s

-- name: cartridges
select id, client_id, name, version, definition, created_at, updated_at
from gateway.voice_cartridges
where (%(before)s::uuid is null or id < %(before)s)
order by id desc
limit %(limit)s

-- name: save_cartridge
update gateway.voice_cartridges
set name = %(name)s, definition = %(definition)s, updated_at = clock_timestamp(),
    version = version + case when definition is distinct from %(definition)s then 1 else 0 end
where id = %(id)s
returning id, client_id, name, version, definition, created_at, updated_at

-- name: remove_cartridge
delete from gateway.voice_cartridges where id = %(id)s
