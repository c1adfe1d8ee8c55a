-- What people are told inside the product. One event is told once, however often it is delivered.
create schema notifier;
grant usage on schema notifier to chorus_notifier, chorus_gateway, chorus_tenant_reader;

create table notifier.notifications (
    id             uuid primary key,
    event_key      text not null unique,
    client_id      uuid not null,
    code           text not null check (code ~ '^[a-z][a-z_]+$'),
    severity       text not null check (severity in ('info', 'warning', 'critical')),
    sentence       text not null check (length(sentence) >= 10),
    activity_id    uuid,
    post_id        uuid,
    -- The account that acted: its owner is told as well as the tenant's admins.
    account_id     uuid,
    campaign_id    uuid,
    correlation_id text not null,
    happened_at    timestamptz not null,
    created_at     timestamptz not null default clock_timestamp()
);
create index notifications_listing on notifier.notifications (client_id, id desc);

alter table notifier.notifications enable row level security;
create policy own_service on notifier.notifications to chorus_notifier using (true) with check (true);
create policy one_tenant on notifier.notifications for select to chorus_tenant_reader
    using (client_id = chorus.current_client());
grant select, insert, delete on notifier.notifications to chorus_notifier;
grant select on notifier.notifications to chorus_tenant_reader;

create view notifier.api_notifications as
    select id, client_id, code, severity, sentence, activity_id, post_id, account_id, campaign_id, correlation_id,
           happened_at, created_at
    from notifier.notifications;
grant create on schema notifier to chorus_tenant_reader;
alter view notifier.api_notifications owner to chorus_tenant_reader;
revoke create on schema notifier from chorus_tenant_reader;
grant select on notifier.api_notifications to chorus_gateway;
