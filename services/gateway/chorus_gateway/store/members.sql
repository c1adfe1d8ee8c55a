-- name: add
insert into gateway.pod_members (id, client_id, pod_id, account_id, name, linkedin_url, active, phrases, phrases_by,
                                 cartridge_id, kinds)
values (%(id)s, %(client_id)s, %(pod_id)s, %(account_id)s, %(name)s, %(linkedin_url)s, %(active)s, %(phrases)s,
        %(phrases_by)s, %(cartridge_id)s, %(kinds)s)
on conflict (pod_id, account_id) do nothing

-- name: find
select m.id, m.client_id, m.pod_id, m.account_id, a.owner_user_id, a.provider_account_id,
       case when a.standing = 'connected' and exists (
           select from scheduler.api_pauses p
           where p.scope = 'account' and p.scope_id = a.id and p.code = 'challenge' and p.resumed_at is null
       ) then 'challenged' else a.standing end as account_status,
       case when u.active then a.consented_kinds else '{}' end as consented_kinds, m.name, m.linkedin_url, m.active,
       case when m.phrases_by = a.owner_user_id then m.phrases else '{}' end as phrases, m.phrases_by, m.cartridge_id,
       m.kinds, coalesce(d.whole, false) as left_by_owner, coalesce(d.kinds, '{}') as declined_kinds, m.created_at,
       m.updated_at
from gateway.pod_members m
join gateway.accounts a on a.id = m.account_id
join gateway.users u on u.id = a.owner_user_id
left join gateway.departures d on d.pod_id = m.pod_id and d.account_id = m.account_id and d.by_user_id = a.owner_user_id
where m.id = %(id)s

-- name: lock
select 1 from gateway.pod_members where id = %(id)s for update

-- name: listing
select m.id, m.client_id, m.pod_id, m.account_id, a.owner_user_id, a.provider_account_id,
       case when a.standing = 'connected' and exists (
           select from scheduler.api_pauses p
           where p.scope = 'account' and p.scope_id = a.id and p.code = 'challenge' and p.resumed_at is null
       ) then 'challenged' else a.standing end as account_status,
       case when u.active then a.consented_kinds else '{}' end as consented_kinds, m.name, m.linkedin_url, m.active,
       case when m.phrases_by = a.owner_user_id then m.phrases else '{}' end as phrases, m.phrases_by, m.cartridge_id,
       m.kinds, coalesce(d.whole, false) as left_by_owner, coalesce(d.kinds, '{}') as declined_kinds, m.created_at,
       m.updated_at
from gateway.pod_members m
join gateway.accounts a on a.id = m.account_id
join gateway.users u on u.id = a.owner_user_id
left join gateway.departures d on d.pod_id = m.pod_id and d.account_id = m.account_id and d.by_user_id = a.owner_user_id
where (%(before)s::uuid is null or m.id < %(before)s)
  and (%(pod_id)s::uuid is null or m.pod_id = %(pod_id)s)
  and (%(active)s::boolean is null or m.active = %(active)s)
order by m.id desc
limit %(limit)s

-- name: of_owner
-- Where a person's connected accounts take part.
select m.id, m.client_id, m.pod_id, m.account_id, a.owner_user_id, a.provider_account_id,
       case when a.standing = 'connected' and exists (
           select from scheduler.api_pauses p
           where p.scope = 'account' and p.scope_id = a.id and p.code = 'challenge' and p.resumed_at is null
       ) then 'challenged' else a.standing end as account_status,
       case when u.active then a.consented_kinds else '{}' end as consented_kinds, m.name, m.linkedin_url, m.active,
       case when m.phrases_by = a.owner_user_id then m.phrases else '{}' end as phrases, m.phrases_by, m.cartridge_id,
       m.kinds, coalesce(d.whole, false) as left_by_owner, coalesce(d.kinds, '{}') as declined_kinds, m.created_at,
       m.updated_at
from gateway.pod_members m
join gateway.accounts a on a.id = m.account_id
join gateway.users u on u.id = a.owner_user_id
left join gateway.departures d on d.pod_id = m.pod_id and d.account_id = m.account_id and d.by_user_id = a.owner_user_id
where a.owner_user_id = %(user_id)s and a.removed_at is null
order by m.id
limit 100

-- name: save
update gateway.pod_members
set name = %(name)s, linkedin_url = %(linkedin_url)s, active = %(active)s, phrases = %(phrases)s,
    phrases_by = %(phrases_by)s, cartridge_id = %(cartridge_id)s, kinds = %(kinds)s, updated_at = clock_timestamp()
where id = %(id)s

-- name: remove
delete from gateway.pod_members where id = %(id)s

-- name: departure
select d.whole, d.kinds
from gateway.departures d
join gateway.accounts a on a.id = d.account_id and a.owner_user_id = d.by_user_id
where d.pod_id = %(pod_id)s and d.account_id = %(account_id)s

-- name: depart
insert into gateway.departures (client_id, pod_id, account_id, by_user_id, whole, kinds)
values (%(client_id)s, %(pod_id)s, %(account_id)s, %(by_user_id)s, %(whole)s, %(kinds)s)
on conflict (pod_id, account_id) do update
set by_user_id = excluded.by_user_id, whole = excluded.whole, kinds = excluded.kinds, at = clock_timestamp()

-- name: last_activity
select member_id, max(executed_at) as at
from scheduler.api_activities
where member_id = any(%(members)s) and executed_at is not null
group by member_id
