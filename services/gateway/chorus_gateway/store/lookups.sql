-- name: asker
-- The account to ask next: of the post's pod first, then whoever was asked least. Nobody is asked who agreed to nothing,
-- whose person left, whom somebody stopped, or who was asked enough.
select a.id, a.client_id, a.provider_account_id
from gateway.accounts a
join gateway.users u on u.id = a.owner_user_id
left join gateway.post_lookups l on l.account_id = a.id and l.window_ends > %(now)s
where a.platform = %(platform)s and a.removed_at is null and a.standing = 'connected'
  and a.challenged_at is null and u.active and cardinality(a.consented_kinds) > 0 and coalesce(l.asked, 0) < %(most)s and a.id <> all(%(but)s)
  and not exists (
      select 1 from scheduler.api_pauses p
      where p.resumed_at is null
        and (p.scope in ('everything', 'tenant') or (p.scope = 'account' and p.scope_id = a.id)))
order by exists (
             select 1 from gateway.pod_members m
             where m.account_id = a.id and m.pod_id = %(pod_id)s and m.active) desc,
         coalesce(l.asked, 0), a.id
limit 1

-- name: take
-- Counts a look before it is made; no row: the account was asked enough.
insert into gateway.post_lookups as l (client_id, account_id, asked, window_ends)
values (%(client_id)s, %(account_id)s, 1, %(window_ends)s)
on conflict (account_id) do update set
    asked = case when l.window_ends <= %(now)s then 1 else l.asked + 1 end,
    window_ends = case when l.window_ends <= %(now)s then excluded.window_ends else l.window_ends end
where l.window_ends <= %(now)s or l.asked < %(most)s
returning l.asked

-- name: exhaust
-- It is not asked again before its window ends.
update gateway.post_lookups set asked = greatest(asked, %(most)s) where account_id = %(account_id)s

-- name: account_of_profile
select id from gateway.accounts
where platform = %(platform)s and profile_id = %(profile_id)s
order by removed_at nulls first
limit 1

-- name: profile_of_account
select profile_id from gateway.accounts where id = %(account_id)s
