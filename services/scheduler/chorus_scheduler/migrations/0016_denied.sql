-- A person looked, and says that nothing of these executions is there: those that were over by then, and no later one.
-- Executors may repeat what they cannot tell of themselves by that word alone.
alter table scheduler.activities
    add column denied    integer[] not null default '{}',
    add column denied_by text,
    add column denied_at timestamptz,
    add check ((denied <> '{}') = (denied_by is not null) and (denied_by is null) = (denied_at is null));

create view scheduler.api_denied as
    select id as activity_id, denied as executions, denied_by, denied_at from scheduler.activities where denied <> '{}';
grant select on scheduler.api_denied to chorus_executor, chorus_browser_repost;
