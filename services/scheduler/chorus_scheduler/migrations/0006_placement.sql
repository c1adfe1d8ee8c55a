-- Placement: since when something is parked, how late the work of a pause is, times in which nothing was handed over,
-- and which plan of a tenant was the last.
alter table scheduler.activities add column parked_at timestamptz;
alter table scheduler.pauses
    -- When the first was due of what it had parked, and from when on that goes on.
    add column late_from timestamptz,
    add column goes_on_at timestamptz;

drop index scheduler.activities_parked;
create index activities_parked on scheduler.activities (parked_by, due_at) where parked_by is not null;

-- From when the first was due of what stood waiting, to when somebody was there again. Everything that was due in it is
-- placed anew, later by its length.
create table scheduler.interruptions (
    id       bigint generated always as identity primary key,
    began_at timestamptz not null,
    ended_at timestamptz not null,
    check (ended_at > began_at)
);
create index interruptions_ended on scheduler.interruptions (ended_at);
grant select, insert, delete on scheduler.interruptions to chorus_scheduler;

-- A plan is made outside the tenant's lock, and stored under it if the tenant has no newer plan.
create index plans_client on scheduler.plans (client_id, id);
grant delete on scheduler.plans to chorus_scheduler;

create index post_plans_age on scheduler.post_plans (planned_at);
