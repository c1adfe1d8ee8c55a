-- Whether an account's sign-in is still there is looked at again and again, for what the provider's calls do not tell.
alter table scheduler.watches
    drop constraint watches_kind_check,
    add constraint watches_kind_check check (
        kind in ('posts_of_account', 'comments_of_post', 'messages_of_conversation', 'status_of_account'));

-- Whose status is looked at: an account whose person agreed to something, that works, or that does not by the provider's
-- word alone. What somebody set by hand, what is gone there, and what nobody uses is not looked at.
create view scheduler.wanted_statuses as
    select a.client_id, a.account_id
    from gateway.api_accounts a
    where a.platform = 'linkedin' and cardinality(a.consented_kinds) > 0
      and (a.status in ('connected', 'challenged') or (a.status = a.provider_status and a.status <> 'disconnected'));
grant select on scheduler.wanted_statuses to chorus_scheduler;

-- All that is to be watched, once each. No `every_seconds`: as the scheduler's setting says.
create view scheduler.wanted_watches as
    select client_id, 'posts_of_account' as kind, account_id, min(every_seconds) as every_seconds
    from scheduler.wanted_detections
    group by client_id, account_id
    union all
    select client_id, 'status_of_account', account_id, null
    from scheduler.wanted_statuses;
grant select on scheduler.wanted_watches to chorus_scheduler;

create or replace view scheduler.watch_standing as
    select w.id as watch_id, c.provider_account_id, c.platform, c.connected_at, coalesce(c.status, 'removed') as account_status,
           coalesce(case w.kind when 'status_of_account' then cardinality(c.consented_kinds) > 0
                                else case w.kind when 'posts_of_account' then 'detect_posts'
                                                 when 'comments_of_post' then 'scan_comments'
                                                 else 'read_replies' end = any(c.consented_kinds) end, false) as consented,
           w.ended_at is null and (w.kind <> 'posts_of_account' or coalesce(d.pods, 0) > 0)
               and (w.kind <> 'status_of_account' or exists (
                   select from scheduler.wanted_statuses s where s.account_id = w.account_id and s.client_id = w.client_id))
               as wanted,
           p.reason as pause_reason, c.returned_at
    from scheduler.watches w
    left join gateway.api_accounts c on c.account_id = w.account_id and c.client_id = w.client_id
    left join lateral (
        select count(*) as pods, array_agg(d.pod_id) as ids
        from scheduler.wanted_detections d
        where w.kind = 'posts_of_account' and d.account_id = w.account_id and d.client_id = w.client_id
    ) d on true
    left join lateral (
        select p.reason
        from scheduler.pauses p
        where p.resumed_at is null
          and (p.scope = 'everything'
               or (p.client_id = w.client_id
                   and (p.scope = 'tenant'
                        or (p.scope = 'account' and p.scope_id = w.account_id)
                        or (p.scope = 'pod' and p.scope_id = d.ids[1] and not exists (
                                select 1 from unnest(d.ids) as asking (pod_id)
                                where not exists (
                                    select 1 from scheduler.pauses o
                                    where o.scope = 'pod' and o.client_id = w.client_id and o.resumed_at is null
                                      and o.scope_id = asking.pod_id))))))
        limit 1
    ) p on true;
