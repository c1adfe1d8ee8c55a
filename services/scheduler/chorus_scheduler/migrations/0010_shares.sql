-- Tenants share each lane, so what is due is read tenant by tenant.
drop index scheduler.activities_due;
create index activities_due on scheduler.activities (lane, client_id, due_at)
    where state in ('scheduled', 'unknown') and parked_by is null and not needs_person and voice <> 'pending';

-- When a dispatcher, any of them, last went through what is due in a lane. That nothing was handed over for a while is
-- seen here, and not by something that is late: one row may be late for reasons of its own.
create table scheduler.pulses (
    lane text primary key,
    at   timestamptz not null
);
grant select, insert, update on scheduler.pulses to chorus_scheduler;

-- An interruption is a tenant's: it began when the first of its activities was due that is late by it.
delete from scheduler.interruptions;
alter table scheduler.interruptions
    add column client_id uuid not null,
    add column lane text not null;
create index interruptions_of_tenant on scheduler.interruptions (client_id, lane, ended_at);
