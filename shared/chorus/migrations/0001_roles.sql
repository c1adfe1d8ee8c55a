-- Roles are the cluster's, so another database may have made them already. They can sign in only once
-- an operator gives them a password; they own nothing.
do $$
declare
    name text;
begin
    foreach name in array array[
        'chorus_gateway', 'chorus_scheduler', 'chorus_executor', 'chorus_browser_repost', 'chorus_notifier'
    ] loop
        begin
            execute format('create role %I login', name);
        exception when duplicate_object or unique_violation then null;
        end;
    end loop;
    begin
        -- Owns the views through which the gateway reads other services' rows: row-level security
        -- judges a view by its owner, and this owner sees one tenant at a time.
        create role chorus_tenant_reader nologin;
    exception when duplicate_object or unique_violation then null;
    end;
end $$;

revoke create on schema public from public;

grant usage on schema chorus to
    chorus_gateway, chorus_scheduler, chorus_executor, chorus_browser_repost, chorus_notifier, chorus_tenant_reader;

create function chorus.current_client() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('chorus.client_id', true), '')::uuid;

comment on function chorus.current_client is
    'The tenant of this transaction, set with set_config(''chorus.client_id'', …, true). No tenant set: no rows.';

grant select on chorus.migrations to
    chorus_gateway, chorus_scheduler, chorus_executor, chorus_browser_repost, chorus_notifier;
