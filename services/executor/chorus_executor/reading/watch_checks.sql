-- name: order
select o.watch_id, o.client_id, o.kind, o.subject, o.account_id, o.began_at, o.execution, o.unheard, o.sends, o.cursor,
       o.provider_account_id, c.platform, o.account_status, o.consented, o.wanted, o.pause_reason, o.challenged
from engagement.watch_orders o
left join gateway.api_accounts c on c.account_id = o.account_id and c.client_id = o.client_id
where o.watch_id = %(watch_id)s;

-- name: begin
-- A row: nobody has begun the check yet that was asked for so often.
insert into engagement.looks (watch_id, client_id, account_id, execution, sends)
values (%(watch_id)s, %(client_id)s, %(account_id)s, %(execution)s, %(sends)s)
on conflict (watch_id) do update
set execution = excluded.execution, sends = excluded.sends, client_id = excluded.client_id,
    account_id = excluded.account_id, begun_at = excluded.begun_at, answered_at = null, answer = null
where (looks.execution, looks.sends) < (excluded.execution, excluded.sends)
returning watch_id;

-- name: answer_of
select answer, sends from engagement.looks
where watch_id = %(watch_id)s and execution = %(execution)s and answer is not null;

-- name: answer
-- The first answer to a check stands.
update engagement.looks
set answer = %(answer)s, answered_at = clock_timestamp(), shown = coalesce(%(shown)s, shown)
where watch_id = %(watch_id)s and execution = %(execution)s and answer is null
returning watch_id;

-- name: remember_challenge
insert into engagement.challenges (account_id, activity_id, execution, client_id, code)
values (%(account_id)s, %(watch_id)s, %(execution)s, %(client_id)s, %(code)s)
on conflict do nothing;

-- name: claimed
-- What our own acts made of the account's: it is not for us to find.
select a.result ->> 'provider_id' as name
from engagement.attempts a
where a.account_id = %(account_id)s and a.outcome = 'executed' and a.result ->> 'provider_id' is not null
  and a.kind in ('publish', 'repost') and a.opened_at > %(since)s;

-- name: forget
with old as materialized (
    select watch_id from engagement.looks
    where begun_at < clock_timestamp() - %(keep_seconds)s * interval '1 second'
    order by begun_at limit 1000
)
delete from engagement.looks l using old where l.watch_id = old.watch_id;
