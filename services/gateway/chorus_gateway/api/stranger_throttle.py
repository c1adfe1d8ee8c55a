"""What stands beside the API, pages and hooks, keeps to the same places as its strangers do."""

from contextlib import ExitStack

from starlette.types import ASGIApp, Receive, Scope, Send

from chorus_gateway.api.throttle import Throttle
from chorus_gateway.problems import Problem


class StrangerThrottle:
    """ASGI middleware in front of what answers at `paths`: a place is taken before all else."""

    def __init__(self, app: ASGIApp, paths: tuple[str, ...], throttle: Throttle) -> None:
        self._app = app
        self._paths = paths
        self._throttle = throttle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._paths):
            await self._app(scope, receive, send)
            return
        address = scope["client"][0] if scope.get("client") else "unknown"
        with ExitStack() as place:
            try:
                place.enter_context(self._throttle.place_of_stranger(address))
            except Problem as problem:
                await problem.response()(scope, receive, send)
                return
            await self._app(scope, receive, send)
