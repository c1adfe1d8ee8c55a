-- What a browser showed when a repost failed, for the person who looks into it. Kept for days, not for good: the
-- picture is of somebody's network. It never holds session material; whoever takes it masks what could.
create table engagement.evidence (
    id           uuid primary key,
    client_id    uuid not null,
    activity_id  uuid not null,
    execution    integer not null check (execution > 0),
    taken_at     timestamptz not null default clock_timestamp(),
    -- What the page was taken for: a word for programs, as in `challenge` or `layout_changed`.
    state        text not null check (state ~ '^[a-z][a-z0-9_]{0,62}$'),
    -- The path alone: what follows may hold tokens.
    page_path    text not null check (page_path ~ '^/[^?#]*$' and length(page_path) <= 500),
    title        text not null check (length(title) <= 300),
    content_type text not null check (content_type = 'image/jpeg'),
    image        bytea not null check (octet_length(image) between 1 and 204800)
);
create index evidence_of_activity on engagement.evidence (activity_id, taken_at);
create index evidence_retention on engagement.evidence (taken_at);
-- A JPEG cannot be compressed further: stored outside of the row, as it is.
alter table engagement.evidence alter column image set storage external;

grant select, insert, delete on engagement.evidence to chorus_executor, chorus_browser_repost;

alter table engagement.evidence enable row level security;
create policy own_services on engagement.evidence to chorus_executor, chorus_browser_repost using (true) with check (true);
create policy one_tenant on engagement.evidence for select to chorus_tenant_reader
    using (client_id = chorus.current_client());
grant select on engagement.evidence to chorus_tenant_reader;

create view engagement.api_evidence as
    select id, client_id, activity_id, execution, taken_at, state, page_path, title, content_type, image
    from engagement.evidence;
grant create on schema engagement to chorus_tenant_reader;
alter view engagement.api_evidence owner to chorus_tenant_reader;
revoke create on schema engagement from chorus_tenant_reader;
grant select on engagement.api_evidence to chorus_gateway;
