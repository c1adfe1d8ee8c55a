-- Whom a notice is about, where it is about a person and no account: they are told as well as the team's admins.
alter table notifier.notifications add column user_id uuid;
create or replace view notifier.api_notifications as
    select id, client_id, code, severity, sentence, activity_id, post_id, account_id, campaign_id, correlation_id,
           happened_at, created_at, user_id
    from notifier.notifications;
