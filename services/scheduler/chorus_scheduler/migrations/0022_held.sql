-- What a member who takes no part for a while was to do stands still (ADR 28): parked, as by a pause, by the member. So
-- nothing hands it over, and it holds no place; it comes back when the member does, until its window has ended.
alter table scheduler.activities
    -- When the window ends that the pod's policy gave this kind on this post; null in rows of before.
    add column window_until timestamptz;
create index activities_held on scheduler.activities (member_id, due_at) where parked_by = member_id;
