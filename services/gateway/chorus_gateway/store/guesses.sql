-- name: take
select gateway.take_guess(%(subject)s, %(free)s, %(longest)s, %(window)s) as wait

-- name: give_back
select gateway.return_guess(%(subject)s, %(all)s)

-- name: knows_place
select gateway.knows_place(%(subject)s) as known

-- name: note_place
select gateway.note_place(%(subject)s, %(keep)s)
