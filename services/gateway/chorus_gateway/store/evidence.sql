-- name: of_activity
select id, execution, taken_at, state, page_path, title, content_type, octet_length(image) as size
from engagement.api_evidence
where activity_id = %(activity_id)s
order by taken_at, id
limit 100

-- name: image
select image
from engagement.api_evidence
where activity_id = %(activity_id)s and id = %(id)s
