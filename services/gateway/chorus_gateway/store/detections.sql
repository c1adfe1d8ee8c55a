-- name: asking_pod
-- The pod that a member's new posts go to: of those that ask for them, the one that they have been in for longest.
select m.pod_id
from gateway.pod_members m
join gateway.pods p on p.id = m.pod_id
where m.account_id = %(account_id)s and m.active and p.active and p.removed_at is null
  and p.policy -> 'detect_posts' = 'true'::jsonb
  and not exists (
      select 1 from scheduler.api_pauses s
      where s.scope = 'pod' and s.scope_id = p.id and s.resumed_at is null)
order by m.created_at, m.id
limit 1

-- name: agreed_profile
-- The account's network, and whom it knows it as, where its person agrees to have their posts looked for.
select a.platform, a.profile_id
from gateway.accounts a
join gateway.users u on u.id = a.owner_user_id and u.active and u.role <> 'viewer'
where a.id = %(account_id)s and a.removed_at is null and 'detect_posts' = any(a.consented_kinds)

-- name: unsettled
-- Publications of these accounts, or of these posts, that are out, or may have come to something, and where they are is not
-- known yet; or by one of their names alone. No clock of the network's tells: what it shows was handed over before it was
-- there. What was handed over, or pointed out, two days ago is older than what is found, and hides nothing any more. The
-- last to hide something comes first.
select p.author_account_id as account_id, p.id as post_id, a.id as activity_id,
       case when p.state = 'resolving' then 'looked_up' when a.is_out then 'out' when a.effect = 'possible' then 'unknown'
            when p.state = 'published' then 'one_name' else 'no_address' end as code,
       greatest(a.dispatched_at, p.resolving_since) + interval '2 days' as until
from gateway.posts p
left join scheduler.api_activities a
  on a.post_id = p.id and a.account_id = p.author_account_id and a.kind = 'publish'
where (p.author_account_id = any(%(accounts)s) or p.id = any(%(posts)s)) and p.text is not null
  and (p.state = 'resolving' or a.is_out or a.effect = 'possible'
       or (a.effect = 'seen' and (p.state in ('queued', 'failed') or (p.state = 'published' and p.social_id is null))))
  and greatest(a.dispatched_at, p.resolving_since) > clock_timestamp() - interval '2 days'
order by until desc

-- name: shown_text
-- How a post begins that a look of this watch found; null, or nothing, where the network did not show it.
select shown ->> %(social_id)s as text from engagement.api_shown_posts where watch_id = %(watch_id)s
