-- Whole days, in the account's own time zone, on which nothing is done in its owner's name; the last one included.
create table gateway.absences (
    id         uuid primary key,
    client_id  uuid not null,
    account_id uuid not null,
    first_day  date not null,
    last_day   date not null,
    reason     text check (length(reason) between 1 and 200),
    -- The account's own person said so, who alone takes it back; otherwise whoever manages the team.
    by_owner   boolean not null,
    made_by    text not null,
    made_at    timestamptz not null default clock_timestamp(),
    unique (client_id, id),
    foreign key (client_id, account_id) references gateway.accounts (client_id, id),
    check (first_day <= last_day)
);
create index absences_of_account on gateway.absences (account_id, first_day);
create index absences_end on gateway.absences (last_day);

alter table gateway.absences enable row level security;
create policy one_tenant on gateway.absences to chorus_gateway
    using (client_id = chorus.current_client()) with check (client_id = chorus.current_client());
grant select, insert, update, delete on gateway.absences to chorus_gateway;

-- Pairs of a first and a last day: what planning reads beside the hours; null, as nearly always: nobody is away. Kept by
-- the trigger below and by nothing else.
alter table gateway.accounts add column away jsonb;

create function gateway.apply_absences() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    changed gateway.absences := case tg_op when 'DELETE' then old else new end;
begin
    update gateway.accounts a
    set away = (select jsonb_agg(jsonb_build_array(b.first_day, b.last_day) order by b.first_day, b.last_day)
                from gateway.absences b
                where b.account_id = a.id)
    where a.id = changed.account_id and a.client_id = changed.client_id;
    return null;
end $$;
create trigger in_force after insert or update or delete on gateway.absences
    for each row execute function gateway.apply_absences();
revoke execute on function gateway.apply_absences() from public;

create or replace view gateway.api_accounts as
    select a.id as account_id, a.client_id, a.provider_account_id, a.platform, a.display_name,
           case when a.removed_at is not null then 'disconnected'
                when a.standing = 'connected' and a.challenged_at is not null then 'challenged'
                else a.standing end as status,
           a.timezone, a.connected_at, a.active_hours,
           case when u.active and u.role <> 'viewer' then a.consented_kinds else '{}'::text[] end as consented_kinds,
           case when not u.active or u.role = 'viewer' then 'owner_disabled' end as withheld,
           a.profile_id,
           case when a.removed_at is null and a.status = 'connected' then a.provider_status end as provider_status,
           a.returned_at, a.approval_modes, a.away
    from gateway.accounts a
    join gateway.users u on u.id = a.owner_user_id;

create or replace function gateway.purge(p_what text, p_most integer) returns integer
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
    when 'page_sessions' then
        delete from gateway.page_sessions where ctid = any (array(
            select ctid from gateway.page_sessions where expires_at < clock_timestamp() - interval '7 days'
            limit p_most for update skip locked));
    when 'invitations' then
        delete from gateway.invitations where ctid = any (array(
            select ctid from gateway.invitations where expires_at < clock_timestamp() - interval '180 days'
            limit p_most for update skip locked));
    when 'absences' then
        delete from gateway.absences where ctid = any (array(
            select ctid from gateway.absences where last_day < current_date - 90
            limit p_most for update skip locked));
    end case;
    get diagnostics gone = row_count;
    return gone;
end $$;
