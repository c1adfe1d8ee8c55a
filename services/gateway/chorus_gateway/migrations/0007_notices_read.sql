-- Who has read which notice. The notices are the notifier's; that somebody has read one is the gateway's to know.
create table gateway.notices_read (
    client_id       uuid not null,
    user_id         uuid not null,
    notification_id uuid not null,
    read_at         timestamptz not null default clock_timestamp(),
    primary key (user_id, notification_id),
    foreign key (client_id, user_id) references gateway.users (client_id, id)
);
alter table gateway.notices_read enable row level security;
create policy one_tenant on gateway.notices_read to chorus_gateway
    using (client_id = chorus.current_client()) with check (client_id = chorus.current_client());
grant select, insert on gateway.notices_read to chorus_gateway;
