-- Whose voice a text is in. It is laid over the text before anybody sees it: what is shown is approved, and goes out byte
-- for byte. `source_text` is what it was before. `pending`: a language model is to say it; nothing goes out meanwhile,
-- and nobody can say yes to what they cannot see.
alter table scheduler.activities
    add column voice text not null default 'none'
        check (voice in ('none', 'cartridge', 'model', 'fallback', 'pending')),
    add column source_text text,
    -- Until when somebody is at it: another may begin after that.
    add column voicing_until timestamptz;
alter table scheduler.activities
    add check (not (voice = 'pending' and (state = 'dispatched' or approval = 'given'))),
    add check (voice <> 'pending' or (source_text is not null and cartridge_id is not null));
create index activities_voicing on scheduler.activities (due_at)
    where voice = 'pending' and state in ('scheduled', 'awaiting_approval');

create or replace view scheduler.api_due as
    select a.id as activity_id, a.execution, a.state, a.client_id, a.post_id, a.account_id, a.attempt, a.max_attempts, a.mode,
           a.kind, a.lane, a.platform, a.provider_account_id, a.target_url, a.target_social_id, a.draft_text as text,
           a.cartridge_id, a.reaction, a.due_at, a.correlation_id, a.voice
    from scheduler.activities a;
