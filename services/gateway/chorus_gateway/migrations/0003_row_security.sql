-- The gateway's role sees one tenant at a time: the one that its transaction named, or none.
do $$
declare
    name text;
begin
    foreach name in array array[
        'users', 'refresh_tokens', 'api_keys', 'idempotency_keys', 'audit_log', 'accounts', 'consents',
        'voice_cartridges', 'pods', 'pod_members', 'posts'
    ] loop
        execute format('alter table gateway.%I enable row level security', name);
        execute format(
            'create policy one_tenant on gateway.%I to chorus_gateway
                using (client_id = chorus.current_client()) with check (client_id = chorus.current_client())', name);
    end loop;
end $$;

alter table gateway.clients enable row level security;
create policy one_tenant on gateway.clients to chorus_gateway
    using (id = chorus.current_client()) with check (id = chorus.current_client());

alter table gateway.sign_in_attempts enable row level security;

-- Events of all tenants wait here. A tenant's transaction may add one and see none; the relay names no tenant.
alter table gateway.outbox enable row level security;
create policy added_by_tenants on gateway.outbox for insert to chorus_gateway with check (true);
create policy read_by_relay on gateway.outbox for select to chorus_gateway using (chorus.current_client() is null);
create policy emptied_by_relay on gateway.outbox for delete to chorus_gateway using (chorus.current_client() is null);

grant select, insert, update on gateway.clients, gateway.users, gateway.refresh_tokens, gateway.api_keys
    to chorus_gateway;
grant select, insert, update, delete on gateway.idempotency_keys, gateway.voice_cartridges, gateway.pods,
    gateway.pod_members, gateway.posts to chorus_gateway;
grant select, insert on gateway.audit_log, gateway.consents to chorus_gateway;
grant select, insert, delete on gateway.outbox to chorus_gateway;
-- Not consented_kinds: what is in force follows from the log alone.
grant select on gateway.accounts to chorus_gateway;
grant insert (id, client_id, owner_user_id, provider, provider_account_id, platform, display_name, linkedin_url,
              timezone, active_hours, status) on gateway.accounts to chorus_gateway;
grant update (owner_user_id, display_name, linkedin_url, timezone, active_hours, status, connected_at, removed_at,
              updated_at) on gateway.accounts to chorus_gateway;
grant usage on all sequences in schema gateway to chorus_gateway;
