-- A row is open while it has no outcome. Where its key is known that is how it is asked, for `closed_at is null`
-- would let the planner take the small index of all open rows, and read them all for each key.

-- The lock lasts as long as the session, and so tells a process that is gone from one that stands still. Nobody takes
-- it alone, so a session that replaces another need not wait for the end of that one.
-- Its commits wait for no disk: what a crash of the server takes with it is missed by everybody (`server`).
-- name: hold_worker
select set_config('tcp_keepalives_idle', '60', false), set_config('synchronous_commit', 'off', false),
       pg_advisory_lock_shared(hashtextextended(%(id)s::text, 0));

-- name: register_worker
insert into engagement.workers (id, service, instance, calling, server, beats)
values (%(id)s, %(service)s, %(instance)s, %(activities)b::uuid[], pg_postmaster_start_time()::text, 1)
on conflict (id) do update
set seen_at = clock_timestamp(), server = excluded.server, beats = workers.beats + 1,
    calling = case when workers.server is distinct from excluded.server then excluded.calling else workers.calling end;

-- Which of these rows are this worker's, told after the announcement: who takes them over holds the worker's row.
-- name: announce_calls
select a.registered, a.owned
from engagement.announce_calls(%(id)s, %(activities)b::uuid[], %(ids)b::uuid[], %(executions)b::integer[]) as a;

-- name: forget_worker
delete from engagement.workers where id = %(id)s;

-- name: open_attempts
insert into engagement.attempts
    (activity_id, execution, client_id, post_id, account_id, kind, lane, mode, worker_id, command, traceparent,
     correlation_id, notes)
select c.activity_id, c.execution, c.client_id, (c.target ->> 'post_id')::uuid, c.account_id, c.kind, c.lane, c.mode,
       %(worker)s, r.command, r.traceparent, c.correlation_id, true
from jsonb_to_recordset(%(rows)s::jsonb) as r (command jsonb, traceparent text),
     lateral jsonb_to_record(r.command) as c (
         activity_id uuid, execution integer, client_id uuid, target jsonb, account_id uuid, kind text, lane text,
         mode text, correlation_id text)
on conflict (activity_id, execution) do nothing
returning activity_id, execution, opened_at;

-- What the executions of an activity say of an effect that may exist. `doubtful`: one may have acted. `denied`: one may
-- have, and a person who looked after its end says that nothing of it is there. `stood`: of the first that acted, or may do
-- so yet: what came to be there later may be an effect, and is in what was noted after it; of what was denied only where
-- there is no other doubt. A publication that had not come to its note was not called.
-- name: earlier_attempts
select a.activity_id, min(a.opened_at) as since,
       coalesce(array_agg(distinct a.final_text) filter (where a.final_text is not null), '{}') as texts,
       coalesce((array_agg(a.stood order by a.execution)
                     filter (where a.stood <> 'null' and (may.have_acted or a.closed_at is null)))[1],
                case when not bool_or(may.have_acted)
                then (array_agg(a.stood order by a.execution) filter (where a.stood <> 'null' and may.be_denied))[1] end
       ) as stood,
       bool_or(may.have_acted) as doubtful, bool_or(may.be_denied) as denied
from engagement.attempts a
left join scheduler.api_denied d on d.activity_id = a.activity_id,
     lateral (
         select acted and not denied, acted and denied
         from (
             select coalesce(a.outcome in ('unknown', 'executed') or a.suspect
                             or a.failure ->> 'code' = 'effect_not_found', false)
                    and not (a.kind = 'publish' and a.notes and a.stood is null) as acted,
                    coalesce(a.execution = any(d.executions), false) as denied
         ) f
     ) as may (have_acted, be_denied)
where a.activity_id = any(%(ids)s)
group by a.activity_id;

-- For a verification. `performed`: an earlier execution may have called; else there is nothing to be found. `claimed`: what other
-- activities of the account made.
-- name: known
select exists (
           select from engagement.attempts a
           where a.activity_id = %(activity_id)s and a.mode = 'perform'
       ) as performed,
       array(
           select a.result ->> 'provider_id'
           from engagement.attempts a
           where a.account_id = %(account_id)s and a.activity_id <> %(activity_id)s
             and a.outcome = 'executed' and a.result ->> 'provider_id' is not null
       ) as claimed;

-- name: standing_attempts
select a.activity_id, a.execution, a.worker_id, a.closed_at is not null as closed, a.executed, a.more, a.traceparent,
       a.command, a.suspect_until is not null as patient
from unnest(%(ids)b::uuid[], %(executions)b::integer[]) as k (activity_id, execution)
join engagement.attempts a on a.activity_id = k.activity_id and a.execution = k.execution;

-- name: note_texts
update engagement.attempts a
set final_text = n.final_text, voice = n.voice
from jsonb_to_recordset(%(rows)s::jsonb) as n (activity_id uuid, execution integer, final_text text, voice text)
where a.activity_id = n.activity_id and a.execution = n.execution
  and a.worker_id = %(worker)s and a.outcome is null
returning a.activity_id, a.execution;

-- name: note_stood
update engagement.attempts
set stood = %(names)s::jsonb
where activity_id = %(activity_id)s and execution = %(execution)s and worker_id = %(worker)s and outcome is null
returning activity_id;

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

-- The workers and their beats. `gone`: its session has ended, on a server that was not started anew since.
-- name: workers
select w.id, w.beats, extract(epoch from clock_timestamp() - w.seen_at)::double precision as unseen,
       w.server is not distinct from pg_postmaster_start_time()::text
       and not exists (
           select from pg_locks l
           where l.locktype = 'advisory' and l.objsubid = 1
             and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended(w.id::text, 0)
       ) as gone
from engagement.workers w
where w.id <> %(worker)s;

-- Held until the rows have changed hands: none of them beats or announces meanwhile. One that does so now lives.
-- name: hold_silent
select w.id
from engagement.workers w
join unnest(%(silent)b::uuid[], %(beats)b::bigint[]) as s (id, beats) on s.id = w.id and s.beats = w.beats
for update of w skip locked;

-- Whose worker is held, who let go, and who left on purpose (not in `workers`). Never a row of somebody who lives: a row
-- that changed hands meanwhile is judged anew, by its new worker. None of the `spared`: who lost one and works on it yet
-- would take it for its own again, and call, and who had it in between may have called.
-- name: hold_left_behind
select x.activity_id, x.execution
from engagement.attempts x
where x.closed_at is null
  and x.lane = %(lane)s
  and x.worker_id <> %(worker)s
  and (x.worker_id = any(%(held)s) or not exists (select from engagement.workers w where w.id = x.worker_id))
  and not exists (
      select from unnest(%(spared_ids)b::uuid[], %(spared_executions)b::integer[]) as k (activity_id, execution)
      where k.activity_id = x.activity_id and k.execution = x.execution
  )
limit %(limit)s
for update skip locked;

-- By what is committed now that the workers and the rows are held. What a worker announced may be forgotten after a
-- crash of the server: then all that it held is suspect. A call that was under way may still take effect, whether its
-- sender stands still or is gone: the provider works on. That is waited out anew in each pair of hands.
-- name: take_over
update engagement.attempts a
set worker_id = %(worker)s, takeovers = a.takeovers + 1, suspect = left_behind.suspect,
    suspect_until = case when left_behind.patient
                    then greatest(a.suspect_until, clock_timestamp() + %(effect_window)s * interval '1 second')
                    else a.suspect_until end
from (
    select f.*, f.suspect_until is not null or f.suspect as patient
    from (
        select x.activity_id, x.execution, x.suspect_until, w.id is null or w.id = any(%(gone)s) as gone,
               (x.suspect
                or x.worker_id <> %(nobody)s
                   and coalesce(x.activity_id = any(w.calling)
                                or w.server is distinct from pg_postmaster_start_time()::text, true))
               and not (x.kind = 'publish' and x.notes and x.stood is null) as suspect
        from unnest(%(ids)b::uuid[], %(executions)b::integer[]) as k (activity_id, execution)
        join engagement.attempts x on x.activity_id = k.activity_id and x.execution = k.execution
        left join engagement.workers w on w.id = x.worker_id
        where x.closed_at is null and (w.id is null or w.id = any(%(held)s))
    ) f
) as left_behind
where a.activity_id = left_behind.activity_id and a.execution = left_behind.execution
returning a.activity_id, a.execution, a.command, a.traceparent, a.final_text, a.voice, a.takeovers, a.suspect,
          left_behind.gone, left_behind.patient;

-- The call of this row was not answered: until then its effect may come.
-- name: suspect
update engagement.attempts
set suspect = true,
    suspect_until = greatest(suspect_until, clock_timestamp() + %(seconds)s * interval '1 second')
where activity_id = %(activity_id)s and execution = %(execution)s and worker_id = %(worker)s and outcome is null;

-- name: remember_challenges
insert into engagement.challenges (account_id, activity_id, execution, client_id, code)
select c.account_id, c.activity_id, c.execution, c.client_id, c.failure ->> 'code'
from jsonb_to_recordset(%(rows)s::jsonb) as c (
    account_id uuid, activity_id uuid, execution integer, client_id uuid, failure jsonb)
on conflict do nothing;

-- name: forget_dead_workers
delete from engagement.workers w
where w.seen_at < clock_timestamp() - interval '1 day'
  and not exists (select from engagement.attempts a where a.worker_id = w.id and a.closed_at is null);

-- Those of activities that are over: what is open needs to know what was done for it, however long ago.
-- name: forget_ended_attempts
delete from engagement.attempts
where (activity_id, execution) in (
    select a.activity_id, a.execution from engagement.attempts a
    where a.closed_at < clock_timestamp() - least(%(seconds)s, %(executed_seconds)s) * interval '1 second'
      and a.closed_at < clock_timestamp()
          - case a.outcome when 'executed' then %(executed_seconds)s else %(seconds)s end * interval '1 second'
      and not exists (select from scheduler.api_unfinished u where u.activity_id = a.activity_id)
    order by a.closed_at
    limit %(limit)s
);

-- Beyond the newest of each team and outcome, by one look into the index for each of these.
-- name: forget_beyond_number
with recursive kinds as (
    (select client_id, outcome from engagement.attempts where closed_at is not null order by client_id, outcome limit 1)
    union all
    select n.client_id, n.outcome
    from kinds k
    cross join lateral (
        select a.client_id, a.outcome from engagement.attempts a
        where a.closed_at is not null and (a.client_id, a.outcome) > (k.client_id, k.outcome)
        order by a.client_id, a.outcome limit 1
    ) n
), beyond as (
    select k.client_id, k.outcome, c.closed_at
    from kinds k
    cross join lateral (
        select a.closed_at from engagement.attempts a
        where a.client_id = k.client_id and a.outcome = k.outcome and a.closed_at is not null
        order by a.closed_at desc offset %(executed)s limit 1
    ) c
    where k.outcome = 'executed'
    union all
    select k.client_id, k.outcome, c.closed_at
    from kinds k
    cross join lateral (
        select a.closed_at from engagement.attempts a
        where a.client_id = k.client_id and a.outcome = k.outcome and a.closed_at is not null
        order by a.closed_at desc offset %(others)s limit 1
    ) c
    where k.outcome <> 'executed'
)
delete from engagement.attempts
where (activity_id, execution) in (
    select o.activity_id, o.execution
    from beyond b
    cross join lateral (
        select a.activity_id, a.execution from engagement.attempts a
        where a.client_id = b.client_id and a.outcome = b.outcome and a.closed_at <= b.closed_at
          and a.closed_at < clock_timestamp() - %(at_least_seconds)s * interval '1 second'
          and not exists (select from scheduler.api_unfinished u where u.activity_id = a.activity_id)
        order by a.closed_at
        limit %(limit)s
    ) o
    limit %(limit)s
);

-- name: forget_challenges
delete from engagement.challenges
where at < clock_timestamp() - %(seconds)s * interval '1 second';
