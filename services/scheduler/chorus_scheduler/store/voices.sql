-- name: cartridges
-- Those of the tenant that are there.
select cartridge_id, definition from gateway.api_cartridges
where client_id = %(client_id)s and cartridge_id = any(%(ids)s)

-- name: claim_pending_voices
-- Texts that wait for the model, those that are due first; leased, so that no two ask for one.
update scheduler.activities a
set voicing_until = %(until)s
from (
    select id from scheduler.activities
    where voice = 'pending' and state in ('scheduled', 'awaiting_approval')
      and (voicing_until is null or voicing_until <= %(now)s)
    order by due_at
    limit %(limit)s
    for update skip locked
) due
where a.id = due.id
returning a.id, a.client_id, a.cartridge_id, a.source_text

-- name: set_voice
-- Nobody gave it another text meanwhile, and nobody else says the same on the post.
update scheduler.activities a
set draft_text = %(text)s, voice = %(voice)s, voicing_until = null, updated_at = %(now)s
where a.id = %(id)s and a.voice = 'pending' and a.source_text = %(source)s
  and (%(voice)s = 'fallback' or not exists (
      select 1 from scheduler.activities o
      where o.post_id = a.post_id and o.id <> a.id and o.draft_text = %(text)s and o.state not in ('cancelled', 'skipped')))
returning {activity}
