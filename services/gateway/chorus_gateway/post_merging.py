"""A post of the network under two rows: the one we queued becomes an address of the other."""

from datetime import datetime
from typing import Final
from uuid import UUID

from chorus.linkedin import PostAddress
from chorus.postgres.pool import Connection
from chorus_gateway.domain.post_identity import AUTHOR_DIFFERS, SAME_AS_OURS
from chorus_gateway.post_events import announce
from chorus_gateway.problems import Problem
from chorus_gateway.store import lookups, posts
from chorus_gateway.store.posts import Post

_SOUGHT: Final = frozenset({"queued", "failed"})
_GIVE_ANOTHER: Final = "That it was published stands: give its own address in the same way."
_LOOKED_UP: Final = "The address is being looked up for another registration. Try again shortly."


async def merge_ours(conn: Connection, post_id: UUID, twin: Post, now: datetime) -> bool:
    """What was wanted of it is wanted of the twin. False: it was merged before."""
    post = await posts.lock(conn, post_id)
    if post is None or post.state == "merged":
        return False
    await posts.merge(conn, post.id, into=twin.id, reason=SAME_AS_OURS)
    wished = await posts.take_over_wishes(conn, twin.id, post)
    news = post.amplify and not (twin.amplify and twin.pod_id == post.pod_id)
    if wished is not None and wished.state == "published" and news:
        await announce(conn, wished, now)
    return True


async def point_out(conn: Connection, post_id: UUID, address: PostAddress, now: datetime) -> None:
    """A person says where a post is that we published: it is looked up there, then amplified.

    Nothing where it is known already. Where somebody registered the address, it is that post, if
    that may be: Problem `address_refused` where it is somebody else's or came to nothing.
    """
    post = await posts.lock(conn, post_id)
    if post is None or post.state not in _SOUGHT:
        return
    twin = await posts.find_by_address(conn, post.platform, address.reference)
    if twin is not None and twin.merged_into is not None:
        twin = await posts.find(conn, twin.merged_into)
    if twin is not None and twin.id != post.id:
        await _require_ours(conn, post, twin)
        await merge_ours(conn, post.id, twin, now)
        return
    await posts.point_out(conn, post.id, url=address.url, reference=address.reference, now=now)


async def is_sought(conn: Connection, post_id: UUID) -> bool:
    """Whether a person may say where the post is: nobody knows, or what was said was refused."""
    post = await posts.find(conn, post_id)
    return post is not None and post.state in _SOUGHT


def refused_address(why: str | None, post_id: UUID) -> Problem:
    """What is wrong with an address that somebody gave of a post that we published."""
    return Problem("address_refused", f"{why} {_GIVE_ANOTHER}", post_id=str(post_id))


async def _require_ours(conn: Connection, post: Post, twin: Post) -> None:
    """Whether the registered post may be the one that the account published."""
    account = post.author_account_id
    known = await lookups.profile_of_account(conn, account) if account else None
    differs = twin.author_account_id not in {None, account}
    if differs or (known and twin.author_provider_id not in {None, known}):
        raise refused_address(AUTHOR_DIFFERS.reason, post.id)
    if twin.state == "failed":
        raise refused_address(f"It was registered before: {twin.failure_reason}", post.id)
    if twin.state == "resolving":
        raise Problem("conflict", _LOOKED_UP, post_id=str(twin.id))
