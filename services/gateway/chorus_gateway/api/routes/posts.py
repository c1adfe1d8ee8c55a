"""Posts: registered by their address, or queued to be published."""

from collections.abc import Awaitable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from chorus.postgres.pool import Connection
from chorus_gateway.actions import posts as actions
from chorus_gateway.api.context import Manager, Reader
from chorus_gateway.api.idempotency import IDEMPOTENT, Idempotent
from chorus_gateway.api.pagination import (
    Cursor,
    Limit,
    Page,
    cursor_after,
    cursor_of,
    id_after,
    part_after,
)
from chorus_gateway.api.problems import documented
from chorus_gateway.api.schemas.activities import UnsettledView
from chorus_gateway.api.schemas.explaining import PartView, part_view
from chorus_gateway.api.schemas.posts import NewPost, PostView
from chorus_gateway.caller import Caller
from chorus_gateway.domain.detection import Unsettled
from chorus_gateway.problems import Problem
from chorus_gateway.store import detections, explaining, posts
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
    async with caller.reading() as conn:
        found = await posts.listing(
            conn, pod_id=pod_id, state=state, before=id_after(cursor), limit=limit + 1
        )
        ids = [post.id for post in found[:limit]]
        counters = await posts.counters(conn, ids)
        unsettled = await _unsettled(conn, ids)
    return Page(
        items=[_view(post, counters, unsettled) for post in found[:limit]],
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
    wanted = actions.Wanted(
        pod_id=body.pod_id,
        account_id=body.account_id,
        amplify=body.amplify,
        comment_texts=tuple(body.comment_texts),
        priority=body.priority,
    )
    if body.url is None:
        text = actions.queued(wanted, caller, text=body.text, publish_at=body.publish_at)
        return await once.local(caller, lambda conn: _shown(actions.queue(conn, caller, text)))
    draft = actions.registered(wanted, caller, url=body.url, published_at=body.published_at)
    first = await once.local(
        caller, lambda conn: _shown(actions.register(conn, caller, draft)), status=202
    )
    post_id = PostView.model_validate_json(bytes(first.body)).id
    return await once.then(caller, first, lambda: _looked_up(caller, post_id))


async def _looked_up(caller: Caller, post_id: UUID) -> tuple[int, PostView] | None:
    post = await actions.look_up(caller, post_id)
    return None if post is None else (201, _view(post, {}))


async def _shown(adding: Awaitable[Post]) -> PostView:
    return _view(await adding, {})


@router.get("/{post_id}", summary="Show a post", responses=documented("post_not_found"))
async def show_post(post_id: UUID, caller: Reader) -> PostView:
    """One post, with its activities counted by state."""
    async with caller.reading() as conn:
        post = await posts.find(conn, post_id)
        counters = await posts.counters(conn, [post_id])
        unsettled = await _unsettled(conn, [post_id])
    if post is None:
        raise Problem("post_not_found")
    return _view(post, counters, unsettled)


@router.get(
    "/{post_id}/explain",
    summary="Who acts on a post, who does not, and why",
    responses=documented("post_not_found", "bad_cursor"),
)
async def explain_post(
    post_id: UUID, caller: Reader, limit: Limit = 50, cursor: Cursor = None
) -> Page[PartView]:
    """By account and kind: when it acts, what moved it, or why it takes no part."""
    async with caller.reading() as conn:
        if await posts.find(conn, post_id) is None:
            raise Problem("post_not_found")
        found = await explaining.parts(conn, post_id, after=part_after(cursor), limit=limit + 1)
        moves = await explaining.moves(conn, found[:limit])
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        items=[part_view(part, moves) for part in found[:limit]],
        next_cursor=cursor_of(last.account_id, last.kind) if last else None,
    )


async def _unsettled(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Unsettled]:
    return {each.post_id: each for each in await detections.unsettled(conn, posts=ids)}


def _view(
    post: Post,
    counters: Mapping[UUID, Mapping[str, int]],
    unsettled: Mapping[UUID, Unsettled] = MappingProxyType({}),
) -> PostView:
    shown = {name: getattr(post, name) for name in Post.__slots__}
    found = unsettled.get(post.id)
    return PostView.model_validate(
        shown
        | {
            "activities": counters.get(post.id, {}),
            "unsettled": UnsettledView.model_validate(found) if found else None,
        }
    )
