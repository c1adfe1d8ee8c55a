"""Posts: registered by their address, or queued to be published."""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from chorus import linkedin, tracing
from chorus.events import Event, PostPublished, PostQueued
from chorus.ids import new_id
from chorus.kafka.envelope import encode
from chorus.outbox.store import append
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind, Platform
from chorus_gateway.api.context import Caller, Manager, Reader
from chorus_gateway.api.fields import not_past
from chorus_gateway.api.once import IDEMPOTENT, Idempotent
from chorus_gateway.api.pages import Cursor, Limit, Page, cursor_after, id_after
from chorus_gateway.api.problems import Problem, documented
from chorus_gateway.api.schemas.posts import NewPost, PostView
from chorus_gateway.store import accounts, pods, posts
from chorus_gateway.store.posts import Post

SOURCE: Final = "chorus/gateway"

router: Final = APIRouter(prefix="/posts", tags=["posts"])


@router.get("", summary="List posts", responses=documented("bad_cursor"))
async def list_posts(
    caller: Reader,
    pod_id: Annotated[UUID | None, Query(description="Only those of this pod.")] = None,
    state: Annotated[Literal["queued", "published", "failed"] | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[PostView]:
    """Newest first, each with its activities counted by state."""
    async with caller.transaction() as conn:
        found = await posts.listing(
            conn, pod_id=pod_id, state=state, before=id_after(cursor), limit=limit + 1
        )
        counters = await posts.counters(conn, [post.id for post in found[:limit]])
    return Page(
        items=[_view(post, counters) for post in found[:limit]],
        next_cursor=cursor_after(found, limit),
    )


@router.post(
    "",
    summary="Register a post, or queue one to be published",
    status_code=201,
    response_model=PostView,
    responses={
        **IDEMPOTENT,
        **documented("not_a_post_address", "bad_idempotency_key"),
        **documented("pod_not_found", "account_not_found"),
        **documented("post_exists", "consent_missing", "request_in_progress"),
    },
)
async def add_post(body: NewPost, caller: Manager, once: Idempotent) -> Response:
    """With `url`: it is live, and its pod acts by its policy. With `text`: it is published."""
    now = caller.gateway.clock.now()
    draft = _registered(body, caller, now) if body.url else _queued(body, caller, now)

    async def effect(conn: Connection) -> PostView:
        await _check_references(conn, draft)
        post = await posts.add(conn, draft)
        if post is None:
            existing = await posts.find_by_reference(conn, draft.platform, draft.reference or "")
            raise Problem("post_exists", post_id=str(existing))
        event = _event(post)
        message = encode(event, source=SOURCE, time=now, traceparent=tracing.current.get())
        await append(conn, "gateway", [message])
        await caller.note(conn, f"post.{_DONE[post.state]}", post.id, url=post.url)
        return _view(post, {})

    return await once.local(caller, effect)


@router.get("/{post_id}", summary="Show a post", responses=documented("post_not_found"))
async def show_post(post_id: UUID, caller: Reader) -> PostView:
    """One post, with its activities counted by state."""
    async with caller.transaction() as conn:
        post = await posts.find(conn, post_id)
        counters = await posts.counters(conn, [post_id])
    if post is None:
        raise Problem("post_not_found")
    return _view(post, counters)


_DONE: Final = {"published": "registered", "queued": "queued"}


def _registered(body: NewPost, caller: Caller, now: datetime) -> Post:
    try:
        address = linkedin.parse_post(body.url or "")
    except linkedin.NotALinkedInAddress as error:
        raise Problem("not_a_post_address", str(error)) from error
    post_id = new_id()
    return Post(
        id=post_id,
        client_id=caller.principal.client_id,
        pod_id=body.pod_id,
        author_account_id=body.account_id,
        platform=Platform.LINKEDIN,
        url=address.url,
        reference=address.reference,
        text=None,
        state="published",
        # A time to come in the id is no time of publication.
        published_at=min(body.published_at or address.made_at or now, now),
        amplify=body.amplify,
        comment_texts=list(body.comment_texts),
        correlation_id=f"post-{post_id}",
        scheduled_for=None,
        priority=body.priority,
        created_by=caller.principal.user_id,
    )


def _queued(body: NewPost, caller: Caller, now: datetime) -> Post:
    not_past(body.publish_at, now, "/body/publish_at")
    post_id = new_id()
    return Post(
        id=post_id,
        client_id=caller.principal.client_id,
        pod_id=body.pod_id,
        author_account_id=body.account_id,
        platform=Platform.LINKEDIN,
        url=None,
        reference=None,
        text=body.text,
        state="queued",
        published_at=None,
        amplify=body.amplify,
        comment_texts=list(body.comment_texts),
        correlation_id=f"post-{post_id}",
        scheduled_for=max(body.publish_at or now, now),
        priority=body.priority,
        created_by=caller.principal.user_id,
    )


async def _check_references(conn: Connection, post: Post) -> None:
    if post.pod_id is not None and await pods.find(conn, post.pod_id) is None:
        raise Problem("pod_not_found")
    if post.author_account_id is None:
        return
    account = await accounts.find(conn, post.author_account_id)
    if account is None:
        raise Problem("account_not_found")
    if post.state == "queued" and Kind.PUBLISH not in account.consented_kinds:
        raise Problem("consent_missing", "The account's owner has not agreed to `publish` yet.")


def _event(post: Post) -> Event:
    if post.state == "queued" and post.author_account_id and post.scheduled_for:
        return PostQueued(
            client_id=post.client_id,
            post_id=post.id,
            pod_id=post.pod_id,
            account_id=post.author_account_id,
            platform=Platform(post.platform),
            text=post.text or "",
            scheduled_for=post.scheduled_for,
            priority=post.priority,
            requested_by=post.created_by,
            correlation_id=post.correlation_id,
        )
    if post.url is None or post.published_at is None:
        raise ValueError(f"post {post.id} is neither queued nor live")
    return PostPublished(
        client_id=post.client_id,
        post_id=post.id,
        pod_id=post.pod_id,
        author_account_id=post.author_account_id,
        platform=Platform(post.platform),
        url=post.url,
        social_id=post.social_id,
        published_at=post.published_at,
        source="registered",
        amplify=post.amplify,
        correlation_id=post.correlation_id,
    )


def _view(post: Post, counters: dict[UUID, dict[str, int]]) -> PostView:
    shown = {name: getattr(post, name) for name in Post.__slots__}
    return PostView.model_validate(shown | {"activities": counters.get(post.id, {})})
