-- An account that was let go on after a challenge warms up afresh, as a new one does.
create view scheduler.challenge_returns as
    select scope_id as account_id, max(resumed_at) as returned_at
    from scheduler.pauses
    where scope = 'account' and code = 'challenge' and resumed_at is not null
    group by scope_id;
grant select on scheduler.challenge_returns to chorus_scheduler;
create index pauses_of_challenges on scheduler.pauses (scope_id, resumed_at)
    where scope = 'account' and code = 'challenge' and resumed_at is not null;
