-- name: standing
select client_id, account_id, platform, kind, per_hour, per_day, cooldown, set_at, set_by, narrows, by_owner
from scheduler.api_rate_limits
where platform = %(platform)s and kind = %(kind)s and (account_id is null or account_id = %(account_id)s::uuid)
order by by_owner desc, account_id nulls last, client_id nulls last

-- name: defaults
-- Of everybody: every network and action of Q3.
select platform, action, kind, per_hour, per_day, cooldown, source
from scheduler.api_default_limits
order by platform, action

-- name: of_tenant
select client_id, account_id, platform, kind, per_hour, per_day, cooldown, set_at, set_by, narrows, by_owner
from scheduler.api_rate_limits
where account_id is null
order by platform, kind, client_id nulls last
