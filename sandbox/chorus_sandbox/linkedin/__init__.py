"""LinkedIn's website over the same world: accounts, posts and people are those of Unipile's API.

It answers on the sandbox's own port to another host name, which Chromium resolves to loopback:

    http://www.linkedin.localhost:PORT/feed/update/urn:li:activity:N/   (also ugcPost, share)
    http://www.linkedin.localhost:PORT/posts/{slug}-activity-N-xxxx
    http://www.linkedin.localhost:PORT/in/{slug}/recent-activity/all/   (also /in/me/…)
    http://www.linkedin.localhost:PORT/feed/

`SandboxServer.linkedin_url` is the first part. A session (cookies and the user agent that they are
tied to) comes from the sandbox's usual address:

    GET http://127.0.0.1:PORT/sessions/{account_id}     X-API-KEY: sandbox-session-key
    -> {"cookies": [{name, value, domain, path, secure, httpOnly, expires?}], "user_agent": "…"}

Put the cookies and the user agent into a browser context and open a post: that is all. The
language is the account's (`PATCH /control/accounts/ID {"language": "de"}`); a cookie
`lang=v=2&lang=en-us` forces English. All words stand in `wording.py`. The front end is `artdeco`
unless `PATCH /control/linkedin {"front_end": "hashed"}` (or an account's or a post's own) says
otherwise. States and faults: `GET /control`, and the README of the sandbox.
"""
