-- name: purge
select gateway.purge(%(what)s, %(most)s) as gone
