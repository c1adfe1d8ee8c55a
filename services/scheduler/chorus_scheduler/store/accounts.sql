-- name: find_account
-- One account of the tenant, or nothing.
select account_id, provider_account_id, platform, display_name, status, consented_kinds
from gateway.api_accounts
where account_id = %(account_id)s and client_id = %(client_id)s

-- name: limited_account
-- One account of the tenant, or nothing.
select a.platform, greatest(a.connected_at, a.returned_at, r.returned_at) as warms_from
from gateway.api_accounts a
left join scheduler.challenge_returns r on r.account_id = a.account_id
where a.account_id = %(account_id)s and a.client_id = %(client_id)s

-- name: account_standing
-- One row an account that is there; hours and absences as JSON text, null where nobody chose any.
select a.account_id, a.status = 'connected' as connected, a.consented_kinds,
       greatest(a.connected_at, a.returned_at, r.returned_at) as warms_from, a.active_hours::text as active_hours, a.timezone,
       a.approval_modes, a.away::text as away
from gateway.api_accounts a
left join scheduler.challenge_returns r on r.account_id = a.account_id
where a.account_id = any(%(accounts)s)

-- name: participation
-- One row a member that is there; `kinds` are those that it wants and the policy has not switched off.
select member_id, takes_part, kinds, gone, left_kinds from gateway.api_participation where member_id = any(%(members)s)

-- name: pods_of_account
-- One row a pod that it is a member of, active or not.
select pod_id, takes_part, kinds, gone, left_kinds from gateway.api_participation where account_id = %(account_id)s
