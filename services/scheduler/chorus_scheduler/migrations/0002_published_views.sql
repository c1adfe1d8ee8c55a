-- What other services may read. The gateway reads one tenant at a time: its views belong to
-- `chorus_tenant_reader`, and row-level security judges by the view's owner. They are no security barriers:
-- the policies on the tables are, and a barrier would keep ORDER BY and LIMIT from the indexes.
alter table scheduler.activities enable row level security;
alter table scheduler.decisions enable row level security;
alter table scheduler.pauses enable row level security;
alter table scheduler.rate_limits enable row level security;
alter table scheduler.post_plans enable row level security;

create policy own_service on scheduler.activities to chorus_scheduler using (true) with check (true);
create policy own_service on scheduler.decisions to chorus_scheduler using (true) with check (true);
create policy own_service on scheduler.pauses to chorus_scheduler using (true) with check (true);
create policy own_service on scheduler.rate_limits to chorus_scheduler using (true) with check (true);
create policy own_service on scheduler.post_plans to chorus_scheduler using (true) with check (true);

create policy one_tenant on scheduler.activities for select to chorus_tenant_reader
    using (client_id = chorus.current_client());
create policy one_tenant on scheduler.decisions for select to chorus_tenant_reader
    using (client_id = chorus.current_client());
create policy one_tenant on scheduler.pauses for select to chorus_tenant_reader
    using (client_id = chorus.current_client() or scope = 'everything');
create policy one_tenant on scheduler.rate_limits for select to chorus_tenant_reader
    using (client_id = chorus.current_client() or client_id is null);

grant select on scheduler.activities, scheduler.decisions, scheduler.pauses, scheduler.rate_limits to chorus_tenant_reader;

create view scheduler.api_activities as
    select id, client_id, post_id, pod_id, account_id, member_id, member_name, platform, kind, lane, state,
           reason_code, reason, target_url, draft_text, scheduled_for, due_at, priority, attempt, max_attempts,
           execution, dispatched_at, executed_at, failure_count, last_error, next_retry_at, result, result_url,
           final_text, verified, parked_by, needs_person, approval_expires_at, correlation_id, created_at, updated_at
    from scheduler.activities;
create view scheduler.api_decisions as
    select id, client_id, activity_id, post_id, account_id, kind, code, sentence, limit_name, limit_value, limit_used,
           next_possible_at, actor, detail, correlation_id, at
    from scheduler.decisions;
create view scheduler.api_pauses as
    select id, scope, client_id, scope_id, code, reason, evidence, paused_by, paused_at, resumed_by, resumed_at
    from scheduler.pauses;
create view scheduler.api_rate_limits as
    select client_id, account_id, platform, kind, per_hour, per_day, cooldown from scheduler.rate_limits;

grant create on schema scheduler to chorus_tenant_reader;
alter view scheduler.api_activities owner to chorus_tenant_reader;
alter view scheduler.api_decisions owner to chorus_tenant_reader;
alter view scheduler.api_pauses owner to chorus_tenant_reader;
alter view scheduler.api_rate_limits owner to chorus_tenant_reader;
revoke create on schema scheduler from chorus_tenant_reader;

grant select on scheduler.api_activities, scheduler.api_decisions, scheduler.api_pauses, scheduler.api_rate_limits
    to chorus_gateway;

-- What an executor looks at once more before it acts: does the activity still stand?
create view scheduler.api_standing as
    select a.id as activity_id, a.client_id, a.account_id, a.pod_id, a.kind, a.state, a.execution,
           p.code as pause_code, p.reason as pause_reason
    from scheduler.activities a
    left join lateral (
        select p.code, p.reason
        from scheduler.pauses p
        where p.resumed_at is null
          and (p.scope = 'everything'
               or (p.client_id = a.client_id
                   and (p.scope = 'tenant'
                        or (p.scope = 'pod' and p.scope_id = a.pod_id)
                        or (p.scope = 'account' and p.scope_id = a.account_id))))
        limit 1
    ) p on true;
grant select on scheduler.api_standing to chorus_executor, chorus_browser_repost;
