-- Who takes part in what, in one place: asked when planning, at hand-over and right before the irreversible step.
-- No row: the member was removed. `takes_part` false: the member or the pod is not active. `kinds`: what the member
-- wants to do and the pod's policy has not switched off; consent is the account's and is asked beside it.
create view gateway.api_participation as
    select m.id as member_id, m.client_id, m.pod_id, m.account_id,
           m.active and p.active and p.removed_at is null as takes_part,
           array(select k.kind from unnest(m.kinds) as k (kind)
                 where coalesce((p.policy -> k.kind ->> 'enabled')::boolean, true)) as kinds
    from gateway.pod_members m
    join gateway.pods p on p.id = m.pod_id;

grant select on gateway.api_participation to chorus_scheduler, chorus_executor, chorus_browser_repost;
