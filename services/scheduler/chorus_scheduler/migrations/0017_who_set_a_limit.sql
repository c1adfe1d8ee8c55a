-- Whoever sets a limit has read the one that was there: `set_at` names it. One that narrows holds beside the
-- more general one, so that a later and lower one of the team is in force for all of its accounts.
alter table scheduler.rate_limits
    add column set_at timestamptz not null default clock_timestamp(),
    add column set_by text not null default 'system',
    add column narrows boolean not null default false;

create or replace view scheduler.api_rate_limits as
    select client_id, account_id, platform, kind, per_hour, per_day, cooldown, set_at, set_by, narrows
    from scheduler.rate_limits;
