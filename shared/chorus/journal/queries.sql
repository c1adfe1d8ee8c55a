-- A row is open while it has no outcome. Where its key is known that is how it is asked, for `closed_at is null`
-- would let the planner take the small index of all open rows, and read them all for each key.

-- The lock lasts as long as the session, and so tells a process that is gone from one that stands still. Nobody takes
-- it alone, so a session that replaces another need not wait for the end of that one.
-- Its commits wait for no disk: what a crash of the server takes with it is missed by everybody (`server`).
-- name: hold_worker
select set_config('tcp_keepalives_idle', '60', false), set_config('synchronous_commit', 'off', false),
       pg_advisory_lock_shared(hashtextextended(%(id)s::text, 0));

-- name: register_worker
insert into engagement.workers (id, service, instance, calling, server)
values (%(id)s, %(service)s, %(instance)s, %(activities)b::uuid[], pg_postmaster_start_time()::text)
on conflict (id) do update
set seen_at = clock_timestamp(), server = excluded.server,
    calling = case when workers.server is distinct from excluded.server then excluded.calling else workers.calling end;

-- name: announce_calls
update engagement.workers set calling = %(activities)b::uuid[] where id = %(id)s;

-- name: forget_worker
delete from engagement.workers where id = %(id)s;

-- name: open_attempts
insert into engagement.attempts
    (activity_id, execution, client_id, post_id, account_id, kind, lane, mode, worker_id, command, traceparent,
     correlation_id)
select c.activity_id, c.execution, c.client_id, (c.target ->> 'post_id')::uuid, c.account_id, c.kind, c.lane, c.mode,
       %(worker)s, r.command, r.traceparent, c.correlation_id
from jsonb_to_recordset(%(rows)s::jsonb) as r (command jsonb, traceparent text),
     lateral jsonb_to_record(r.command) as c (
         activity_id uuid, execution integer, client_id uuid, target jsonb, account_id uuid, kind text, lane text,
         mode text, correlation_id text)
on conflict (activity_id, execution) do nothing
returning activity_id, execution, opened_at;

-- name: earlier_attempts
select activity_id, min(opened_at) as since,
       coalesce(array_agg(distinct final_text) filter (where final_text is not null), '{}') as texts,
       coalesce(array_agg(distinct failure ->> 'code') filter (where failure ->> 'code' is not null), '{}') as codes
from engagement.attempts
where activity_id = any(%(ids)s)
group by activity_id;

-- name: standing_attempts
select a.activity_id, a.execution, a.worker_id, a.closed_at is not null as closed, a.executed, a.more, a.traceparent
from unnest(%(ids)b::uuid[], %(executions)b::integer[]) as k (activity_id, execution)
join engagement.attempts a on a.activity_id = k.activity_id and a.execution = k.execution;

-- name: note_texts
update engagement.attempts a
set final_text = n.final_text, voice = n.voice
from jsonb_to_recordset(%(rows)s::jsonb) as n (activity_id uuid, execution integer, final_text text, voice text)
where a.activity_id = n.activity_id and a.execution = n.execution
  and a.worker_id = %(worker)s and a.outcome is null
returning a.activity_id, a.execution;

-- name: close_attempts
update engagement.attempts a
set closed_at = clock_timestamp(), outcome = e.outcome, verified = e.verified, called_at = e.called_at,
    result = e.result, final_text = coalesce(e.final_text, a.final_text), voice = e.voice, failure = e.failure,
    executed = r.executed, more = r.more
from jsonb_to_recordset(%(rows)s::jsonb) as r (executed jsonb, more jsonb),
     lateral jsonb_to_record(r.executed) as e (
         activity_id uuid, execution integer, outcome text, verified boolean, called_at timestamptz, result jsonb,
         final_text text, voice text, failure jsonb)
where a.activity_id = e.activity_id and a.execution = e.execution
  and a.worker_id = %(worker)s and a.outcome is null
returning a.activity_id, a.execution;

-- name: give_back
update engagement.attempts a
set worker_id = %(to)s
from unnest(%(ids)b::uuid[], %(executions)b::integer[]) as k (activity_id, execution)
where a.activity_id = k.activity_id and a.execution = k.execution
  and a.worker_id = %(worker)s and a.outcome is null;

-- name: open_rows
select activity_id, execution from engagement.attempts where worker_id = %(worker)s and closed_at is null;

-- What a worker announced may be forgotten after a crash of the server: then all that it held is suspect.
-- Dead is who was not seen for `dead_after`; or for `gone_after`, when its session has ended on a server that has not
-- been started anew since. Who is not in `workers` (and not nobody) left on purpose, or let go of the row.
-- name: take_over
with silent as materialized (
    select w.id, w.calling, extract(epoch from clock_timestamp() - w.seen_at)::double precision as quiet,
           w.server is distinct from pg_postmaster_start_time()::text as forgotten,
           w.server is not distinct from pg_postmaster_start_time()::text
           and not exists (
               select from pg_locks l
               where l.locktype = 'advisory' and l.objsubid = 1
                 and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended(w.id::text, 0)
           ) as gone
    from engagement.workers w
    where w.seen_at < clock_timestamp() - %(gone_after)s * interval '1 second'
)
update engagement.attempts a
set worker_id = %(worker)s, takeovers = a.takeovers + 1, suspect = left_behind.suspect
from (
    select x.activity_id, x.execution, coalesce(s.quiet, 0) as quiet, coalesce(s.gone, true) as gone,
           x.suspect
           or x.worker_id <> %(nobody)s and coalesce(x.activity_id = any(s.calling) or s.forgotten, true) as suspect
    from engagement.attempts x
    left join engagement.workers w on w.id = x.worker_id
    left join silent s on s.id = x.worker_id
    where x.closed_at is null
      and x.lane = %(lane)s
      and x.worker_id <> %(worker)s
      and (w.id is null or s.gone or s.quiet > %(dead_after)s)
    limit %(limit)s
    for update of x skip locked
) as left_behind
where a.activity_id = left_behind.activity_id and a.execution = left_behind.execution
returning a.activity_id, a.execution, a.command, a.traceparent, a.final_text, a.voice, a.takeovers, a.suspect,
          left_behind.quiet, left_behind.gone;

-- name: forget_dead_workers
delete from engagement.workers w
where w.seen_at < clock_timestamp() - interval '1 day'
  and not exists (select from engagement.attempts a where a.worker_id = w.id and a.closed_at is null);

-- name: forget_ended_attempts
delete from engagement.attempts
where (activity_id, execution) in (
    select activity_id, execution from engagement.attempts
    where closed_at < clock_timestamp() - %(keep_seconds)s * interval '1 second'
    limit %(limit)s
);
