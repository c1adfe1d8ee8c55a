-- Which post of the network a row is: what the provider says, not what somebody typed. A post has three numbers and many
-- addresses; its `social_id` is one. Nothing is told to others, and so nothing planned, before it is known.
alter table gateway.accounts add column if not exists profile_id text;

alter table gateway.posts
    -- Whom the network names as the author.
    add column author_provider_id text check (length(author_provider_id) between 1 and 200),
    -- The post that this one turned out to be. Its own address stays here, so that it leads there.
    add column merged_into        uuid,
    -- While `resolving`: since when, how often it was asked, and when it is asked again.
    add column resolving_since    timestamptz,
    add column lookups            integer not null default 0,
    add column ask_at             timestamptz;

alter table gateway.posts drop constraint posts_state_check;
alter table gateway.posts
    add constraint posts_state_check check (state in ('queued', 'resolving', 'published', 'failed', 'merged')),
    add foreign key (client_id, merged_into) references gateway.posts (client_id, id),
    -- A merged row is an address that leads to another row. It says why, and has no social_id of its own.
    add check ((state = 'merged') = (merged_into is not null)),
    add check (state <> 'merged' or (social_id is null and failure_reason is not null and merged_into <> id)),
    add check (state <> 'resolving' or (reference is not null and resolving_since is not null and ask_at is not null));

-- Of rows that name one post the oldest keeps the name; before, nothing kept them apart.
update gateway.posts p set social_id = null
where social_id is not null and exists (
    select 1 from gateway.posts o
    where o.client_id = p.client_id and o.platform = p.platform and o.social_id = p.social_id and o.id < p.id);
-- INVARIANT: one post of the network is one row, whatever its address.
create unique index posts_social_id on gateway.posts (client_id, platform, social_id);
create index posts_resolving on gateway.posts (ask_at) where state = 'resolving';
create index posts_merged on gateway.posts (client_id, merged_into) where merged_into is not null;

-- How often an account was asked about posts: reading has limits too. One row an account, a window at a time.
create table gateway.post_lookups (
    client_id   uuid not null,
    account_id  uuid not null,
    asked       integer not null check (asked > 0),
    window_ends timestamptz not null,
    primary key (account_id),
    foreign key (client_id, account_id) references gateway.accounts (client_id, id)
);
alter table gateway.post_lookups enable row level security;
create policy one_tenant on gateway.post_lookups to chorus_gateway
    using (client_id = chorus.current_client()) with check (client_id = chorus.current_client());
grant select, insert, update on gateway.post_lookups to chorus_gateway;

-- Posts of all tenants that are to be looked up now, leased until `p_until`: the gateway's loop names no tenant.
create function gateway.claim_resolving_posts(p_now timestamptz, p_until timestamptz, p_limit integer)
    returns table (post_id uuid, client_id uuid)
    language sql security definer set search_path = pg_catalog, pg_temp as $$
    update gateway.posts p set ask_at = p_until
    from (
        select id from gateway.posts
        where state = 'resolving' and ask_at <= p_now
        order by ask_at limit p_limit
        for update skip locked
    ) due
    where p.id = due.id
    returning p.id, p.client_id
$$;
revoke execute on function gateway.claim_resolving_posts(timestamptz, timestamptz, integer) from public;
grant execute on function gateway.claim_resolving_posts(timestamptz, timestamptz, integer) to chorus_gateway;

-- The author's account is found anew at each look: it may have been connected after the post was registered.
create or replace view gateway.api_posts as
    select p.id as post_id, p.client_id, p.pod_id,
           coalesce((select a.id from gateway.accounts a
                     where a.client_id = p.client_id and a.platform = p.platform
                       and a.profile_id = p.author_provider_id
                     order by a.removed_at nulls first limit 1), p.author_account_id) as author_account_id,
           p.platform, p.url, p.social_id, p.text, p.state, p.published_at,
           p.amplify, p.comment_texts, p.correlation_id, p.scheduled_for, p.priority, p.created_at,
           p.author_provider_id, p.merged_into
    from gateway.posts p;
