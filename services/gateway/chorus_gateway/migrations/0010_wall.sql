-- The gateway as a wall: guesses at passwords, idempotency keys of a person, what grows and is removed, and who may
-- read what. Nothing here answers to a tenant about another one.

-- Guesses. A wait grows with each one beyond the free ones, and ends by itself: nobody is shut out by others' guesses.
alter table gateway.sign_in_attempts add column next_at timestamptz not null default clock_timestamp();
create index sign_in_attempts_end on gateway.sign_in_attempts (window_ends);

-- Counted before it is judged, so that many at once are no way around it. Answers the seconds to wait; 0: go on.
create function gateway.take_guess(p_subject bytea, p_free integer, p_longest interval, p_window interval)
    returns integer
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    present timestamptz := clock_timestamp();
    known   gateway.sign_in_attempts;
begin
    insert into gateway.sign_in_attempts (subject, attempts, window_ends, next_at)
        values (p_subject, 0, present + p_window, present) on conflict do nothing;
    select * into known from gateway.sign_in_attempts where subject = p_subject for update;
    if not found or known.window_ends <= present then
        known.attempts := 0;
        known.next_at := present;
    end if;
    if known.next_at > present then
        return greatest(1, ceil(extract(epoch from known.next_at - present))::integer);
    end if;
    update gateway.sign_in_attempts set
        attempts = known.attempts + 1,
        window_ends = present + p_window,
        next_at = case when known.attempts < p_free then present
            else present + least(p_longest, interval '1 second' * (2 ^ least(known.attempts - p_free, 20))) end
        where subject = p_subject;
    return 0;
end $$;

-- One that was right does not count; `p_all`: and all before it are forgotten.
create function gateway.return_guess(p_subject bytea, p_all boolean) returns void
    language sql security definer set search_path = pg_catalog, pg_temp as $$
    update gateway.sign_in_attempts
    set attempts = case when p_all then 0 else greatest(attempts - 1, 0) end, next_at = clock_timestamp()
    where subject = p_subject
$$;

-- Where somebody has signed in from, as a digest of who and where: guesses of others do not keep them out there.
create table gateway.known_places (
    subject     bytea primary key,
    known_until timestamptz not null
);
create index known_places_end on gateway.known_places (known_until);
alter table gateway.known_places enable row level security;

create function gateway.knows_place(p_subject bytea) returns boolean
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select exists (select from gateway.known_places k where k.subject = p_subject and k.known_until > clock_timestamp())
$$;

create function gateway.note_place(p_subject bytea, p_for interval) returns void
    language sql security definer set search_path = pg_catalog, pg_temp as $$
    insert into gateway.known_places (subject, known_until) values (p_subject, clock_timestamp() + p_for)
    on conflict (subject) do update set known_until = excluded.known_until
$$;

drop function gateway.take_sign_in_attempt(bytea, integer, interval);
drop function gateway.return_sign_in_attempt(bytea);

-- One e-mail may be known in several teams: that it is taken elsewhere would be news about others.
alter table gateway.users drop constraint users_email_key;
alter table gateway.users add constraint users_email unique (client_id, email);
create index users_sign_in on gateway.users (email);

drop function gateway.find_sign_in(text);
create function gateway.find_sign_ins(p_email text) returns table (user_id uuid, client_id uuid, password_hash text)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select u.id, u.client_id, u.password_hash from gateway.users u
    where u.email = lower(p_email) and u.active and u.password_hash is not null
    order by u.created_at, u.id limit 8
$$;

-- A key is that of whoever asks, not of the whole team.
alter table gateway.idempotency_keys add column actor text not null default '';
alter table gateway.idempotency_keys drop constraint idempotency_keys_pkey;
alter table gateway.idempotency_keys add primary key (client_id, actor, route, key);

-- What is past its time, `p_most` rows of one table at a time. Answers how many went; docs/operations.md has the table.
drop function gateway.purge_expired();
create function gateway.purge(p_what text, p_most integer) returns integer
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    gone integer;
begin
    case p_what
    when 'idempotency_keys' then
        delete from gateway.idempotency_keys where ctid = any (array(
            select ctid from gateway.idempotency_keys where created_at < clock_timestamp() - interval '24 hours'
            limit p_most for update skip locked));
    when 'refresh_tokens' then
        delete from gateway.refresh_tokens where ctid = any (array(
            select ctid from gateway.refresh_tokens where expires_at < clock_timestamp() - interval '7 days'
            limit p_most for update skip locked));
    when 'sign_in_attempts' then
        delete from gateway.sign_in_attempts where ctid = any (array(
            select ctid from gateway.sign_in_attempts where window_ends < clock_timestamp()
            limit p_most for update skip locked));
    when 'known_places' then
        delete from gateway.known_places where ctid = any (array(
            select ctid from gateway.known_places where known_until < clock_timestamp()
            limit p_most for update skip locked));
    end case;
    get diagnostics gone = row_count;
    return gone;
end $$;

revoke execute on all functions in schema gateway from public;
grant execute on function gateway.take_guess(bytea, integer, interval, interval),
    gateway.return_guess(bytea, boolean), gateway.knows_place(bytea), gateway.note_place(bytea, interval),
    gateway.find_sign_ins(text), gateway.purge(text, integer) to chorus_gateway;

-- Each role reads what its work asks for, column by column where a view shows more. Texts of posts that are not
-- published are for the scheduler alone, which hands them over; of an account's name and hours an executor knows
-- nothing; the notifier reads nothing of the gateway. A column that is added is seen by nobody until it is granted here.
revoke all on gateway.api_posts, gateway.api_pods, gateway.api_members, gateway.api_accounts, gateway.api_cartridges,
    gateway.api_participation from chorus_scheduler, chorus_executor, chorus_browser_repost, chorus_notifier;
revoke usage on schema gateway from chorus_notifier;

grant select on gateway.api_posts, gateway.api_pods, gateway.api_members, gateway.api_accounts, gateway.api_cartridges,
    gateway.api_participation to chorus_scheduler;
grant select (account_id, client_id, provider_account_id, platform, status, consented_kinds, withheld, profile_id)
    on gateway.api_accounts to chorus_executor, chorus_browser_repost;
grant select on gateway.api_participation to chorus_executor, chorus_browser_repost;
grant select (post_id, client_id, pod_id, amplify) on gateway.api_posts to chorus_executor;
grant select (cartridge_id, client_id, version, definition) on gateway.api_cartridges to chorus_executor;
