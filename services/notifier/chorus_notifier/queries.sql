-- name: add_notifications
insert into notifier.notifications
    (id, event_key, client_id, code, severity, sentence, activity_id, post_id, account_id, campaign_id, user_id,
     correlation_id, happened_at)
select n.id, n.event_key, n.client_id, n.code, n.severity, n.sentence, n.activity_id, n.post_id, n.account_id,
       n.campaign_id, n.user_id, n.correlation_id, n.happened_at
from jsonb_to_recordset(%(rows)s::jsonb) as n (
    id uuid, event_key text, client_id uuid, code text, severity text, sentence text, activity_id uuid, post_id uuid,
    account_id uuid, campaign_id uuid, user_id uuid, correlation_id text, happened_at timestamptz)
on conflict (event_key) do nothing
returning event_key;
