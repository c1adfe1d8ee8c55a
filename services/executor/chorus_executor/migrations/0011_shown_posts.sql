-- What the posts say that a watch's looks found: by the network's name of each, its beginning. For people who are asked for
-- their yes; nothing is decided by it. It stays in the database, beside the answer, which travels, and goes with the look.
alter table engagement.looks add column shown jsonb;

create policy one_tenant on engagement.looks for select to chorus_tenant_reader
    using (client_id = chorus.current_client());
grant select (watch_id, client_id, shown) on engagement.looks to chorus_tenant_reader;
create view engagement.api_shown_posts as
    select watch_id, client_id, shown from engagement.looks;
grant create on schema engagement to chorus_tenant_reader;
alter view engagement.api_shown_posts owner to chorus_tenant_reader;
revoke create on schema engagement from chorus_tenant_reader;
grant select on engagement.api_shown_posts to chorus_gateway;
