-- name: add
insert into gateway.posts (id, client_id, pod_id, author_account_id, platform, url, reference, social_id, text, state,
                           published_at, amplify, comment_texts, correlation_id, scheduled_for, priority, created_by)
values (%(id)s, %(client_id)s, %(pod_id)s, %(author_account_id)s, %(platform)s, %(url)s, %(reference)s, %(social_id)s,
        %(text)s, %(state)s, %(published_at)s, %(amplify)s, %(comment_texts)s, %(correlation_id)s, %(scheduled_for)s,
        %(priority)s, %(created_by)s)
on conflict (client_id, platform, reference) where reference is not null do nothing
returning id, client_id, pod_id, author_account_id, platform, url, reference, social_id, text, state, failure_reason,
          published_at, amplify, comment_texts, correlation_id, scheduled_for, priority, created_by, created_at, updated_at

-- name: find
select id, client_id, pod_id, author_account_id, platform, url, reference, social_id, text, state, failure_reason,
       published_at, amplify, comment_texts, correlation_id, scheduled_for, priority, created_by, created_at, updated_at
from gateway.posts
where id = %(id)s

-- name: find_by_reference
select id from gateway.posts where platform = %(platform)s and reference = %(reference)s

-- name: listing
select id, client_id, pod_id, author_account_id, platform, url, reference, social_id, text, state, failure_reason,
       published_at, amplify, comment_texts, correlation_id, scheduled_for, priority, created_by, created_at, updated_at
from gateway.posts
where (%(before)s::uuid is null or id < %(before)s)
  and (%(pod_id)s::uuid is null or pod_id = %(pod_id)s)
  and (%(state)s::text is null or state = %(state)s)
order by id desc
limit %(limit)s

-- name: mark_published
update gateway.posts p
set state = 'published', url = %(url)s, published_at = %(published_at)s, failure_reason = null,
    social_id = coalesce(%(social_id)s, social_id), updated_at = clock_timestamp(),
    -- Somebody may have registered the address before this news arrived: their row keeps it.
    reference = case when exists (
        select 1 from gateway.posts o
        where o.platform = p.platform and o.reference = %(reference)s and o.id <> p.id
    ) then null else coalesce(%(reference)s, p.reference) end
where id = %(id)s
  and (state <> 'published' or (social_id is null and %(social_id)s::text is not null))

-- name: mark_failed
update gateway.posts
set state = 'failed', failure_reason = %(reason)s, updated_at = clock_timestamp()
where id = %(id)s and state = 'queued'

-- name: counters
select post_id, state, count(*)::integer as n
from scheduler.api_activities
where post_id = any(%(posts)s)
group by post_id, state
