-- name: readable
-- Whoever manages the team may read all, but for what is one person's alone (`own_`): of them, or of an account of theirs.
case when left(n.code, 4) = 'own_' and n.user_id is not null then n.user_id = %(user_id)s
     else (%(everything)s and left(n.code, 4) <> 'own_' and n.user_id is distinct from %(user_id)s
           or exists (
              select from gateway.accounts a where a.id = n.account_id and a.owner_user_id = %(user_id)s))
end
