"""Unipile v1's routes, and the key that opens them."""

import hmac
from dataclasses import dataclass
from typing import NoReturn

from chorus_sandbox.asgi import Answer, Request
from chorus_sandbox.routing import RouteTable
from chorus_sandbox.unipile import (
    accounts,
    chats,
    comments,
    hosted,
    posts,
    reactions,
    users,
    webhooks,
)
from chorus_sandbox.unipile.context import Context, Handler
from chorus_sandbox.unipile.problems import STATUS_OF, problem_answer
from chorus_sandbox.world.calls import Call, Refusal
from chorus_sandbox.world.sandbox import Sandbox
from chorus_sandbox.world.truth import EffectKind

PREFIX = "/unipile/api/v1"


@dataclass(frozen=True, slots=True)
class Route:
    """`kind` is what a write counts as when it is refused before its body is understood."""

    name: str
    method: str
    path: str
    handler: Handler
    kind: EffectKind | None = None


ROUTES = (
    Route("list_accounts", "GET", "/accounts", accounts.list_accounts),
    Route("get_account", "GET", "/accounts/{id}", accounts.get_account),
    Route("delete_account", "DELETE", "/accounts/{id}", accounts.delete_account),
    Route("hosted_link", "POST", "/hosted/accounts/link", hosted.create_link),
    Route("create_webhook", "POST", "/webhooks", webhooks.create_webhook),
    Route("own_profile", "GET", "/users/me", users.own_profile),
    Route("get_profile", "GET", "/users/{identifier}", users.get_profile),
    Route("user_posts", "GET", "/users/{identifier}/posts", users.user_posts),
    Route("user_comments", "GET", "/users/{identifier}/comments", users.user_comments),
    Route("user_reactions", "GET", "/users/{identifier}/reactions", users.user_reactions),
    Route("create_post", "POST", "/posts", posts.create_post, "publish"),
    Route("react", "POST", "/posts/reaction", reactions.react, "like"),
    Route("get_post", "GET", "/posts/{post_id}", posts.get_post),
    Route("list_comments", "GET", "/posts/{post_id}/comments", comments.list_comments),
    Route("comment", "POST", "/posts/{post_id}/comments", comments.comment, "comment"),
    Route("list_reactions", "GET", "/posts/{post_id}/reactions", reactions.list_reactions),
    Route("start_chat", "POST", "/chats", chats.start_chat, "dm"),
    Route("list_chats", "GET", "/chats", chats.list_chats),
    Route("get_chat", "GET", "/chats/{chat_id}", chats.get_chat),
    Route("list_messages", "GET", "/chats/{chat_id}/messages", chats.list_messages),
    Route("send_message", "POST", "/chats/{chat_id}/messages", chats.send_message, "dm"),
)
ROUTE_NAMES = frozenset(route.name for route in ROUTES)


class UnipileApi:
    """A provider, see `chorus_sandbox.world.calls.Provider`."""

    prefix = PREFIX
    error_types = frozenset(STATUS_OF)
    route_names = ROUTE_NAMES

    def __init__(self, sandbox: Sandbox, *, api_key: str) -> None:
        self._sandbox = sandbox
        self._key = api_key.encode()
        self._routes: RouteTable[Route] = RouteTable()
        for route in ROUTES:
            self._routes.add(route.method, PREFIX + route.path, route)

    def prepare(self, request: Request) -> Call:
        found = self._routes.find(request.method, request.path)
        try:
            self._check_key(request.headers.get(b"x-api-key"))
            route, params = found or self._no_route()
            return route.handler(Context(route.name, request, self._sandbox, params))
        except Refusal as refusal:
            refusal.kind = None if found is None else found[0].kind
            raise

    def render(self, refusal: Refusal, request: Request) -> Answer:
        return problem_answer(refusal, request)

    def _no_route(self) -> NoReturn:
        raise Refusal("resource_not_found", "This route is not known here.")

    def _check_key(self, given: bytes | None) -> None:
        if not given:
            raise Refusal("missing_credentials", "The header X-API-KEY is missing.")
        if not hmac.compare_digest(given, self._key):
            raise Refusal("invalid_credentials", "The key in X-API-KEY is not valid.")
