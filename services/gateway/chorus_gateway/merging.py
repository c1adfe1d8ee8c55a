"""A post of the network under two rows: the one we queued becomes an address of the other."""

from datetime import datetime
from uuid import UUID

from chorus.linkedin import PostAddress
from chorus.postgres.pool import Connection
from chorus_gateway.announcing import announce
from chorus_gateway.domain.post_identity import SAME_AS_OURS
from chorus_gateway.store import posts
from chorus_gateway.store.posts import Post


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

    Nothing where it is known already. Where somebody registered the address, it is that post.
    """
    post = await posts.lock(conn, post_id)
    if post is None or post.state not in {"queued", "failed"}:
        return
    twin = await posts.find_by_address(conn, post.platform, address.reference)
    if twin is not None and twin.merged_into is not None:
        twin = await posts.find(conn, twin.merged_into)
    if twin is not None and twin.id != post.id:
        await merge_ours(conn, post.id, twin, now)
        return
    await posts.point_out(conn, post.id, url=address.url, reference=address.reference, now=now)
