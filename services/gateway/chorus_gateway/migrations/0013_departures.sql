-- What an account's owner wants no part of in a pod, by their own word: all of it (`whole`), or some kinds. It outlives the
-- member's row, and nobody but the owner takes it back. Of another owner before them it says nothing.
create table gateway.departures (
    client_id  uuid not null,
    pod_id     uuid not null,
    account_id uuid not null,
    by_user_id uuid not null,
    whole      boolean not null,
    kinds      text[] not null check (kinds <@ array['like', 'comment', 'repost']),
    at         timestamptz not null default clock_timestamp(),
    primary key (pod_id, account_id),
    foreign key (client_id, pod_id) references gateway.pods (client_id, id) on delete cascade,
    foreign key (client_id, account_id) references gateway.accounts (client_id, id),
    foreign key (client_id, by_user_id) references gateway.users (client_id, id)
);
alter table gateway.departures enable row level security;
create policy one_tenant on gateway.departures to chorus_gateway
    using (client_id = chorus.current_client()) with check (client_id = chorus.current_client());
grant select, insert, update on gateway.departures to chorus_gateway;
