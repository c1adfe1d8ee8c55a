-- name: find_sign_ins
select user_id, client_id, password_hash from gateway.find_sign_ins(%(email)s)

-- name: password_of
select id as user_id, client_id, password_hash, external_subject is not null as outside
from gateway.users where id = %(id)s and active

-- name: add
insert into gateway.users (id, client_id, email, name, role, password_hash, external_subject, password_temporary)
values (%(id)s, %(client_id)s, %(email)s, %(name)s, %(role)s, %(password_hash)s, %(external_subject)s,
        %(password_temporary)s)
on conflict do nothing
returning id, client_id, email, name, role, active, created_at, updated_at, password_temporary

-- name: find
select id, client_id, email, name, role, active, created_at, updated_at, password_temporary from gateway.users where id = %(id)s

-- name: emails_among
select email from gateway.users where email = any(%(emails)s)

-- name: find_by_email
select id, client_id, email, name, role, active, created_at, updated_at, password_temporary
from gateway.users
where email = %(email)s

-- name: find_external
select id, client_id, email, name, role, active, created_at, updated_at, password_temporary
from gateway.users
where external_subject = %(subject)s

-- name: say_role
update gateway.users
set role = %(role)s, role_said_at = %(said_at)s,
    updated_at = case when role = %(role)s then updated_at else clock_timestamp() end
where external_subject = %(subject)s and (role_said_at is null or role_said_at < %(said_at)s)
returning id, client_id, email, name, role, active, created_at, updated_at, password_temporary

-- name: lock
select id, client_id, email, name, role, active, created_at, updated_at, password_temporary
from gateway.users
where id = %(id)s
for update

-- name: listing
select id, client_id, email, name, role, active, created_at, updated_at, password_temporary
from gateway.users
order by id
limit 1000

-- name: other_owners
select count(*) as n from gateway.users where role = 'owner' and active and id <> %(id)s

-- name: save
update gateway.users
set name = %(name)s, role = %(role)s, active = %(active)s, updated_at = clock_timestamp()
where id = %(id)s
returning id, client_id, email, name, role, active, created_at, updated_at, password_temporary

-- name: renew_digest
-- Of the same password. Where that was changed or ended meanwhile nothing is kept.
update gateway.users set password_hash = %(renewed)s, updated_at = clock_timestamp()
where id = %(id)s and password_hash = %(digest)s

-- name: hold
-- Until the end of the transaction, before any other row is locked: what opens a person's sessions, what ends them, what
-- chooses a password and what ends it come one after the other, and each sees what the other left.
select id from gateway.users where id = %(id)s for no key update

-- name: keep
-- Of somebody who asks for something: what ends their session waits until it is done, and ends what was made by it too.
select role, active from gateway.users where id = %(id)s for share

-- name: still_signs_in
-- Held as by `keep`.
select id from gateway.users where id = %(id)s and active and password_hash = %(digest)s for share

-- name: choose_password
-- By the person themselves: it is temporary no longer. `of_link`: in a session that a link opened.
update gateway.users
set password_hash = %(password_hash)s, password_temporary = false, password_of_link = %(of_link)s,
    password_session_id = %(session_id)s, updated_at = clock_timestamp()
where id = %(id)s

-- name: change_password
-- In the place of one that is still theirs. What it rests on stays: who changes it may be whoever chose it.
update gateway.users
set password_hash = %(password_hash)s, password_temporary = false, updated_at = clock_timestamp()
where id = %(id)s and password_hash = %(digest)s

-- name: give_password
-- By somebody else, to whoever is to choose their own with it.
update gateway.users
set password_hash = %(password_hash)s, password_temporary = true, password_of_link = false, updated_at = clock_timestamp()
where email = %(email)s and active and external_subject is null
returning id, client_id, email, name, role, active, created_at, updated_at, password_temporary

-- name: password_is_of_link
select from gateway.users where id = %(id)s and password_of_link and password_hash is not null

-- name: end_password_of_link
update gateway.users
set password_hash = null, password_of_link = false, updated_at = clock_timestamp()
where id = %(id)s and password_of_link and password_hash is not null

-- name: end_password_of_another_session
-- It was chosen in another session than this one, which a link opened too.
update gateway.users u
set password_hash = null, password_of_link = false, updated_at = clock_timestamp()
where u.id = %(id)s and u.password_of_link and u.password_hash is not null
  and u.password_session_id is distinct from %(session_id)s
  and exists (select from gateway.page_sessions s where s.id = %(session_id)s and s.invitation_id is not null)
returning u.id

-- name: end_password_of_session
-- It may have been chosen in this session, which an invitation opened, or in another one of that kind: whoever signed in
-- with it since is the same. Not one that was chosen in no such session: it was there before.
update gateway.users
set password_hash = null, password_temporary = false, password_of_link = false, updated_at = clock_timestamp()
where id = %(id)s and password_hash is not null
  and (password_of_link
       or exists (select from gateway.page_sessions s where s.id = %(session_id)s and s.invitation_id is not null))

-- name: forget
-- Their row stays for what refers to it; nothing in it names them, and the address may come again.
update gateway.users
set name = 'Somebody who left', email = id::text || '@left.invalid', password_hash = null, external_subject = null,
    active = false, updated_at = clock_timestamp()
where id = %(id)s

-- name: forget_in_audit
select gateway.forget_in_audit(%(id)s)

-- name: forget_invitations
-- By which they came, or were to come back. One that names an address goes on to want one, which is nobody's.
update gateway.invitations
set name = null, email = case when email is null then null else %(id)s::text || '@left.invalid' end
where user_id = %(id)s

-- name: forget_links
update gateway.account_links set display_name = null, shown_name = null, shown_slug = null where user_id = %(id)s
