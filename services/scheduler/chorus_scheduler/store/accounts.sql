-- name: find_account
-- One account of the tenant, or nothing.
select account_id, provider_account_id, platform, display_name, status, consented_kinds
from gateway.api_accounts
where account_id = %(account_id)s and client_id = %(client_id)s

-- name: limited_account
-- One account of the tenant, or nothing.
select platform, connected_at from gateway.api_accounts where account_id = %(account_id)s and client_id = %(client_id)s

-- name: account_standing
-- One row an account that is there; hours as JSON text, null where nobody chose any.
select account_id, status = 'connected' as connected, consented_kinds, connected_at, active_hours::text as active_hours,
       timezone
from gateway.api_accounts
where account_id = any(%(accounts)s)

-- name: participation
-- One row a member that is there; `kinds` are those that it wants and the policy has not switched off.
select member_id, takes_part, kinds from gateway.api_participation where member_id = any(%(members)s)

-- name: pods_of_account
-- One row a pod that it is a member of, active or not.
select pod_id, takes_part, kinds from gateway.api_participation where account_id = %(account_id)s
