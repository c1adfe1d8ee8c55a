-- name: lock
select pg_advisory_lock(hashtextextended('chorus.migrations', 0))

-- name: lock_transaction
select pg_advisory_xact_lock(hashtextextended('chorus.migrations', 0))

-- name: as_roles_made_here
-- For an owner that is no superuser: it may give views to the roles that it makes.
set createrole_self_grant = 'set, inherit'

-- name: create_schema
create schema if not exists chorus

-- name: create_table
create table if not exists chorus.migrations (
    package text not null,
    number integer not null,
    name text not null,
    sha256 text not null,
    applied_at timestamptz not null default now(),
    primary key (package, number)
)

-- name: applied
select package, number, sha256 from chorus.migrations

-- name: record
insert into chorus.migrations (package, number, name, sha256) values (%s, %s, %s, %s)
