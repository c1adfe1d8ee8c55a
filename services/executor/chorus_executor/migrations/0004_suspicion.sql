-- What must not be forgotten of a call that may have been made, and of a challenge that was met.

-- Until then the call of somebody who may only stand still can take effect. Only ever raised, through however many hands.
alter table engagement.attempts add column suspect_until timestamptz;

-- Counts on: others tell by their own clocks how long it has stood still, so that no step of a clock makes a worker dead.
alter table engagement.workers add column beats bigint not null default 0;

-- What other activities of an account made: an effect with such an id is not the one that is looked for.
create index attempts_claims on engagement.attempts (account_id)
    where outcome = 'executed' and result ->> 'provider_id' is not null;

-- Announcing and owning are one step: whoever takes rows over holds the worker's row meanwhile, and who announces after
-- that sees whose they are by then. A function, as each of its statements sees what was committed before it began.
create function engagement.announce_calls(
    worker uuid, activities uuid[], ids uuid[], executions integer[], out registered boolean, out owned boolean[])
language plpgsql volatile set search_path = '' as $$
begin
    update engagement.workers w set calling = activities where w.id = worker;
    registered := found;
    owned := array(
        select exists (
            select from engagement.attempts a
            where a.activity_id = k.activity_id and a.execution = k.execution and a.worker_id = worker
              and a.outcome is null)
        from unnest(ids, executions) with ordinality as k (activity_id, execution, n)
        order by k.n);
end $$;
revoke execute on function engagement.announce_calls from public;
grant execute on function engagement.announce_calls to chorus_executor, chorus_browser_repost;

-- The network asked for an account's person: written with the outcome that tells of it, and asked before every act of
-- that account, in each lane, until somebody has resumed the account.
create table engagement.challenges (
    account_id  uuid not null,
    at          timestamptz not null default clock_timestamp(),
    activity_id uuid not null,
    execution   integer not null,
    client_id   uuid not null,
    code        text,
    primary key (account_id, activity_id, execution)
);
create index challenges_retention on engagement.challenges (at);

grant select, insert, delete on engagement.challenges to chorus_executor, chorus_browser_repost;
alter table engagement.challenges enable row level security;
create policy own_services on engagement.challenges to chorus_executor, chorus_browser_repost using (true) with check (true);

-- Whether an activity stands, for whoever acts: the ledger, the account's owner, the pod, and what the network asked for.
create view engagement.standing as
    select s.activity_id, s.state, s.execution, s.pause_code, s.pause_reason, s.asks_member, s.takes_part,
           s.member_kinds, c.status as account_status, c.consented_kinds as consented,
           h.account_id is not null as challenged
    from scheduler.api_standing s
    left join gateway.api_accounts c on c.account_id = s.account_id
    left join lateral (
        select h.account_id
        from engagement.challenges h
        where h.account_id = s.account_id
          and not exists (
              select from scheduler.api_account_resumes r
              where r.account_id = h.account_id and r.resumed_at > h.at)
        limit 1
    ) h on true;
grant select on engagement.standing to chorus_executor, chorus_browser_repost;
