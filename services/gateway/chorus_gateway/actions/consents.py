"""What follows from a consent, or from the lack of one."""

from uuid import UUID

import structlog

from chorus.errors import DependencyUnavailable
from chorus_gateway.caller import Caller

_log = structlog.get_logger(__name__)


async def recheck(caller: Caller, account_id: UUID) -> int | None:
    """Have what may no longer happen called off at once; how many, None where nobody knows yet."""
    try:
        return await caller.gateway.scheduler.recheck(
            client_id=caller.principal.client_id,
            account_id=account_id,
            actor=caller.principal.actor,
        )
    except DependencyUnavailable as error:
        # It sweeps by itself as well, and nothing goes out without a consent in force.
        _log.warning("consent.recheck_put_off", account_id=str(account_id), error=str(error))
        return None
