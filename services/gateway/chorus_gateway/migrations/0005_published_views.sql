-- What the other services may read, of all tenants. They belong to the migration owner, so row-level
-- security does not narrow them; the gateway's own role may not read them.
create view gateway.api_posts as
    select id as post_id, client_id, pod_id, author_account_id, platform, url, social_id, text, state, published_at,
           amplify, comment_texts, correlation_id, scheduled_for, priority, created_at
    from gateway.posts;

create view gateway.api_pods as
    select id as pod_id, client_id, name, active and removed_at is null as active, policy, cartridge_id
    from gateway.pods;

create view gateway.api_members as
    select id as member_id, client_id, pod_id, account_id, name, linkedin_url, active, phrases, cartridge_id, kinds,
           created_at
    from gateway.pod_members;

create view gateway.api_accounts as
    select id as account_id, client_id, provider_account_id, platform, display_name,
           case when removed_at is null then status else 'disconnected' end as status,
           timezone, connected_at, active_hours, consented_kinds
    from gateway.accounts;

create view gateway.api_cartridges as
    select id as cartridge_id, client_id, name, version, definition from gateway.voice_cartridges;

grant select on gateway.api_posts, gateway.api_pods, gateway.api_members, gateway.api_accounts, gateway.api_cartridges
    to chorus_scheduler, chorus_executor, chorus_browser_repost, chorus_notifier;
