"""What the executor reads of others: what is wanted of posts."""

from uuid import UUID

from chorus.postgres.pool import Pool
from chorus.postgres.queries import load
from chorus_executor.domain.publishing import Wishes

_QUERIES = load("chorus_executor")


class PostWishes:
    """What the gateway keeps of a post that is to be published."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def of(self, client_id: UUID, post_id: UUID) -> Wishes:
        """Nothing is wanted of a post that is not there."""
        values = {"post_id": post_id, "client_id": client_id}
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_QUERIES.wishes, values)).fetchone()
        return Wishes() if row is None else Wishes(pod_id=row["pod_id"], amplify=row["amplify"])
