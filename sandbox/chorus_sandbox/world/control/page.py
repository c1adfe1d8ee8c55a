"""What `GET /control` says."""

CONTROL_PAGE = """\
The sandbox: Unipile, LinkedIn's pages and a voice model on this machine. How to operate it:

  /unipile/api/v1/...        Unipile v1, header X-API-KEY
  /voice/v1/chat/completions a text model, header Authorization: Bearer
  http://www.linkedin.localhost:PORT/   LinkedIn's pages, with the cookies of a session
  /sessions/ACCOUNT          such a session, header X-API-KEY
  /healthz                   is it up

Bodies and answers are JSON. A field that is not named here is refused.

THE WORLD
  POST   /control/reset               forget everything
  POST   /control/accounts            {{id?, name?, public_identifier?, provider_id?, headline?,
                                       status?, degree?, language?}}, or {{count, id_prefix?}}
  GET    /control/accounts
  PATCH  /control/accounts/ID         {{status?, language?, front_end?, web_state?}}
                                       status: OK, STOPPED, ERROR, CREDENTIALS, PERMISSIONS,
                                       CONNECTING; web_state: authwall, login, bot_999,
                                       throttled, unavailable, restricted, normal
  POST   /control/accounts/ID/challenge, /control/accounts/ID/clear-challenge
  POST   /control/people              somebody without an account (same fields, no id, no status);
                                       account_id: what theirs will be called
  POST   /control/posts               {{account_id | provider_id, text?, created_ms?, social_form?,
                                       count?, repost_of?}}
  GET    /control/posts
  PATCH  /control/posts/ID            {{gone?, can_react?, can_share?, can_post_comments?,
                                       front_end?, twist?, tombstone_forms?}}
  POST   /control/posts/ID/comments   {{text, account_id | provider_id | name, comment_id?}}
  GET    /control/linkedin            settings, requests by type of resource, counts by account
  PATCH  /control/linkedin            {{front_end?, hashed_share?, toast_link?, tombstone_forms?,
                                       actions_delay_ms?}}; front_end: artdeco, hashed, mixed
  GET    /control/sessions            every session issued, with its secrets
  POST   /control/sessions/ACCOUNT/revoke, /control/sessions/ACCOUNT/restore
  POST   /control/messages            {{account_id, from_provider_id, text}}: a person writes
  POST   /control/voice               {{content}}: a fixed answer; null for the usual ones
  POST   /control/latency             {{ms}}: half before the effect, half after it
  POST   /control/settings            {{strict?, repost_returns_id?, callbacks?, status_calls?}}
                                       callbacks of hosted pages: once, twice, never; calls to
                                       webhooks about accounts' statuses: those, or held
  POST   /control/status-calls        {{reverse?}}: calls that were held are made now
  GET    /control/behaviour           how the network behaves
  PATCH  /control/behaviour           {{rewrites_texts?, three_ids?, late_ms?, late_share?,
                                       late_answered?, behind_ms?, relative_dates?,
                                       names_authors?}}
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
late_effect (ms, type?), reset_before, reset_after, malformed_json, no_items, checkpoint,
disconnected, restricted, post_gone, stale_reads (times or ms). Of LinkedIn's pages only:
checkpoint_in_place, authwall, login, bot_999, throttled, tombstone; not_permitted,
already_reposted, layout_changed, blank, toast_missing, toast_lies.

HOLD POINTS
  POST /control/hold-points         {{match?, when?}}: hold what matches, before or after its effect
  GET  /control/hold-points/ID/wait ?timeout_ms=&count=: answers when a request has arrived, or 408
  POST /control/hold-points/ID/release   let go what is held, and hold no more
  GET  /control/hold-points

THE TRUTH
  GET /control/truth            ?kind=&account_id=&post_id=&since=&limit=: every effect, in order
  GET /control/truth/summary    counts, doubles, refused writes, counts by account
  GET /control/truth/refused    ?skip=&limit=: every refused write, and why
"""
