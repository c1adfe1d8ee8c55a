-- name: add
-- A trigger puts it in force for all who place or make a call.
insert into gateway.absences (id, client_id, account_id, first_day, last_day, reason, by_owner, made_by)
values (%(id)s, %(client_id)s, %(account_id)s, %(first_day)s, %(last_day)s, %(reason)s, %(by_owner)s, %(made_by)s)
returning id, client_id, account_id, first_day, last_day, reason, by_owner, made_by, made_at

-- name: of_account
-- Those that end on that day or later, the first ones first.
select id, client_id, account_id, first_day, last_day, reason, by_owner, made_by, made_at
from gateway.absences
where account_id = %(account_id)s and last_day >= %(since)s
order by first_day, last_day, id
limit %(limit)s

-- name: find
select id, client_id, account_id, first_day, last_day, reason, by_owner, made_by, made_at
from gateway.absences
where id = %(id)s and account_id = %(account_id)s

-- name: shorten
update gateway.absences set last_day = %(last_day)s where id = %(id)s

-- name: remove
delete from gateway.absences where id = %(id)s

-- name: remove_all
-- Of an account whose person is gone, or is another one.
delete from gateway.absences where account_id = %(account_id)s
