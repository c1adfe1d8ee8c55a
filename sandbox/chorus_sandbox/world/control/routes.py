"""The control API's routes."""

from chorus_sandbox.asgi import TEXT_TYPE, Answer, Request, json_answer
from chorus_sandbox.routing import RouteTable
from chorus_sandbox.world.calls import Provider
from chorus_sandbox.world.control import behaviour, faults, people, posts, truth, website
from chorus_sandbox.world.control.body import ControlError
from chorus_sandbox.world.control.context import ControlContext, ControlHandler
from chorus_sandbox.world.control.page import CONTROL_PAGE
from chorus_sandbox.world.sandbox import Sandbox


async def _page(context: ControlContext) -> Answer:
    routes = sorted(name for provider in context.providers for name in provider.route_names)
    page = CONTROL_PAGE.format(routes=", ".join(routes))
    return Answer(200, page.encode(), TEXT_TYPE)


async def _reset(context: ControlContext) -> Answer:
    await context.sandbox.reset()
    return json_answer(200, {"reset": True})


_ROUTES: tuple[tuple[str, str, ControlHandler], ...] = (
    ("GET", "", _page),
    ("POST", "/reset", _reset),
    ("POST", "/accounts", people.create_accounts),
    ("GET", "/accounts", people.list_accounts),
    ("PATCH", "/accounts/{id}", people.change_account),
    ("POST", "/status-calls", people.let_calls_go),
    ("POST", "/accounts/{id}/challenge", website.raise_challenge),
    ("POST", "/accounts/{id}/clear-challenge", website.clear_challenge),
    ("GET", "/linkedin", website.read_website),
    ("PATCH", "/linkedin", website.change_website),
    ("GET", "/sessions", website.list_sessions),
    ("POST", "/sessions/{account}/revoke", website.revoke_sessions),
    ("POST", "/sessions/{account}/restore", website.restore_sessions),
    ("POST", "/people", people.create_person),
    ("POST", "/posts", posts.create_posts),
    ("GET", "/posts", posts.list_posts),
    ("PATCH", "/posts/{id}", posts.change_post),
    ("POST", "/posts/{id}/comments", posts.seed_comment),
    ("POST", "/messages", posts.seed_message),
    ("POST", "/latency", faults.set_latency),
    ("POST", "/settings", faults.change_settings),
    ("GET", "/behaviour", behaviour.read_behaviour),
    ("PATCH", "/behaviour", behaviour.change_behaviour),
    ("POST", "/voice", faults.set_voice),
    ("POST", "/faults", faults.create_fault),
    ("GET", "/faults", faults.list_faults),
    ("DELETE", "/faults", faults.remove_faults),
    ("DELETE", "/faults/{id}", faults.remove_fault),
    ("POST", "/hold-points", faults.create_hold_point),
    ("GET", "/hold-points", faults.list_hold_points),
    ("GET", "/hold-points/{id}/wait", faults.wait_at_hold_point),
    ("POST", "/hold-points/{id}/release", faults.release_hold_point),
    ("GET", "/truth", truth.read_truth),
    ("GET", "/truth/summary", truth.read_summary),
    ("GET", "/truth/refused", truth.read_refused),
)


class Control:
    def __init__(self, sandbox: Sandbox, providers: tuple[Provider, ...]) -> None:
        self._sandbox = sandbox
        self._providers = providers
        self._routes: RouteTable[ControlHandler] = RouteTable()
        for method, path, handler in _ROUTES:
            self._routes.add(method, "/control" + path, handler)

    async def answer(self, request: Request) -> Answer:
        found = self._routes.find(request.method, request.path)
        if found is None:
            return json_answer(404, {"error": "No such control route. See GET /control."})
        handler, params = found
        try:
            return await handler(ControlContext(request, self._sandbox, self._providers, params))
        except ControlError as error:
            return error.answer()
