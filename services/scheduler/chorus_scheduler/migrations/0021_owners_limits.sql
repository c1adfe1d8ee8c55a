-- What an account's owner sets stands beside what an admin sets: neither overwrites the other's word. It always narrows.
alter table scheduler.rate_limits
    add column by_owner boolean not null default false,
    add check (not by_owner or (narrows and account_id is not null)),
    drop constraint rate_limits_client_id_account_id_platform_kind_key,
    add unique nulls not distinct (client_id, account_id, platform, kind, by_owner);

create or replace view scheduler.api_rate_limits as
    select client_id, account_id, platform, kind, per_hour, per_day, cooldown, set_at, set_by, narrows, by_owner
    from scheduler.rate_limits;

-- An owner's own stop is a pause of its own, as a challenge is: another's pause, and its end, leave it as it is.
drop index scheduler.pauses_in_force;
create unique index pauses_in_force on scheduler.pauses (scope, client_id, scope_id, code) nulls not distinct
    where resumed_at is null;
