-- name: rate_limits
-- All of them: of everybody, of tenants, of accounts.
select client_id, account_id, platform, kind, per_hour, per_day, cooldown from scheduler.rate_limits

-- name: pod_policies
-- One row a pod that is there.
select pod_id, policy from gateway.api_pods where pod_id = any(%(pods)s)
