-- name: store
insert into engagement.evidence
    (id, client_id, activity_id, execution, state, page_path, title, content_type, image)
values (%(id)s, %(client_id)s, %(activity_id)s, %(execution)s, %(state)s, %(page_path)s, %(title)s, 'image/jpeg',
        %(image)b);

-- name: forget
delete from engagement.evidence
where id in (
    select id from engagement.evidence
    where taken_at < clock_timestamp() - %(keep_seconds)s * interval '1 second'
    order by taken_at
    limit %(limit)s
);
