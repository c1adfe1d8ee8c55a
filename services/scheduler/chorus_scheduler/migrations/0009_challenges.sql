-- A challenge may be met while a person's pause is in force (by a call that was under way, by a look): each is a pause of
-- its own, with its own end. Lifting the person's pause lifts no challenge.
drop index scheduler.pauses_in_force;
create unique index pauses_in_force
    on scheduler.pauses (scope, client_id, scope_id, (code = 'challenge')) nulls not distinct
    where resumed_at is null;

create or replace view scheduler.api_account_resumes as
    select p.client_id, p.scope_id as account_id, p.resumed_at
    from scheduler.pauses p
    where p.scope = 'account' and p.code = 'challenge' and p.resumed_at is not null;
