-- name: store_plan
-- Arrays go in binary form (`b`), as in the outbox. No `on conflict`: who plans holds the tenant's lock and knows what
-- is there, and a second row for one intent shall be an error.
with plan as (
    insert into scheduler.plans (
        client_id, post_id, pod_id, kind, lane, state, code, activity_ids, account_ids, instants, sentences,
        limit_names, limit_values, limit_uses, actor, correlation_id, headers)
    values (
        %(client_id)s, %(post_id)s, %(pod_id)s, %(kind)s, %(lane)s, %(state)s, %(code)s, %(ids)s::uuid[],
        %(accounts)s::uuid[], %(instants)s::bigint[], %(sentences)b::text[], %(limit_names)b::text[],
        %(limit_values)b::integer[], %(limit_uses)b::integer[], %(actor)s, %(correlation_id)s, %(headers)s)
)
insert into scheduler.activities (
    id, client_id, post_id, pod_id, account_id, member_id, member_name, provider_account_id, platform, kind, lane,
    state, reason_code, reason, target_url, target_social_id, draft_text, cartridge_id, voice, source_text, reaction, seed,
    scheduled_for, due_at, wished_at, priority, max_attempts, approval, suggested, approval_expires_at, window_until,
    correlation_id, traceparent)
select r.id, %(client_id)s, %(post_id)s, %(pod_id)s, r.account_id, r.member_id, r.member_name, r.provider_account_id,
       %(platform)s, %(kind)s, %(lane)s, %(state)s, %(code)s, r.sentence, %(url)s, %(social_id)s, r.draft_text,
       r.cartridge_id, coalesce(r.voice, 'none'), r.source_text, %(reaction)s, %(seed)s, r.at, r.at,
       timestamptz 'epoch' + r.wish * interval '1 microsecond',
       %(priority)s, %(max_attempts)s,
       case when %(state)s::text = 'awaiting_approval' and not %(suggested)s then 'waiting' else 'not_needed' end,
       %(suggested)s, r.at + %(approval_expires)s,
       %(window_until)s,
       %(correlation_id)s, %(traceparent)s
from (
    select u.*, timestamptz 'epoch' + u.instant * interval '1 microsecond' as at
    from unnest(
        %(ids)s::uuid[], %(accounts)s::uuid[], %(members)s::uuid[], %(names)b::text[], %(providers)b::text[],
        %(sentences)b::text[], %(texts)b::text[], %(cartridges)b::uuid[], %(voices)b::text[],
        %(sources)b::text[], %(instants)s::bigint[], %(wishes)s::bigint[]
    ) as u (id, account_id, member_id, member_name, provider_account_id, sentence, draft_text, cartridge_id, voice,
            source_text, instant, wish)
) r

-- name: post_planned
-- Once a post, whatever came of it.
insert into scheduler.post_plans (post_id, client_id, planned, skipped)
values (%(post_id)s, %(client_id)s, %(planned)s, %(skipped)s)
on conflict do nothing

-- name: announce
-- Wakes the relay and the dispatchers when the transaction commits.
select pg_notify('chorus_outbox_scheduler', ''), pg_notify('chorus_scheduler_due', '')

-- name: relay_oldest
-- What the outbox holds before the oldest plan that is not told, and then, if there is room, the plan's own events. All
-- in one snapshot: of two events of a key that are there, the earlier one is seen too. A plan says nothing but what it
-- holds, and an activity is planned once, so its id can be that of the event.
with plan as materialized (
    select id, place from scheduler.plans where not told order by place limit 1
), rows as materialized (
    select id, topic, key, value, headers
    from scheduler.outbox
    where id < coalesce((select place from plan), 9223372036854775807)
    order by id
    limit %(batch)s
)
select id, topic, key, value, headers, 0::bigint as n from rows
union all
select p.place, 'activity.scheduled', convert_to(r.account_id::text, 'UTF8'),
       convert_to(json_build_object(
           'client_id', p.client_id, 'activity_id', r.id, 'post_id', p.post_id, 'pod_id', p.pod_id,
           'target', json_build_object('kind', 'post', 'post_id', p.post_id, 'url', null, 'social_id', null),
           'account_id', r.account_id, 'kind', p.kind, 'lane', p.lane, 'state', p.state,
           'scheduled_for', timestamptz 'epoch' + r.instant * interval '1 microsecond',
           'reason_code', p.code, 'reason', r.sentence, 'correlation_id', p.correlation_id)::text, 'UTF8'),
       p.headers || jsonb_build_array(
           jsonb_build_array('ce_id', r.id::text), jsonb_build_array('ce_subject', r.account_id::text)),
       r.n
from plan
join scheduler.plans p on p.id = plan.id
cross join unnest(p.activity_ids, p.account_ids, p.instants, p.sentences) with ordinality
    as r (id, account_id, instant, sentence, n)
where (select count(*) from rows) < %(batch)s
order by id, n

-- name: relay_remove
-- Plans stay, as told. What follows one was left for the next look, which this asks for.
with told as (
    update scheduler.plans set told = true where place = any(%(ids)s) and not told
    returning pg_notify('chorus_outbox_scheduler', '')
), gone as (
    delete from scheduler.outbox where id = any(%(ids)s)
)
select count(*) from told

-- name: relay_depth
-- How many events wait to be sent, of the outbox and of plans, and for how many seconds.
select coalesce(sum(waiting.n), 0)::bigint as unpublished,
       coalesce(extract(epoch from now() - min(waiting.since)), 0)::float8 as oldest_age
from (
    select count(*) as n, min(created_at) as since from scheduler.outbox
    union all
    select sum(cardinality(activity_ids)), min(planned_at) from scheduler.plans where not told
) waiting
