-- Who takes no part for a while is told from who left for good. `gone`: the member left the pod by their own word, or the
-- pod was removed; no row: the member was removed. `left_kinds`: what the account's owner wants no part of, by their own
-- word. Of an owner before the present one a departure says nothing.
create or replace view gateway.api_participation as
    select m.id as member_id, m.client_id, m.pod_id, m.account_id,
           m.active and p.active and p.removed_at is null as takes_part,
           array(select k.kind from unnest(m.kinds) as k (kind)
                 where coalesce((p.policy -> k.kind ->> 'enabled')::boolean, true)) as kinds,
           p.removed_at is not null or coalesce(d.whole, false) as gone,
           coalesce(d.kinds, '{}') as left_kinds
    from gateway.pod_members m
    join gateway.pods p on p.id = m.pod_id
    join gateway.accounts a on a.id = m.account_id
    left join gateway.departures d
        on d.pod_id = m.pod_id and d.account_id = m.account_id and d.by_user_id = a.owner_user_id;
