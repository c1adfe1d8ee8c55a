-- name: listing
-- Whoever manages the team is shown all, but for what is the account's owner's alone: they have one of it for each post.
select n.id, n.code, n.severity, n.sentence, n.activity_id, n.post_id, n.account_id, n.campaign_id, n.happened_at,
       r.read_at
from notifier.api_notifications n
left join gateway.notices_read r on r.notification_id = n.id and r.user_id = %(user_id)s
where (%(before)s::uuid is null or n.id < %(before)s)
  and (not %(unread)s or r.read_at is null)
  and (%(everything)s and n.code <> 'own_approval_waiting' or exists (
          select from gateway.accounts a where a.id = n.account_id and a.owner_user_id = %(user_id)s))
order by n.id desc
limit %(limit)s

-- name: visible
select count(*) as n
from notifier.api_notifications n
where n.id = any(%(ids)s)
  and (%(everything)s and n.code <> 'own_approval_waiting' or exists (
          select from gateway.accounts a where a.id = n.account_id and a.owner_user_id = %(user_id)s))

-- name: mark_read
insert into gateway.notices_read (client_id, user_id, notification_id)
select %(client_id)s, %(user_id)s, unnest(%(ids)s::uuid[])
on conflict do nothing
