-- The names of what of the account's was there right before the call, where its effect is told by that: noted before the
-- call, so that whoever looks for its effect needs no clock.
alter table engagement.attempts
    add column stood jsonb check (jsonb_typeof(stood) = 'array');
