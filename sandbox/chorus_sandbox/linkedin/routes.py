"""The site's host name, its routes, and what is answered beside them."""

from collections.abc import Callable
from dataclasses import dataclass

from chorus_sandbox.asgi import Answer, Request
from chorus_sandbox.linkedin import listings, posts, shares, walls
from chorus_sandbox.linkedin.assets import site_assets
from chorus_sandbox.linkedin.context import SiteContext, cookies_of
from chorus_sandbox.routing import RouteTable
from chorus_sandbox.world.calls import Call, Refusal
from chorus_sandbox.world.sandbox import Sandbox
from chorus_sandbox.world.stage import NoAnswer
from chorus_sandbox.world.truth import EffectKind

HOST = "www.linkedin.localhost"
_DOMAIN = b"linkedin.localhost"
_REALTIME = "/realtime/connect"


@dataclass(frozen=True, slots=True)
class Route:
    """`resource` is what a browser would call it; `counted` what it adds to the account."""

    name: str
    method: str
    path: str
    handler: Callable[[SiteContext], Call]
    resource: str
    counted: str
    kind: EffectKind | None = None


ROUTES = (
    Route("feed_page", "GET", "/feed", listings.feed_page, "document", "pages"),
    Route("post_page", "GET", "/feed/update/{urn}", posts.by_urn, "document", "pages"),
    Route("post_page", "GET", "/posts/{slug}", posts.by_slug, "document", "pages"),
    Route("profile_page", "GET", "/in/{slug}", listings.profile_page, "document", "pages"),
    Route(
        "activity_page",
        "GET",
        "/in/{slug}/recent-activity/all",
        listings.activity_page,
        "document",
        "pages",
    ),
    Route("action_bar", "GET", "/voyager/api/feed/updateActions", posts.actions, "xhr", "api"),
    Route("composer", "GET", "/flagship-web/rsc-action/composer", posts.composer, "xhr", "api"),
    Route(
        "repost",
        "POST",
        "/voyager/api/contentcreation/normShares",
        shares.repost,
        "xhr",
        "writes",
        "repost",
    ),
    Route(
        "undo_repost",
        "POST",
        "/voyager/api/contentcreation/undoRepost",
        shares.undo,
        "xhr",
        "undos",
    ),
)


class LinkedInSite:
    """A provider, see `chorus_sandbox.world.calls.Provider`; told by its host, not by a prefix."""

    prefix = "/"
    error_types = walls.ERROR_TYPES
    route_names = frozenset(route.name for route in ROUTES)

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._assets = site_assets()
        self._routes: RouteTable[Route] = RouteTable()
        for route in ROUTES:
            self._routes.add(route.method, route.path, route)

    @staticmethod
    def serves(request: Request) -> bool:
        host = request.headers.get(b"host", b"").partition(b":")[0]
        return host.endswith(_DOMAIN)

    async def beside(self, request: Request) -> Answer | None:
        """What needs no session and no fault strikes: assets, walls, the open connection.

        Raises NoAnswer when the client of an open connection has gone.
        """
        website = self._sandbox.website
        asset = self._assets.find(request)
        if asset is not None:
            website.requests[asset.resource] += 1
            return asset.answer
        if request.path == _REALTIME:
            website.requests["realtime"] += 1
            await self._sandbox.waiting.until_gone(request)
            raise NoAnswer
        return walls.standing(request, website)

    def prepare(self, request: Request) -> Call:
        found = self._routes.find(request.method, request.path.rstrip("/"))
        if found is None:
            raise Refusal("page_not_found", "No such page.")
        route, params = found
        context = SiteContext(route.name, request, self._sandbox, params, cookies_of(request))
        self._count(route, context)
        try:
            return route.handler(context)
        except Refusal as refusal:
            refusal.kind = route.kind
            raise

    def _count(self, route: Route, context: SiteContext) -> None:
        website = self._sandbox.website
        website.requests[route.resource] += 1
        if context.session is not None:
            website.count(context.session.account, route.counted)

    def render(self, refusal: Refusal, request: Request) -> Answer:
        context = SiteContext("", request, self._sandbox, (), cookies_of(request))
        return walls.wall(refusal, context)
