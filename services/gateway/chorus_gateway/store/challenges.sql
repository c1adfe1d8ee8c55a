-- name: note
-- The first one stands until it is told.
update gateway.accounts set challenged_at = %(at)s, challenge = %(said)s
where id = %(account_id)s and challenged_at is null

-- name: untold
select account_id, client_id, challenged_at, challenge from gateway.untold_challenges(%(limit)s)

-- name: told
update gateway.accounts set challenged_at = null, challenge = null
where id = %(account_id)s and challenged_at = %(at)s
