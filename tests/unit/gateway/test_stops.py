"""What stops has room of its own: which routes those are."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import get_args

from fastapi.routing import APIRoute

from chorus_gateway.api import routes
from chorus_gateway.api.context import Stopper
from chorus_gateway.api.operations import STOPS

NO_STOPS = {
    "change_member", "choose_modes", "give_many_up", "postpone",
    "set_account_limit", "remove_account_limit",
}  # fmt: skip
"""Whoever may stop may do these too; each is done by a stop as well, or stops nothing."""


def _routes() -> Iterator[APIRoute]:
    for module in iter_modules(routes.__path__):
        router = import_module(f"{routes.__name__}.{module.name}").router
        yield from (route for route in router.routes if isinstance(route, APIRoute))


def _stops(route: APIRoute) -> bool:
    return STOPS.items() <= (route.openapi_extra or {}).items()


def test_what_every_role_may_do_to_say_no_has_room() -> None:
    """INVARIANT (6): of all routes those that say no are marked, and nothing else is."""
    asking = get_args(Stopper)[1].dependency
    found = {
        route.name: _stops(route)
        for route in _routes()
        if any(one.call is asking for one in route.dependant.dependencies)
    }
    assert {name for name, stops in found.items() if not stops} == NO_STOPS
    assert {route.name for route in _routes() if _stops(route)} == found.keys() - NO_STOPS
    assert {"pause", "reject", "cancel", "answer_consent"} <= found.keys()
