-- name: unplanned_posts
-- Published since then, and never planned by itself; the oldest first.
select p.post_id, p.client_id
from gateway.api_posts p
where p.state = 'published' and p.amplify and p.published_at > %(since)s and p.created_at < %(before)s
  and not exists (select 1 from scheduler.post_plans d where d.post_id = p.post_id)
  and not p.post_id = any(%(not_now)s)
order by p.published_at
limit %(limit)s

-- name: unqueued_posts
-- Queued, and without a `publish` activity; in the order of their times.
select p.post_id, p.client_id, p.pod_id, p.author_account_id, p.platform, p.text, p.scheduled_for, p.priority,
       p.correlation_id
from gateway.api_posts p
where p.state = 'queued' and p.created_at < %(before)s
  and not exists (
      select 1 from scheduler.activities a
      where a.post_id = p.post_id and a.account_id = p.author_account_id and a.kind = 'publish')
  and not p.post_id = any(%(not_now)s)
order by p.scheduled_for nulls last, p.created_at
limit %(limit)s

-- name: untold_posts
-- Queued for the gateway, and ended here since then; all columns of an `Order` and of a `Report`.
select a.id, a.client_id, a.post_id, a.account_id, a.provider_account_id, a.platform, a.kind, a.lane, a.mode,
       a.execution, a.attempt, a.max_attempts, a.target_url, a.target_social_id, a.draft_text, a.cartridge_id, a.voice,
       a.reaction, a.due_at, null::timestamptz as acts_until, a.correlation_id, a.traceparent, a.state, a.reason, a.unheard
from gateway.api_posts p
join scheduler.activities a
  on a.post_id = p.post_id and a.account_id = p.author_account_id and a.kind = 'publish'
where p.state = 'queued' and a.state in ('executed', 'failed', 'cancelled', 'skipped') and a.unheard = '{}'
  and not coalesce(a.result ? 'decided_by', false)
  and a.updated_at > %(since)s and a.updated_at < %(before)s
  and not p.post_id = any(%(not_now)s)
limit %(limit)s
