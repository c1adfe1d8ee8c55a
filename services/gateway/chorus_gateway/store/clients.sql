-- name: add
insert into gateway.clients (id, name, tier) values (%(id)s, %(name)s, %(tier)s)

-- name: find
select c.id, c.name, c.tier, c.feature_flags, c.created_at,
       coalesce((
           select jsonb_object_agg(n.platform, n.accounts)
           from (select platform, count(*) as accounts from gateway.accounts where removed_at is null group by platform) n
       ), '{}') as accounts
from gateway.clients c
where c.id = %(id)s

-- name: change_tier
update gateway.clients set tier = %(tier)s where id = %(id)s

-- name: lock
select 1 from gateway.clients where id = %(id)s for update
