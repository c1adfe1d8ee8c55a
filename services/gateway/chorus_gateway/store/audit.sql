-- name: add
insert into gateway.audit_log (client_id, actor, actor_id, action, subject_id, detail, address, trace_id)
values (%(client_id)s, %(actor)s, %(actor_id)s, %(action)s, %(subject_id)s, %(detail)s, %(address)s, %(trace_id)s)

-- name: listing
select id, at, actor, actor_id, action, subject_id, detail, address, trace_id
from gateway.audit_log
where (%(before)s::bigint is null or id < %(before)s)
  and (%(subject_id)s::uuid is null or subject_id = %(subject_id)s)
order by id desc
limit %(limit)s
