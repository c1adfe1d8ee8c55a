"""What `GET /control` says."""

CONTROL_PAGE = """\
The sandbox: Unipile and a voice model on this machine. This page tells how to operate it.

  /unipile/api/v1/...        Unipile v1, header X-API-KEY
  /voice/v1/chat/completions a text model, header Authorization: Bearer
  /healthz                   is it up

Bodies and answers are JSON. A field that is not named here is refused.

THE WORLD
  POST   /control/reset               forget everything
  POST   /control/accounts            {{id?, name?, public_identifier?, provider_id?, headline?,
                                       status?, degree?}}, or {{count, id_prefix?}} for many
  GET    /control/accounts
  PATCH  /control/accounts/ID         {{status}}: OK, STOPPED, ERROR, CREDENTIALS, PERMISSIONS,
                                       CONNECTING
  POST   /control/people              somebody without an account (same fields, no id, no status)
  POST   /control/posts               {{account_id | provider_id, text?, created_ms?, social_form?,
                                       count?}}
  GET    /control/posts
  PATCH  /control/posts/ID            {{gone?, can_react?, can_share?, can_post_comments?}}
  POST   /control/posts/ID/comments   {{text, account_id | provider_id | name, comment_id?}}
  POST   /control/messages            {{account_id, from_provider_id, text}}: a person writes
  POST   /control/voice               {{content}}: a fixed answer; null for the usual ones
  POST   /control/latency             {{ms}}: half before the effect, half after it
  POST   /control/settings            {{strict?, repost_returns_id?}}
What is made here is not in the truth.

FAULTS
  POST   /control/faults   {{kind, match?, times?, probability?, seed?, when?, type?, retry_after?,
                            ms?}}
  GET    /control/faults   all of them, with hits
  DELETE /control/faults   all of them; or one: DELETE /control/faults/ID
match: {{method?, route?, kind?, account_id?, post_id?}}; what is left out matches everything.
Routes: {routes}.
times: how often it strikes, 1 unless given, -1 for ever. when: before or after the effect.
Kinds: status (type, retry_after?), html_502, timeout_before, timeout_after, delay (ms),
late_effect (ms, type?), reset_before, reset_after, malformed_json, checkpoint, disconnected,
restricted, post_gone, stale_reads (times or ms).

GATES
  POST /control/gates               {{match?, when?}}: hold what matches, before or after its effect
  GET  /control/gates/ID/wait       ?timeout_ms=&count=: answers when a request has arrived, or 408
  POST /control/gates/ID/release    let go what is held, and hold no more
  GET  /control/gates

THE TRUTH
  GET /control/truth            ?kind=&account_id=&post_id=&since=&limit=: every effect, in order
  GET /control/truth/summary    counts, doubles, refused writes, counts by account
  GET /control/truth/refused    ?skip=&limit=: every refused write, and why
"""
