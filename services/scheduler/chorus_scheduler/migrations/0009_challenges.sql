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

-- The provider may call an account otherwise than on the day of the plan: its owner has connected it anew since.
create or replace view scheduler.api_due as
    select a.id as activity_id, a.execution, a.state, a.client_id, a.post_id, a.account_id, a.attempt, a.max_attempts, a.mode,
           a.kind, a.lane, a.platform, coalesce(c.provider_account_id, a.provider_account_id) as provider_account_id,
           a.target_url, a.target_social_id, a.draft_text as text, a.cartridge_id, a.reaction, a.due_at, a.correlation_id,
           a.voice
    from scheduler.activities a
    left join gateway.api_accounts c on c.account_id = a.account_id;
