-- Whoever holds what the network shows against the ledger must know what is out, in whatever state its row is.
create or replace view scheduler.api_activities as
    select id, client_id, post_id, pod_id, account_id, member_id, member_name, platform, kind, lane, state,
           reason_code, reason, target_url, draft_text, scheduled_for, due_at, priority, attempt, max_attempts,
           execution, dispatched_at, executed_at, failure_count, last_error, next_retry_at, result, result_url,
           final_text, verified, parked_by, needs_person, approval_expires_at, correlation_id, created_at, updated_at,
           effect, stopped_at, stopped_by, stop_code, stop_reason, approval, approved_by, approved_at,
           unheard <> '{}' as is_out
    from scheduler.activities;
