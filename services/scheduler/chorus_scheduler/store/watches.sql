-- name: first_due
-- The first that is due, of each tenant: one look into the index each, however many there are.
with recursive tenants as (
    (select client_id from scheduler.watches where ended_at is null order by client_id limit 1)
    union all
    select (select w.client_id from scheduler.watches w
            where w.ended_at is null and w.client_id > t.client_id order by w.client_id limit 1)
    from tenants t
    where t.client_id is not null
)
select t.client_id, first.next_at
from tenants t
cross join lateral (
    select w.next_at from scheduler.watches w
    where w.ended_at is null and w.client_id = t.client_id
    order by w.next_at limit 1
) first
where t.client_id is not null

-- name: in_hand
-- Of each tenant: how many looks are out and not given up.
select client_id, count(*)::integer as n
from scheduler.watches
where unheard and next_at > %(now)s and ended_at is null
group by client_id

-- name: claim
-- Of each tenant as many as it has room for, its earliest first; tenants take turns. What another replica holds is passed
-- over.
select w.id, w.client_id, w.kind, w.account_id, w.every_seconds, w.execution, w.unheard, w.sends, w.errors, w.reason_code,
       s.platform, greatest(s.connected_at, s.returned_at, r.returned_at) as warms_from, s.account_status, s.consented, s.wanted, s.pause_reason
from unnest(%(tenants)s::uuid[], %(limits)s::integer[]) as t(client_id, room)
cross join lateral (
    select w.id
    from scheduler.watches w
    where w.ended_at is null and w.client_id = t.client_id and w.next_at <= %(now)s
    order by w.next_at
    limit t.room
    for update skip locked
) claimed
join scheduler.watches w on w.id = claimed.id
join scheduler.watch_standing s on s.watch_id = w.id
left join scheduler.challenge_returns r on r.account_id = w.account_id
order by row_number() over (partition by w.client_id order by w.next_at), w.next_at

-- name: hand_over
-- One whose look is out keeps its number: the same look is asked for once more.
update scheduler.watches w
set execution = case when w.unheard then w.execution else w.execution + 1 end,
    sends = case when w.unheard then w.sends + 1 else 1 end,
    unheard = true, next_at = %(until)s, reason_code = %(code)s, reason = %(reason)s, updated_at = %(now)s
where w.id = any(%(ids)s)
returning w.id, w.client_id, w.account_id, w.execution, w.sends

-- name: put_off
-- Rows that were claimed.
update scheduler.watches w
set next_at = r.next_at, reason_code = r.code, reason = r.reason, updated_at = %(now)s
from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, next_at timestamptz, code text, reason text)
where w.id = r.id and w.id = any(%(ids)s)

-- name: lock
-- Waits for whoever holds the row.
select w.id, w.client_id, w.kind, w.account_id, w.every_seconds, w.execution, w.unheard, w.sends, w.errors, w.reason_code
from scheduler.watches w
where w.id = %(id)s
for update

-- name: met_challenge
-- One row where the executors know that this look met one.
select 1 from engagement.api_challenges
where account_id = %(account_id)s and activity_id = %(watch_id)s and execution = %(execution)s

-- name: settle
-- What was looked for is heard of. `answered`: an executor said so, and did look where `looked`.
update scheduler.watches
set unheard = false, sends = 0, next_at = %(next_at)s, errors = %(errors)s, failing = %(failing)s, reason_code = %(code)s, reason = %(reason)s,
    cursor = coalesce(%(cursor)s::jsonb, cursor), looks = looks + %(looked)s, found = found + %(found)s,
    failures = failures + %(failed)s,
    looked_at = case when %(looked)s > 0 then greatest(looked_at, %(at)s) else looked_at end,
    last_error = coalesce(%(error)s::jsonb, last_error),
    last_error_at = case when %(error)s::jsonb is null then last_error_at else %(now)s end,
    updated_at = %(now)s
where id = %(id)s

-- name: missing
-- Who is to be looked after and is not: no watch, or one that has ended.
select d.client_id, d.kind, d.account_id, coalesce(d.every_seconds, %(status_every)s) as every_seconds
from scheduler.wanted_watches d
left join scheduler.watches w
  on w.client_id = d.client_id and w.kind = d.kind and w.subject = d.account_id::text
where w.id is null or w.ended_at is not null
limit %(limit)s

-- name: begin
-- One that ended begins anew: it forgets what it had seen, and looks for nothing that is older than its new beginning.
insert into scheduler.watches (
    id, client_id, kind, subject, account_id, every_seconds, began_at, next_at, reason_code, reason)
select r.id, r.client_id, r.kind, r.subject, r.account_id, r.every_seconds, %(now)s, r.next_at, r.code, r.reason
from jsonb_to_recordset(%(rows)s::jsonb) as r(
    id uuid, client_id uuid, kind text, subject text, account_id uuid, every_seconds integer, next_at timestamptz,
    code text, reason text)
on conflict (client_id, kind, subject) do update
set ended_at = null, began_at = excluded.began_at, next_at = excluded.next_at, every_seconds = excluded.every_seconds,
    account_id = excluded.account_id, cursor = null, errors = 0, failing = false, unheard = false, sends = 0,
    reason_code = excluded.reason_code, reason = excluded.reason, updated_at = excluded.began_at
where scheduler.watches.ended_at is not null
returning id, client_id, kind, account_id

-- name: end_unwanted
-- A batch of those that no pod, member, consent or connection asks for any more.
with unwanted as materialized (
    select w.id
    from scheduler.watches w
    where w.ended_at is null and w.kind in ('posts_of_account', 'status_of_account')
      and not exists (
          select 1 from scheduler.wanted_watches d
          where d.client_id = w.client_id and d.kind = w.kind and d.account_id = w.account_id)
    order by w.id
    limit %(limit)s
    for update skip locked
)
update scheduler.watches w
set ended_at = %(now)s, reason_code = %(code)s, reason = %(reason)s, updated_at = %(now)s
from unwanted u
where w.id = u.id
returning w.id, w.client_id, w.kind, w.account_id

-- name: pace
-- Pods, or a setting, ask for other intervals than before: the shortest counts. What was to look later than that, looks earlier.
with asked as (
    select client_id, kind, account_id, coalesce(every_seconds, %(status_every)s) as every_seconds
    from scheduler.wanted_watches
), other as materialized (
    select w.id, a.every_seconds
    from scheduler.watches w
    join asked a on a.client_id = w.client_id and a.kind = w.kind and a.account_id = w.account_id
    where w.ended_at is null and w.every_seconds <> a.every_seconds
    order by w.id
    limit %(limit)s
    for update of w skip locked
)
update scheduler.watches w
set every_seconds = o.every_seconds, updated_at = %(now)s,
    next_at = case when w.unheard or w.errors > 0 then w.next_at
              else least(w.next_at, %(now)s + o.every_seconds * interval '1 second') end
from other o
where w.id = o.id

-- name: measure
-- One row, of those that have not ended.
select min(next_at) filter (where next_at <= %(now)s) as oldest,
       count(*) filter (where not failing) as well, count(*) filter (where failing) as failing
from scheduler.watches
where ended_at is null
