"""The executor's core: the shared life of an execution, with this service's ways to act."""

from dataclasses import dataclass

from chorus.clock import Clock
from chorus.postgres.pool import Pool
from chorus.vocabulary import Lane
from chorus_execution import core
from chorus_execution.core import Core
from chorus_executor.acts import ApiActs
from chorus_executor.providers.registry import Registry
from chorus_executor.settings import ExecutorSettings
from chorus_executor.store import PostWishes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the core is given: the clock, the database and the networks."""

    clock: Clock
    pool: Pool
    registry: Registry


def assemble(settings: ExecutorSettings, outside: Outside) -> Core:
    """The core, not started."""
    pool = outside.pool
    return core.assemble(
        settings,
        core.Outside(
            lane=Lane.API,
            clock=outside.clock,
            pool=pool,
            acts=ApiActs(
                outside.registry,
                PostWishes(pool),
                outside.clock,
                check_first=settings.check_first,
            ),
        ),
    )
