-- What executors ask before they forget what was done: is anything of it still to come, to be heard, or with a person?
create view scheduler.api_unfinished as
    select a.id as activity_id
    from scheduler.activities a
    where a.state in ('planned', 'awaiting_approval', 'scheduled', 'dispatched', 'unknown')
       or a.unheard <> '{}' or a.needs_person;
grant select on scheduler.api_unfinished to chorus_executor, chorus_browser_repost;
