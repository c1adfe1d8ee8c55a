"""Posts: registered by their address, or queued to be published."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from chorus import linkedin
from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind
from chorus_gateway.caller import Caller, require_words
from chorus_gateway.checks import not_past
from chorus_gateway.post_events import announce
from chorus_gateway.post_identity import FIRST_LOOK
from chorus_gateway.problems import Problem
from chorus_gateway.store import accounts, pods, posts
from chorus_gateway.store.accounts import Account
from chorus_gateway.store.posts import Post


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is wanted of a post, whether it is live or to be published."""

    pod_id: UUID | None
    account_id: UUID | None
    amplify: bool
    comment_texts: tuple[str, ...]
    priority: int


def registered(wanted: Wanted, caller: Caller, *, url: str, published_at: datetime | None) -> Post:
    """A live post under the address that somebody gave. Problem where it is no post's.

    `published_at` is what somebody said, until the network says it.
    """
    try:
        address = linkedin.parse_post(url)
    except linkedin.NotALinkedInAddress as error:
        raise Problem("not_a_post_address", str(error)) from error
    now = caller.gateway.clock.now()
    return replace(
        _draft(wanted, caller, "resolving", address.platform),
        url=address.url,
        reference=address.reference,
        published_at=published_at,
        resolving_since=now,
        ask_at=now + FIRST_LOOK,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A text that an account is to publish, not before that instant."""

    wanted: Wanted
    text: str | None
    scheduled_for: datetime


def queued(
    wanted: Wanted, caller: Caller, *, text: str | None, publish_at: datetime | None
) -> Publication:
    """One that is to be published then, or as soon as may be. It decides on words."""
    require_words(caller)
    now = caller.gateway.clock.now()
    not_past(publish_at, now, "/body/publish_at")
    return Publication(wanted=wanted, text=text, scheduled_for=max(publish_at or now, now))


async def queue(conn: Connection, caller: Caller, publication: Publication) -> Post:
    """On the account's network; it is the scheduler's from here on."""
    wanted = publication.wanted
    account = await _checked_references(conn, wanted.pod_id, wanted.account_id)
    if account is None:
        raise Problem("account_not_found")
    if Kind.PUBLISH not in account.consented_kinds:
        raise Problem("consent_missing", "The account's owner has not agreed to `publish` yet.")
    draft = _draft(wanted, caller, "queued", account.platform)
    post = await posts.add(
        conn, replace(draft, text=publication.text, scheduled_for=publication.scheduled_for)
    )
    if post is None:
        raise Problem("conflict")
    await announce(conn, post, caller.gateway.clock.now())
    await caller.note(conn, "post.queued", post.id)
    return post


async def register(conn: Connection, caller: Caller, draft: Post) -> Post:
    """Once for an address. One that came to nothing before is tried again."""
    await _checked_references(conn, draft.pod_id, draft.author_account_id)
    post = await _registered_before(conn, draft)
    if post is None:
        # Somebody else may just have registered it.
        post = await posts.add(conn, draft) or await _registered_before(conn, draft)
    if post is None:
        raise Problem("conflict")
    await caller.note(conn, "post.registered", post.id, url=post.url)
    return post


async def look_up(caller: Caller, post_id: UUID) -> Post | None:
    """What the network says of a post that was just registered; None: nothing yet."""
    settled = await caller.gateway.post_identity.at_once(caller.principal.client_id, post_id)
    if settled is None:
        return None
    post = settled.post
    if post.merged_into is not None:
        raise Problem("post_exists", post.failure_reason, post_id=str(post.merged_into))
    if settled.code == "author_differs":
        raise Problem("author_differs", post_id=str(post.id))
    return post


def _draft(wanted: Wanted, caller: Caller, state: str, platform: str) -> Post:
    """What is the same of both."""
    post_id = new_id()
    return Post(
        id=post_id,
        client_id=caller.principal.client_id,
        pod_id=wanted.pod_id,
        author_account_id=wanted.account_id,
        platform=platform,
        url=None,
        reference=None,
        text=None,
        state=state,
        published_at=None,
        amplify=wanted.amplify,
        comment_texts=list(wanted.comment_texts),
        correlation_id=f"post-{post_id}",
        scheduled_for=None,
        priority=wanted.priority,
        created_by=caller.principal.user_id,
    )


async def _registered_before(conn: Connection, draft: Post) -> Post | None:
    """One that came to nothing, to be tried again; None where the address is new."""
    known = await posts.find_by_address(conn, draft.platform, draft.reference or "")
    if known is None:
        return None
    revived = await posts.revive(conn, draft) if known.state == "failed" else None
    if revived is None:
        raise Problem("post_exists", post_id=str(known.merged_into or known.id))
    return revived


async def _checked_references(
    conn: Connection, pod_id: UUID | None, account_id: UUID | None
) -> Account | None:
    """The account that is named, if any. Problem where one of the two is not there."""
    if pod_id is not None and await pods.find(conn, pod_id) is None:
        raise Problem("pod_not_found")
    if account_id is None:
        return None
    account = await accounts.find(conn, account_id)
    if account is None:
        raise Problem("account_not_found")
    return account
