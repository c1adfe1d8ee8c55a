-- What several queries say alike: `{name}` in a query of this folder stands for it. `a` is a row of `scheduler.activities`.

-- name: activity
-- All columns of an `Activity`.
a.id, a.client_id, a.post_id, a.pod_id, a.account_id, a.member_id, a.platform, a.kind, a.lane, a.state, a.mode, a.effect,
a.execution, a.attempt, a.max_attempts, a.unheard, a.scheduled_for, a.due_at, a.draft_text, a.voice, a.reason_code, a.reason,
a.approval, a.approval_expires_at, a.approved_by, a.stopped_by, a.needs_person, a.correlation_id, a.traceparent

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

-- name: may_have_acted
-- Another activity `o` on a target that one may act on once: it did, or is doing so.
o.kind in ('like', 'comment', 'repost') and o.target_social_id is not null
and (o.effect <> 'none' or (o.unheard <> '{}' and o.mode = 'perform'))
