-- name: add
insert into gateway.posts (id, client_id, pod_id, author_account_id, platform, url, reference, social_id, text, state,
                           published_at, amplify, comment_texts, correlation_id, scheduled_for, priority, created_by,
                           resolving_since, ask_at)
values (%(id)s, %(client_id)s, %(pod_id)s, %(author_account_id)s, %(platform)s, %(url)s, %(reference)s, %(social_id)s,
        %(text)s, %(state)s, %(published_at)s, %(amplify)s, %(comment_texts)s, %(correlation_id)s, %(scheduled_for)s,
        %(priority)s, %(created_by)s, %(resolving_since)s, %(ask_at)s)
on conflict (client_id, platform, reference) where reference is not null do nothing
returning id, client_id, pod_id, author_account_id, platform, url, reference, social_id, text, state, failure_reason,
          published_at, amplify, comment_texts, correlation_id, scheduled_for, priority, created_by, created_at, updated_at,
          author_provider_id, merged_into, resolving_since, lookups, ask_at

-- name: find
select id, client_id, pod_id, author_account_id, platform, url, reference, social_id, text, state, failure_reason,
       published_at, amplify, comment_texts, correlation_id, scheduled_for, priority, created_by, created_at, updated_at,
       author_provider_id, merged_into, resolving_since, lookups, ask_at
from gateway.posts
where id = %(id)s

-- name: lock
select id, client_id, pod_id, author_account_id, platform, url, reference, social_id, text, state, failure_reason,
       published_at, amplify, comment_texts, correlation_id, scheduled_for, priority, created_by, created_at, updated_at,
       author_provider_id, merged_into, resolving_since, lookups, ask_at
from gateway.posts
where id = %(id)s
for update

-- name: find_by_address
-- The row that an address stands for: its own, or the one whose name at the network it is.
select id, client_id, pod_id, author_account_id, platform, url, reference, social_id, text, state, failure_reason,
       published_at, amplify, comment_texts, correlation_id, scheduled_for, priority, created_by, created_at, updated_at,
       author_provider_id, merged_into, resolving_since, lookups, ask_at
from gateway.posts
where platform = %(platform)s and (reference = %(reference)s or social_id = %(reference)s)
order by (reference is not distinct from %(reference)s) desc
limit 1

-- name: find_by_social_id
select id, client_id, pod_id, author_account_id, platform, url, reference, social_id, text, state, failure_reason,
       published_at, amplify, comment_texts, correlation_id, scheduled_for, priority, created_by, created_at, updated_at,
       author_provider_id, merged_into, resolving_since, lookups, ask_at
from gateway.posts
where platform = %(platform)s and social_id = %(social_id)s and id <> %(but)s
for update

-- name: find_twin
-- Another row that is live and is the same post of the network; locked.
select id, client_id, pod_id, author_account_id, platform, url, reference, social_id, text, state, failure_reason,
       published_at, amplify, comment_texts, correlation_id, scheduled_for, priority, created_by, created_at, updated_at,
       author_provider_id, merged_into, resolving_since, lookups, ask_at
from gateway.posts
where platform = %(platform)s and state = 'published' and id <> %(id)s
  and (social_id = %(social_id)s or reference = %(reference)s)
order by (social_id is not distinct from %(social_id)s) desc
limit 1
for update

-- name: revive
-- One that came to nothing is tried once more, as it is wanted now.
update gateway.posts
set state = 'resolving', failure_reason = null, url = %(url)s, pod_id = %(pod_id)s,
    author_account_id = %(author_account_id)s, author_provider_id = null, published_at = %(published_at)s,
    amplify = %(amplify)s, comment_texts = %(comment_texts)s, priority = %(priority)s, created_by = %(created_by)s,
    resolving_since = %(resolving_since)s, ask_at = %(ask_at)s, lookups = 0, updated_at = clock_timestamp()
where platform = %(platform)s and reference = %(reference)s and state = 'failed' and text is null
returning id, client_id, pod_id, author_account_id, platform, url, reference, social_id, text, state, failure_reason,
          published_at, amplify, comment_texts, correlation_id, scheduled_for, priority, created_by, created_at, updated_at,
          author_provider_id, merged_into, resolving_since, lookups, ask_at

-- name: identified
-- The post is known, and from now on told to others.
update gateway.posts
set state = 'published', failure_reason = null, social_id = %(social_id)s, url = %(url)s,
    author_provider_id = %(author_provider_id)s, author_account_id = %(author_account_id)s,
    published_at = %(published_at)s, shown_author = %(shown_author)s, shown_text = %(shown_text)s, ask_at = null,
    updated_at = clock_timestamp()
where id = %(id)s and state = 'resolving'
returning id, client_id, pod_id, author_account_id, platform, url, reference, social_id, text, state, failure_reason,
          published_at, amplify, comment_texts, correlation_id, scheduled_for, priority, created_by, created_at, updated_at,
          author_provider_id, merged_into, resolving_since, lookups, ask_at

-- name: point_out
-- Somebody says where a queued post is: it is looked up as if it had been registered.
update gateway.posts
set state = 'resolving', url = %(url)s, reference = %(reference)s, failure_reason = null, resolving_since = %(now)s,
    ask_at = %(now)s, lookups = 0, updated_at = clock_timestamp()
where id = %(id)s and state in ('queued', 'failed')

-- name: merge
-- The row is another address of `into`, and says why.
update gateway.posts
set state = 'merged', merged_into = %(into)s, social_id = null, failure_reason = %(reason)s, ask_at = null,
    updated_at = clock_timestamp()
where id = %(id)s

-- name: refuse
-- What we published is not at the address that was refused, which is free for whatever is there.
update gateway.posts
set state = 'failed', failure_reason = %(reason)s, ask_at = null, url = case when text is null then url end,
    reference = case when text is null then reference end, updated_at = clock_timestamp()
where id = %(id)s and state = 'resolving'

-- name: put_off
-- Nobody could say: asked again at `ask_at`. The reason is the latest one.
update gateway.posts
set lookups = lookups + 1, ask_at = %(ask_at)s, failure_reason = %(reason)s, updated_at = clock_timestamp()
where id = %(id)s and state = 'resolving'

-- name: take_over_wishes
-- What was wanted of a post that turned out to be this one is wanted of this one too.
update gateway.posts
set amplify = amplify or %(amplify)s, pod_id = coalesce(pod_id, %(pod_id)s),
    author_account_id = coalesce(author_account_id, %(author_account_id)s),
    comment_texts = comment_texts || %(comment_texts)s, updated_at = clock_timestamp()
where id = %(id)s
returning id, client_id, pod_id, author_account_id, platform, url, reference, social_id, text, state, failure_reason,
          published_at, amplify, comment_texts, correlation_id, scheduled_for, priority, created_by, created_at, updated_at,
          author_provider_id, merged_into, resolving_since, lookups, ask_at

-- name: claim_resolving
-- Posts of all tenants that are to be looked up now, leased.
select post_id, client_id from gateway.claim_resolving_posts(%(now)s, %(until)s, %(limit)s)

-- name: listing
select id, client_id, pod_id, author_account_id, platform, url, reference, social_id, text, state, failure_reason,
       published_at, amplify, comment_texts, correlation_id, scheduled_for, priority, created_by, created_at, updated_at,
       author_provider_id, merged_into, resolving_since, lookups, ask_at
from gateway.posts
where (%(before)s::uuid is null or id < %(before)s)
  and (%(pod_id)s::uuid is null or pod_id = %(pod_id)s)
  and case when %(state)s::text is null then state <> 'merged' else state = %(state)s end
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
    ) then p.reference else coalesce(%(reference)s, p.reference) end
where id = %(id)s and state <> 'merged'
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
