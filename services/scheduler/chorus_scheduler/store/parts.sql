-- What several queries say alike: `{name}` in a query of this folder stands for it. `a` is a row of `scheduler.activities`.

-- name: activity
-- All columns of an `Activity`.
a.id, a.client_id, a.post_id, a.pod_id, a.account_id, a.member_id, a.platform, a.kind, a.lane, a.state, a.mode, a.effect,
a.execution, a.attempt, a.max_attempts, a.unheard, a.scheduled_for, a.due_at, a.draft_text, a.voice, a.reason_code, a.reason,
a.approval, a.approval_expires_at, a.approved_by, a.approved_at, a.owner_agreed, a.suggested, a.stopped_by, a.stop_code,
a.stopped_at, a.needs_person, a.correlation_id, a.traceparent

-- name: report
-- All columns of a `Report`.
a.id, a.client_id, a.post_id, a.account_id, a.kind, a.state, a.reason, a.correlation_id, a.traceparent, a.unheard

-- name: order
-- All columns of an `Order`.
a.id, a.client_id, a.post_id, a.account_id, a.provider_account_id, a.platform, a.kind, a.lane, a.mode, a.execution,
a.attempt, a.max_attempts, a.target_url, a.target_social_id, a.draft_text, a.cartridge_id, a.voice, a.reaction, a.due_at,
a.acts_until, a.correlation_id, a.traceparent

-- name: waits
-- It is handed over when its time has come: nobody stands in its way. As the index has it.
a.state in ('scheduled', 'unknown') and a.parked_by is null and not a.needs_person and a.voice <> 'pending'

-- name: takes_no_part
-- Its owner does not agree, or its member takes no part: `m`, a row of `gateway.api_participation`, without a member where
-- that one was removed. What stands still already is found where it is to end.
not a.kind = any(c.consented_kinds)
or (a.kind in ('like', 'comment', 'repost')
    and (m.member_id is null or m.gone or a.kind = any(m.left_kinds)
         or (a.parked_by is null and not (m.takes_part and a.kind = any(m.kinds)))))

-- name: part_taken
-- What tells why: whether its owner agrees, and how its member takes part.
a.id, a.kind, a.kind = any(c.consented_kinds) as consented, m.member_id, m.takes_part, m.kinds, m.gone, m.left_kinds

-- name: window_ends
-- Until when it is waited for whoever is to do it: its window on the post, at least its own time, and the time for a yes.
-- `patience` after its time in rows of before, which name no window.
greatest(a.due_at, coalesce(a.window_until, a.due_at + %(patience)s),
         case a.state when 'awaiting_approval' then a.approval_expires_at end)

-- name: may_have_acted
-- Another activity `o` on a target that one may act on once: it did, or is doing so.
o.kind in ('like', 'comment', 'repost') and o.target_social_id is not null
and (o.effect <> 'none' or (o.unheard <> '{}' and o.mode = 'perform'))

-- name: to_clear
-- What a clearing means: it is not over, nobody has said no to it, and it was planned before somebody asked.
a.client_id = %(client_id)s and a.state in ('awaiting_approval', 'scheduled', 'dispatched', 'unknown')
and a.stopped_at is null and (%(asked_at)s::timestamptz is null or a.created_at <= %(asked_at)s)
and (%(scope)s::text <> 'pod' or a.pod_id = %(scope_id)s)
and (%(scope)s::text <> 'post' or a.post_id = %(scope_id)s)
