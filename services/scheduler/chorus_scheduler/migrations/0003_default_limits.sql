-- The limits of Q3 where it names them; for the rest the lower end of what practitioners publish
-- (networks publish none). A reaction or a comment a minute, and a day well below what gets accounts flagged.
insert into scheduler.rate_limits (platform, kind, per_hour, per_day, cooldown) values
    ('linkedin',  'like',          10,  50, interval '60 seconds'),
    ('linkedin',  'comment',        5,  20, interval '60 seconds'),
    ('linkedin',  'repost',         3,  10, interval '60 seconds'),
    ('linkedin',  'publish',        3,  10, interval '60 seconds'),
    ('linkedin',  'send_dm',       20, 100, interval '100 milliseconds'),
    ('linkedin',  'scan_comments', 60, 300, interval '0'),
    ('linkedin',  'read_replies',  60, 600, interval '0'),
    ('linkedin',  'detect_posts',  12, 100, interval '0'),
    ('tiktok',    'publish',        3,  10, interval '60 seconds'),
    ('instagram', 'publish',        5,  15, interval '60 seconds'),
    ('youtube',   'publish',        5,  20, interval '60 seconds'),
    ('facebook',  'publish',        5,  20, interval '60 seconds'),
    ('twitter',   'publish',       10,  50, interval '60 seconds'),
    ('reddit',    'publish',        2,  10, interval '60 seconds');
