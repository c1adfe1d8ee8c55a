-- Whoever has signed an account in again has dealt with what the network asked before: the account's challenge is ended
-- for them. Null: not seen to yet. What was connected before this is nobody's to see to any more.
alter table gateway.account_links add column answered_at timestamptz;
update gateway.account_links set answered_at = settled_at where state = 'connected';
create index account_links_unanswered on gateway.account_links (settled_at) where state = 'connected' and answered_at is null;

-- Of all tenants: the gateway's loop names none.
create function gateway.unanswered_account_links(p_limit integer) returns table (link_id uuid, client_id uuid)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select l.id, l.client_id from gateway.account_links l
    where l.state = 'connected' and l.answered_at is null order by l.settled_at limit p_limit
$$;
revoke execute on function gateway.unanswered_account_links(integer) from public;
grant execute on function gateway.unanswered_account_links(integer) to chorus_gateway;

-- When an outside issuer last said what a person's role is, by its own clock: an older token says nothing any more.
alter table gateway.users add column role_said_at timestamptz;
