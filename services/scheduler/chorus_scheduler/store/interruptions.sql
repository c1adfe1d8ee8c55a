-- name: pulses
-- When a dispatcher last went through each lane; one that nobody went through is missing.
select lane, at from scheduler.pulses where lane = any(%(lanes)s)

-- name: beat
-- Of a round that saw the pulse as `seen`. Whoever stood still meanwhile leaves a fresher one alone; a clock that was set
-- back is followed. A round that goes through at the very instant at which an interruption was written down beats a moment
-- after it: that one is over.
insert into scheduler.pulses as p (lane, at) values (%(lane)s, %(now)s)
on conflict (lane) do update
set at = case when p.at = excluded.at then excluded.at + interval '1 microsecond' else excluded.at end
where p.at <= excluded.at or p.at = %(seen)s

-- name: interruptions
-- The last that each was late by: of the tenant and the lane, when it was due. One that ends after now was written down by a
-- clock that was ahead.
select w.id, i.began_at, i.ended_at
from jsonb_to_recordset(%(rows)s::jsonb) as w(id uuid, client_id uuid, lane text, due_at timestamptz)
cross join lateral (
    select i.began_at, i.ended_at from scheduler.interruptions i
    where i.client_id = w.client_id and i.lane = w.lane and i.ended_at > w.due_at and i.began_at <= w.due_at
      and i.ended_at <= %(now)s
    order by i.ended_at desc
    limit 1
) i

-- name: lock_interruptions
-- One replica at a time writes them down, until the end of the transaction.
select pg_advisory_xact_lock(hashtextextended('chorus.interruptions', 0))

-- name: record_interruption
-- For each tenant from the first on that was due in it and is there still. What was written down until the last pulse, and
-- nothing has gone through since, goes on.
with prolonged as (
    update scheduler.interruptions set ended_at = %(ended)s
    where lane = %(lane)s and ended_at = %(began)s
    returning client_id
)
insert into scheduler.interruptions (client_id, lane, began_at, ended_at)
select a.client_id, a.lane, min(a.due_at), %(ended)s
from scheduler.activities a
where a.client_id not in (select client_id from prolonged) and {waits}
  and a.lane = %(lane)s and a.due_at >= %(began)s and a.due_at < %(ended)s
group by a.client_id, a.lane
