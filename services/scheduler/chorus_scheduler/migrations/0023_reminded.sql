-- When people were reminded that it waits for their yes and soon ends without one: once.
alter table scheduler.activities add column reminded_at timestamptz;
create index activities_unreminded on scheduler.activities (approval_expires_at)
    where state = 'awaiting_approval' and reminded_at is null and parked_by is null;
