-- name: rate_limits
-- All of them: of everybody, of tenants, of accounts.
select client_id, account_id, platform, kind, per_hour, per_day, cooldown, narrows, by_owner from scheduler.rate_limits

-- name: pod_policies
-- One row a pod that is there.
select pod_id, policy from gateway.api_pods where pod_id = any(%(pods)s)

-- name: insert_limit
-- One row, or none where somebody was first.
insert into scheduler.rate_limits
    (client_id, account_id, platform, kind, per_hour, per_day, cooldown, narrows, by_owner, set_at, set_by)
values (%(client_id)s, %(account_id)s, %(platform)s, %(kind)s, %(per_hour)s, %(per_day)s, %(cooldown)s, %(narrows)s,
        %(by_owner)s, %(now)s, %(actor)s)
on conflict do nothing

-- name: update_limit
-- One row, or none where it is not the one that was seen. No two have one `set_at`, whatever the clock says.
update scheduler.rate_limits
set per_hour = %(per_hour)s, per_day = %(per_day)s, cooldown = %(cooldown)s, narrows = %(narrows)s,
    set_by = %(actor)s, set_at = greatest(%(now)s, set_at + interval '1 microsecond')
where client_id = %(client_id)s and account_id is not distinct from %(account_id)s::uuid and platform = %(platform)s
  and kind = %(kind)s and by_owner = %(by_owner)s and set_at = %(seen)s

-- name: remove_limit
-- One row, or none where it is not the one that was seen.
delete from scheduler.rate_limits
where client_id = %(client_id)s and account_id is not distinct from %(account_id)s::uuid and platform = %(platform)s
  and kind = %(kind)s and by_owner = %(by_owner)s and set_at = %(seen)s
