-- Q3 as data: every network and every action, with where each number comes from. What is done by a kind of ours is a default
-- limit that is enforced (`rate_limits`); the rest waits here until something does it.
create table scheduler.default_limits (
    platform text not null,
    -- In the words of Q3; `kind` is ours, null where nothing does it yet.
    action   text not null check (action in ('post', 'like', 'comment', 'follow', 'dm', 'reply', 'upvote')),
    kind     text,
    per_hour integer not null check (per_hour > 0),
    per_day  integer not null check (per_day >= per_hour),
    cooldown interval not null check (cooldown >= interval '0'),
    source   text not null check (source in ('required', 'considerate')),
    primary key (platform, action)
);
-- The same for everybody: no row of it is anybody's.
alter table scheduler.default_limits enable row level security;
create policy own_service on scheduler.default_limits for select to chorus_scheduler using (true);
create policy of_everybody on scheduler.default_limits for select to chorus_tenant_reader using (true);
grant select on scheduler.default_limits to chorus_scheduler, chorus_tenant_reader;

-- `required`: Q3 names the number. `considerate`: networks publish none; the lower end of what practitioners do.
insert into scheduler.default_limits (platform, action, kind, per_hour, per_day, cooldown, source)
select p.platform, v.action, v.kind, v.per_hour, v.per_day, make_interval(secs => v.cooldown), 'considerate'
from (values ('linkedin'), ('tiktok'), ('instagram'), ('youtube'), ('facebook'), ('twitter'), ('reddit')) as p (platform)
cross join (values
    ('post',    'publish',  5, 20, 60.0),
    ('like',    'like',    20, 100, 30.0),
    ('comment', 'comment',  5, 30, 60.0),
    ('follow',  null,      10, 40, 60.0),
    ('dm',      'send_dm',  5, 20, 60.0),
    ('reply',   null,      10, 40, 60.0),
    ('upvote',  null,      20, 100, 30.0)
) as v (action, kind, per_hour, per_day, cooldown);

update scheduler.default_limits d
set per_hour = v.per_hour, per_day = v.per_day, cooldown = make_interval(secs => v.cooldown), source = v.source
from (values
    ('linkedin',  'post',     3,  10, 60.0, 'considerate'),
    ('linkedin',  'like',    10,  50, 60.0, 'considerate'),
    ('linkedin',  'comment',  5,  20, 60.0, 'considerate'),
    ('linkedin',  'follow',   5,  20, 60.0, 'considerate'),
    ('linkedin',  'dm',      20, 100,  0.1, 'required'),
    ('linkedin',  'upvote',  10,  50, 60.0, 'considerate'),
    ('tiktok',    'post',     3,  10, 60.0, 'required'),
    ('instagram', 'post',     5,  15, 60.0, 'required'),
    ('youtube',   'post',     5,  20, 60.0, 'required'),
    ('twitter',   'post',    10,  50, 60.0, 'required'),
    ('twitter',   'comment', 10,  50, 60.0, 'considerate'),
    ('reddit',    'post',     2,  10, 60.0, 'required'),
    ('reddit',    'dm',       3,  10, 60.0, 'considerate'),
    ('reddit',    'reply',    5,  30, 60.0, 'considerate')
) as v (platform, action, per_hour, per_day, cooldown, source)
where d.platform = v.platform and d.action = v.action;

-- Those that are there stay as they are.
insert into scheduler.rate_limits (platform, kind, per_hour, per_day, cooldown)
select platform, kind, per_hour, per_day, cooldown from scheduler.default_limits where kind is not null
on conflict do nothing;

create view scheduler.api_default_limits as
    select platform, action, kind, per_hour, per_day, cooldown, source from scheduler.default_limits;
grant create on schema scheduler to chorus_tenant_reader;
alter view scheduler.api_default_limits owner to chorus_tenant_reader;
revoke create on schema scheduler from chorus_tenant_reader;
grant select on scheduler.api_default_limits to chorus_gateway;
