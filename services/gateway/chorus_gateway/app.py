"""Wiring: settings → adapters → handlers → parts of the service."""

from hashlib import sha256
from importlib.metadata import version

import httpx

from chorus.clock import Clock
from chorus.events import PostPublished, PublishFailed, WatchChecked
from chorus.kafka.consuming.loop import ConsumeLoop
from chorus.kafka.producer import EventProducer
from chorus.outbox.relay import Relay
from chorus.postgres.clock import database_clock
from chorus.postgres.migrate import require
from chorus.postgres.pool import Pool, open_pool
from chorus.process.rounds import Every, Rounds
from chorus.process.service import Service
from chorus.settings import KafkaSettings, PostgresSettings, load
from chorus.telemetry import logs, metrics
from chorus_gateway.account_links import AccountLinks
from chorus_gateway.api.application import create_app
from chorus_gateway.api.throttle import ThrottleBounds
from chorus_gateway.caller import Gateway
from chorus_gateway.challenges import Challenges
from chorus_gateway.connecting.site import PREFIX as CONNECT
from chorus_gateway.connecting.visits import Visits
from chorus_gateway.detection import Detector
from chorus_gateway.ended_challenges import EndedChallenges
from chorus_gateway.handlers import Handlers
from chorus_gateway.hooks.account_links import ACCOUNTS
from chorus_gateway.hosted.absent import NoHostedAccounts
from chorus_gateway.hosted.http import HttpHostedAccounts
from chorus_gateway.hosted.port import HostedAccounts
from chorus_gateway.identity.access_tokens import AccessTokens
from chorus_gateway.identity.authentication import Authenticator
from chorus_gateway.identity.outside_issuer import OutsideIssuer
from chorus_gateway.identity.page_sessions import PageSessions
from chorus_gateway.identity.passwords import Passwords
from chorus_gateway.identity.sign_in import SignIn
from chorus_gateway.live.follower import Follower
from chorus_gateway.live.view import LiveView
from chorus_gateway.lookup.absent import NoPostLookup
from chorus_gateway.lookup.http import HttpPostLookup
from chorus_gateway.lookup.port import PostLookup
from chorus_gateway.member_pages.paths import ME
from chorus_gateway.post_identity import PostIdentity
from chorus_gateway.provider_sign_outs import ProviderSignOuts
from chorus_gateway.provider_status import ProviderStatus
from chorus_gateway.purging import Purging
from chorus_gateway.scheduler.http import HttpScheduler
from chorus_gateway.scheduler.port import Scheduler
from chorus_gateway.settings import GatewaySettings
from chorus_gateway.store.database import Database
from chorus_gateway.watch_answers import WatchAnswers

# Optional filters in one statement: a plan made for all of them at once would read whole tables.
SESSION_OPTIONS = {"plan_cache_mode": "force_custom_plan"}
PACKAGES = ("chorus_gateway", "chorus_scheduler", "chorus_executor")


async def build() -> Service:
    """The gateway, not started."""
    settings, kafka, postgres = load(GatewaySettings), load(KafkaSettings), load(PostgresSettings)
    logs.configure(settings)
    pool = await open_pool(postgres, name="gateway", session=SESSION_OPTIONS)
    await require(pool, PACKAGES)
    clock = await database_clock(pool)
    outward = httpx.AsyncClient(timeout=settings.oidc_timeout)
    inward = scheduler_client(settings)
    scheduler = HttpScheduler(inward, settings.internal_token)
    provider = provider_client(settings)
    gateway = assemble(
        settings,
        pool,
        scheduler,
        clock,
        outside=outside_issuer(settings, outward, clock),
        hosted=hosted_accounts(settings, provider),
        lookup=post_lookup(settings, provider),
    )
    loop = consume_loop(kafka, gateway, clock)
    producer = EventProducer(kafka, client_id=settings.instance)
    relay = Relay(pool, postgres.dsn.get_secret_value(), "gateway", producer)
    follower = Follower(kafka, gateway.live)
    purging = Purging(gateway.database, every=settings.purge_every)
    sweeps = _sweeps(settings, gateway)
    app = create_app(
        gateway,
        version=version("chorus-gateway"),
        origins=settings.allowed_origins,
        hook_secret=settings.hook_secret,
        bounds=ThrottleBounds(per_second=settings.requests_per_second),
        trusted=settings.trusted_proxies,
    )
    service = Service(settings, app=app)
    service.add("pool", stop=pool.close)
    service.add("clock", run=clock.run, stop=clock.stop)
    service.add("http_clients", stop=lambda: close_all(inward, outward, provider))
    service.add("producer", stop=producer.stop)
    service.add("relay", run=relay.run, stop=relay.stop)
    service.add("tail", run=follower.run, stop=follower.stop)
    service.add("purging", run=purging.run, stop=purging.stop)
    service.add("sweeps", run=sweeps.run, stop=sweeps.stop)
    service.add("live", stop=gateway.live.close)
    service.add("consumer", run=loop.run, stop=loop.stop, ready=loop.ready.is_set, alive=loop.alive)
    return service


def _sweeps(settings: GatewaySettings, gateway: Gateway) -> Rounds:
    return Rounds(
        Every(settings.resolve_every, gateway.post_identity.sweep),
        Every(settings.links_every, gateway.account_links.sweep),
        Every(settings.links_every, gateway.sign_outs.sweep),
        Every(settings.links_every, gateway.provider_status.sweep),
    )


def consume_loop(kafka: KafkaSettings, gateway: Gateway, clock: Clock) -> ConsumeLoop:
    """What the gateway hears of."""
    database = gateway.database
    handlers, detector = Handlers(database, clock), Detector(database, clock)
    watches = WatchAnswers(database, detector, gateway.provider_status)
    return ConsumeLoop(
        settings=kafka,
        group="gateway",
        handlers={
            PostPublished: handlers.on_post_published,
            PublishFailed: handlers.on_publish_failed,
            WatchChecked: watches.on_watch_checked,
        },
        clock=clock,
    )


def scheduler_client(settings: GatewaySettings) -> httpx.AsyncClient:
    """Connections to the scheduler, as many as requests are answered at once (`api/bulkheads.py`):
    with httpx's own bound of 100 a pause would wait while others preview.
    """
    return httpx.AsyncClient(
        base_url=settings.scheduler_url,
        timeout=settings.scheduler_timeout,
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
    )


def provider_client(settings: GatewaySettings) -> httpx.AsyncClient:
    """Connections to the provider's API, or to nowhere."""
    url = settings.unipile_url or "http://provider.invalid"
    return httpx.AsyncClient(base_url=url, timeout=settings.unipile_timeout)


def assemble(
    settings: GatewaySettings,
    pool: Pool,
    scheduler: Scheduler,
    clock: Clock,
    *,
    lookup: PostLookup | None = None,
    outside: OutsideIssuer | None = None,
    passwords: Passwords | None = None,
    hosted: HostedAccounts | None = None,
) -> Gateway:
    """The parts that the routes work with, over a pool and a scheduler."""
    database = Database(pool)
    tokens = AccessTokens(settings.jwt_secret)
    hasher = passwords or Passwords(
        time_cost=settings.password_time_cost, memory_kib=settings.password_memory_kib
    )
    visits = Visits(database, scheduler, clock, _key("connecting", settings))
    pages = PageSessions(database, clock, key=_key("pages", settings))
    base = (settings.public_url or "").rstrip("/")
    return Gateway(
        database=database,
        authenticator=Authenticator(database, tokens, clock, outside),
        sign_in=SignIn(database, hasher, tokens, clock, key=_key("sessions", settings)),
        passwords=hasher,
        scheduler=scheduler,
        post_identity=PostIdentity(
            database, lookup or NoPostLookup(), Challenges(database, scheduler, clock), clock
        ),
        live=LiveView(metrics.gateway),
        account_links=AccountLinks(
            database,
            hosted or NoHostedAccounts(),
            clock,
            again=EndedChallenges(database, scheduler, clock),
            address=lambda link_id: f"{base}{CONNECT}{visits.token(link_id)}",
        ),
        sign_outs=ProviderSignOuts(database, hosted or NoHostedAccounts()),
        provider_status=ProviderStatus(
            database,
            hosted or NoHostedAccounts(),
            clock,
            my_page=f"{base}{ME}" if base else None,
        ),
        visits=visits,
        pages=pages,
        clock=clock,
        public_url=base or None,
        fingerprint_key=_key("idempotency", settings),
    )


def _key(purpose: str, settings: GatewaySettings) -> bytes:
    """A key of its own for each purpose, out of the one secret."""
    return sha256(f"{purpose}/{settings.jwt_secret.get_secret_value()}".encode()).digest()


def outside_issuer(
    settings: GatewaySettings, client: httpx.AsyncClient, clock: Clock
) -> OutsideIssuer | None:
    """The issuer that the settings name, if any."""
    if not (settings.oidc_issuer and settings.oidc_jwks_url and settings.oidc_audience):
        return None
    return OutsideIssuer(
        client,
        issuer=settings.oidc_issuer,
        jwks_url=settings.oidc_jwks_url,
        audience=settings.oidc_audience,
        clock=clock,
    )


def hosted_accounts(settings: GatewaySettings, client: httpx.AsyncClient) -> HostedAccounts | None:
    """The provider's hosted pages, where they are configured."""
    if not (settings.public_url and settings.hook_secret and settings.unipile_api_key):
        return None
    secret = settings.hook_secret.get_secret_value()
    return HttpHostedAccounts(
        client,
        key=settings.unipile_api_key,
        notify_url=f"{settings.public_url.rstrip('/')}{ACCOUNTS}{secret}",
    )


def post_lookup(settings: GatewaySettings, client: httpx.AsyncClient) -> PostLookup:
    """Over the provider that the settings name, if any."""
    if settings.unipile_url is None or settings.unipile_api_key is None:
        return NoPostLookup()
    return HttpPostLookup(client, settings.unipile_api_key)


async def close_all(*clients: httpx.AsyncClient) -> None:
    """Close the connections of HTTP clients."""
    for client in clients:
        await client.aclose()
