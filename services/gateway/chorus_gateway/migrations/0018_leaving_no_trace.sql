-- A password that was chosen in a session which a link had opened rests on the account that was shown there. Whose last
-- account is gone has shown nothing any more.
alter table gateway.users add column password_of_link boolean not null default false;
-- Which passwords of before were chosen so nobody noted: those of people who joined by a link, and who did not have one.
update gateway.users u set password_of_link = true
where u.password_hash is not null and not u.password_temporary
  and exists (select from gateway.invitations i where i.user_id = u.id and i.purpose = 'join');

-- What is written in the audit log stays, but for what names somebody who was erased: see `forget_in_audit`.
create or replace function gateway.refuse_change() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'UPDATE' and tg_table_name = 'audit_log' and current_setting('chorus.erasing', true) = 'audit_log' then
        if (to_jsonb(new) - '{detail,address}'::text[]) = (to_jsonb(old) - '{detail,address}'::text[])
           and new.detail in (old.detail, old.detail - '{email,name}'::text[])
           and (new.address is null or new.address = old.address) then
            return new;
        end if;
    end if;
    raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'insufficient_privilege';
end $$;

-- Name and e-mail address in what was written about a person, and where their own requests came from. The fact, its time
-- and its ids stay. To be asked for while their row still has the address; of the asker's own tenant.
create function gateway.forget_in_audit(p_user_id uuid) returns integer
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    known gateway.users;
    blanked integer;
begin
    select * into known from gateway.users
    where id = p_user_id and client_id = chorus.current_client();
    if not found then
        return 0;
    end if;
    perform set_config('chorus.erasing', 'audit_log', true);
    update gateway.audit_log l
    set detail = case when l.subject_id = known.id or lower(l.detail ->> 'email') = known.email
                      then l.detail - '{email,name}'::text[] else l.detail end,
        address = case when l.actor_id = known.id then null else l.address end
    where l.client_id = known.client_id
      and (l.subject_id = known.id or l.actor_id = known.id or lower(l.detail ->> 'email') = known.email);
    get diagnostics blanked = row_count;
    perform set_config('chorus.erasing', '', true);
    return blanked;
end $$;
revoke execute on function gateway.forget_in_audit(uuid) from public;
grant execute on function gateway.forget_in_audit(uuid) to chorus_gateway;
