"""Notices (P7): admins see all of the team, others those of their accounts; each reads for one."""

from collections.abc import Sequence
from uuid import UUID

from chorus_gateway.caller import Caller
from chorus_gateway.domain.roles import Role
from chorus_gateway.problems import Problem
from chorus_gateway.store import notifications
from chorus_gateway.store.notifications import Notification, Recipient


async def listing(
    caller: Caller, *, before: UUID | None, unread: bool, limit: int
) -> list[Notification]:
    """Newest first, older than `before`."""
    async with caller.reading() as conn:
        return await notifications.listing(
            conn, _recipient(caller), before=before, unread=unread, limit=limit
        )


async def mark_read(caller: Caller, ids: Sequence[UUID]) -> None:
    """All of them, or none where one is not there."""
    async with caller.transaction() as conn:
        if not await notifications.mark_read(conn, _recipient(caller), ids):
            raise Problem("notification_not_found")


def _recipient(caller: Caller) -> Recipient:
    principal = caller.principal
    return Recipient(
        client_id=principal.client_id,
        user_id=principal.user_id,
        everything=principal.role in (Role.OWNER, Role.ADMIN),
    )
