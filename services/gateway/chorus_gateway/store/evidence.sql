-- name: of_activities
-- A hundred of each at most.
select e.id, e.activity_id, e.execution, e.taken_at, e.state, e.page_path, e.title, e.content_type, e.size
from unnest(%(activity_ids)s::uuid[]) as k (activity_id)
cross join lateral (
    select id, activity_id, execution, taken_at, state, page_path, title, content_type, octet_length(image) as size
    from engagement.api_evidence e
    where e.activity_id = k.activity_id
    order by taken_at, id
    limit 100
) e
order by e.taken_at, e.id

-- name: image
select image
from engagement.api_evidence
where activity_id = %(activity_id)s and id = %(id)s
