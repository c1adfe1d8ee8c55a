-- What an activity is about: a post, a person of the network, or an occasion (what happened once and is answered once).
-- A post is in `post_id`, as in all rows of before and in those that programs of before go on to write; the others are in
-- `subject`. The table is neither read nor written here: columns have constant defaults, and the check holds for what is
-- written from now on. That it holds for the rest follows in a transaction of its own, for this one keeps everybody out.
alter table scheduler.activities
    add column subject_kind text not null default 'post',
    add column subject      uuid,
    alter column post_id drop not null,
    add constraint activities_subject check (
        subject_kind in ('post', 'person', 'occasion')
        and (subject_kind = 'post') = (post_id is not null)
        and (subject_kind = 'post') = (subject is null)) not valid;

-- An executor is told whom or what it acts on.
create or replace view scheduler.api_due as
    select a.id as activity_id, a.execution, a.state, a.client_id, a.post_id, a.account_id, a.attempt, a.max_attempts, a.mode,
           a.kind, a.lane, a.platform, coalesce(c.provider_account_id, a.provider_account_id) as provider_account_id,
           a.target_url, a.target_social_id, a.draft_text as text, a.cartridge_id, a.reaction, a.due_at, a.correlation_id,
           a.voice, coalesce(a.acts_until, a.due_at + interval '30 seconds') as acts_until, a.subject_kind, a.subject
    from scheduler.activities a
    left join gateway.api_accounts c on c.account_id = a.account_id
    where a.unheard <> '{}';
