-- name: listing
-- What may be read by this person. A reminder is shown while something of its post still waits for a yes, and one a post:
-- who manages the team has the team's, and who owns several accounts their first.
select n.id, n.code, n.severity, n.sentence, n.activity_id, n.post_id, n.account_id, n.campaign_id, n.user_id,
       n.happened_at, r.read_at
from notifier.api_notifications n
left join gateway.notices_read r on r.notification_id = n.id and r.user_id = %(user_id)s
where (%(before)s::uuid is null or n.id < %(before)s)
  and (not %(unread)s or r.read_at is null)
  and {readable}
  and (n.code not in ('approval_reminder', 'own_approval_reminder') or exists (
          select from scheduler.api_activities w
          where w.post_id = n.post_id and w.state = 'awaiting_approval'
            and (n.account_id is null or w.account_id = n.account_id)))
  and (n.code <> 'own_approval_reminder' or not %(everything)s and not exists (
          select from notifier.api_notifications o
          join gateway.accounts b on b.id = o.account_id and b.owner_user_id = %(user_id)s
          where o.code = n.code and o.post_id = n.post_id and o.id < n.id))
order by n.id desc
limit %(limit)s

-- name: visible
select count(*) as n
from notifier.api_notifications n
where n.id = any(%(ids)s) and {readable}

-- name: mark_read
insert into gateway.notices_read (client_id, user_id, notification_id)
select %(client_id)s, %(user_id)s, unnest(%(ids)s::uuid[])
on conflict do nothing
