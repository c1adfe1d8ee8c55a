"""Posts: registered by their address, or queued to be published."""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from chorus import linkedin
from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind, Platform
from chorus_gateway.announcing import announce
from chorus_gateway.api.context import Caller, Manager, Reader, require_words
from chorus_gateway.api.fields import not_past
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.pagination import Cursor, Limit, Page, cursor_after, id_after
from chorus_gateway.api.problems import Problem, documented
from chorus_gateway.api.schemas.posts import NewPost, PostView
from chorus_gateway.post_identity import FIRST_LOOK
from chorus_gateway.store import accounts, pods, posts
from chorus_gateway.store.posts import Post

ShownState = Literal["queued", "resolving", "published", "failed", "merged"]

router: Final = APIRouter(prefix="/posts", tags=["posts"])


@router.get("", summary="List posts", responses=documented("bad_cursor"))
async def list_posts(
    caller: Reader,
    pod_id: Annotated[UUID | None, Query(description="Only those of this pod.")] = None,
    state: Annotated[
        ShownState | None,
        Query(description="Those that were merged are shown only when asked for."),
    ] = None,
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
        **documented("post_exists", "author_differs", "consent_missing", "request_in_progress"),
        202: {"model": PostView, "description": "Registered; which post it is, is looked up."},
    },
)
async def add_post(body: NewPost, caller: Manager, once: Idempotent) -> Response:
    """With `url`: it is live, and its pod acts by its policy. With `text`: it is published.

    Which post a `url` is, and who its author is, the network says. Where nobody can tell at once,
    the answer is 202 and the post `resolving`: nothing is done about it before it is known.
    """
    now = caller.gateway.clock.now()
    if body.url is None:
        require_words(caller)
        draft = _queued(body, caller, now)
        return await once.local(caller, lambda conn: _add_queued(conn, caller, draft, now))
    draft = _registered(body, caller, now)
    first = await once.local(caller, lambda conn: _add_registered(conn, caller, draft), status=202)
    post_id = PostView.model_validate_json(bytes(first.body)).id
    return await once.then(caller, first, lambda: _looked_up(caller, post_id))


async def _add_queued(conn: Connection, caller: Caller, draft: Post, now: datetime) -> PostView:
    await _check_references(conn, draft)
    post = await posts.add(conn, draft)
    if post is None:
        raise Problem("conflict")
    await announce(conn, post, now)
    await caller.note(conn, "post.queued", post.id)
    return _view(post, {})


async def _add_registered(conn: Connection, caller: Caller, draft: Post) -> PostView:
    await _check_references(conn, draft)
    post = await _registered_before(conn, draft)
    if post is None:
        # Somebody else may just have registered it.
        post = await posts.add(conn, draft) or await _registered_before(conn, draft)
    if post is None:
        raise Problem("conflict")
    await caller.note(conn, "post.registered", post.id, url=post.url)
    return _view(post, {})


async def _registered_before(conn: Connection, draft: Post) -> Post | None:
    """One that came to nothing, to be tried again; None where the address is new."""
    known = await posts.find_by_address(conn, draft.platform, draft.reference or "")
    if known is None:
        return None
    revived = await posts.revive(conn, draft) if known.state == "failed" else None
    if revived is None:
        raise Problem("post_exists", post_id=str(known.merged_into or known.id))
    return revived


async def _looked_up(caller: Caller, post_id: UUID) -> tuple[int, PostView] | None:
    """What the network says of a post that was just registered; None: nothing yet."""
    settled = await caller.gateway.identity.at_once(caller.principal.client_id, post_id)
    if settled is None:
        return None
    post = settled.post
    if post.merged_into is not None:
        raise Problem("post_exists", post.failure_reason, post_id=str(post.merged_into))
    if settled.code == "author_differs":
        raise Problem("author_differs", post_id=str(post.id))
    return 201, _view(post, {})


@router.get("/{post_id}", summary="Show a post", responses=documented("post_not_found"))
async def show_post(post_id: UUID, caller: Reader) -> PostView:
    """One post, with its activities counted by state."""
    async with caller.transaction() as conn:
        post = await posts.find(conn, post_id)
        counters = await posts.counters(conn, [post_id])
    if post is None:
        raise Problem("post_not_found")
    return _view(post, counters)


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
        state="resolving",
        # What somebody said, until the network says it.
        published_at=body.published_at,
        amplify=body.amplify,
        comment_texts=list(body.comment_texts),
        correlation_id=f"post-{post_id}",
        scheduled_for=None,
        priority=body.priority,
        created_by=caller.principal.user_id,
        resolving_since=now,
        ask_at=now + FIRST_LOOK,
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


def _view(post: Post, counters: dict[UUID, dict[str, int]]) -> PostView:
    shown = {name: getattr(post, name) for name in Post.__slots__}
    return PostView.model_validate(shown | {"activities": counters.get(post.id, {})})
