-- Executors read the orders that are out, whatever their state, and of nothing else what it says: drafts wait for their
-- people here, and what has ended is nobody's business there. That an execution is over is seen in `api_standing`.
create or replace view scheduler.api_due as
    select a.id as activity_id, a.execution, a.state, a.client_id, a.post_id, a.account_id, a.attempt, a.max_attempts, a.mode,
           a.kind, a.lane, a.platform, coalesce(c.provider_account_id, a.provider_account_id) as provider_account_id,
           a.target_url, a.target_social_id, a.draft_text as text, a.cartridge_id, a.reaction, a.due_at, a.correlation_id,
           a.voice, coalesce(a.acts_until, a.due_at + interval '30 seconds') as acts_until
    from scheduler.activities a
    left join gateway.api_accounts c on c.account_id = a.account_id
    where a.unheard <> '{}';
