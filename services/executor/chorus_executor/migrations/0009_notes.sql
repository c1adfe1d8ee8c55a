-- A program that writes `true` notes what of the account's is there before each publication, or that nobody could tell
-- (JSON's null). Its publications that noted neither were never called.
alter table engagement.attempts add column notes boolean not null default false;
alter table engagement.attempts drop constraint attempts_stood_check;
alter table engagement.attempts add constraint attempts_stood_check check (jsonb_typeof(stood) in ('array', 'null'));
