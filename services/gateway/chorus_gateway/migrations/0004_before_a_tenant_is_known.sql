-- What has to be asked before it is known who asks. Each function answers one question about one row and
-- runs as its owner, past row-level security; none lists anything.
create function gateway.find_sign_in(p_email text)
    returns table (user_id uuid, client_id uuid, password_hash text)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select u.id, u.client_id, u.password_hash from gateway.users u
    where u.email = lower(p_email) and u.active
$$;

create function gateway.find_refresh_token(p_hash bytea) returns table (token_id uuid, client_id uuid)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select t.id, t.client_id from gateway.refresh_tokens t where t.token_hash = p_hash
$$;

create function gateway.find_api_key(p_hash bytea) returns table (key_id uuid, client_id uuid)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select k.id, k.client_id from gateway.api_keys k where k.key_hash = p_hash
$$;

-- Counts an attempt before it is judged, so that many at once are no way around the limit.
-- Answers the seconds that this subject has to wait; 0: it may try.
create function gateway.take_sign_in_attempt(p_subject bytea, p_limit integer, p_window interval) returns integer
    language sql security definer set search_path = pg_catalog, pg_temp as $$
    insert into gateway.sign_in_attempts as a (subject, attempts, window_ends)
    values (p_subject, 1, clock_timestamp() + p_window)
    on conflict (subject) do update set
        attempts = case when a.window_ends <= clock_timestamp() then 1 else least(a.attempts, p_limit) + 1 end,
        window_ends = case when a.window_ends <= clock_timestamp() then excluded.window_ends else a.window_ends end
    returning case when a.attempts <= p_limit then 0
        else greatest(1, ceil(extract(epoch from a.window_ends - clock_timestamp()))::integer) end
$$;

-- An attempt that succeeded does not count.
create function gateway.return_sign_in_attempt(p_subject bytea) returns void
    language sql security definer set search_path = pg_catalog, pg_temp as $$
    update gateway.sign_in_attempts set attempts = greatest(attempts - 1, 0) where subject = p_subject
$$;

-- Removes what nobody can use any more, of all tenants.
create function gateway.purge_expired() returns bigint
    language sql security definer set search_path = pg_catalog, pg_temp as $$
    with keys as (
        delete from gateway.idempotency_keys where created_at < clock_timestamp() - interval '24 hours' returning 1
    ), tokens as (
        delete from gateway.refresh_tokens where expires_at < clock_timestamp() - interval '7 days' returning 1
    ), attempts as (
        delete from gateway.sign_in_attempts where window_ends < clock_timestamp() returning 1
    )
    select (select count(*) from keys) + (select count(*) from tokens) + (select count(*) from attempts)
$$;

revoke execute on all functions in schema gateway from public;
grant execute on function gateway.find_sign_in(text), gateway.find_refresh_token(bytea), gateway.find_api_key(bytea),
    gateway.take_sign_in_attempt(bytea, integer, interval), gateway.return_sign_in_attempt(bytea),
    gateway.purge_expired() to chorus_gateway;
