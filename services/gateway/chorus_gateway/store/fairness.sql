-- name: of_pod
-- One row a member of the pod, the oldest first; of one person's accounts alone where `owner` names them. Acts of the
-- period are read once, by index, and counted once, whatever a planner without statistics thinks (`materialized`). Whose
-- a post is, is asked once a post: whom the network names, else whom its row names.
with members as materialized (
    select m.id as member_id, m.account_id, m.name, m.active, m.created_at, a.owner_user_id, a.profile_id
    from gateway.pod_members m
    join gateway.accounts a on a.id = m.account_id
    where m.pod_id = %(pod_id)s
), acts as materialized (
    select a.account_id, a.post_id, a.kind
    from scheduler.api_activities a
    where a.pod_id = %(pod_id)s and a.state = 'executed' and a.kind in ('like', 'comment', 'repost')
      and a.executed_at >= %(since)s and a.executed_at < %(until)s
), authors as materialized (
    select p.id as post_id, coalesce(n.account_id, case when p.author_provider_id is null then p.author_account_id end) as author
    from (select distinct post_id from acts) x
    join gateway.posts p on p.id = x.post_id
    left join members n on n.profile_id = p.author_provider_id
), given as materialized (
    select account_id, count(*) filter (where kind = 'like') as likes, count(*) filter (where kind = 'comment') as comments,
           count(*) filter (where kind = 'repost') as reposts
    from acts group by account_id
), received as materialized (
    select w.author, count(*) filter (where a.kind = 'like') as likes, count(*) filter (where a.kind = 'comment') as comments,
           count(*) filter (where a.kind = 'repost') as reposts, count(distinct a.post_id) as posts
    from acts a
    join authors w on w.post_id = a.post_id and w.author <> a.account_id
    group by w.author
)
select m.member_id, m.account_id, m.name, m.active,
       coalesce(g.likes, 0) as given_likes, coalesce(g.comments, 0) as given_comments, coalesce(g.reposts, 0) as given_reposts,
       coalesce(r.likes, 0) as received_likes, coalesce(r.comments, 0) as received_comments,
       coalesce(r.reposts, 0) as received_reposts, coalesce(r.posts, 0) as own_posts
from members m
left join given g on g.account_id = m.account_id
left join received r on r.author = m.account_id
where %(owner)s::uuid is null or m.owner_user_id = %(owner)s
order by m.created_at, m.member_id
