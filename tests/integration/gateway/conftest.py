"""A gateway over a real database, as its own role, with the fake scheduler."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg.rows import dict_row
from pydantic import SecretStr

from chorus.ids import new_id
from chorus.postgres.pool import Pool, open_pool
from chorus.settings import PostgresSettings
from chorus.testing import FakeClock
from chorus.vocabulary import Kind
from chorus_gateway.api.application import create_app
from chorus_gateway.app import SESSION_OPTIONS, assemble
from chorus_gateway.caller import Gateway
from chorus_gateway.create_tenant import NewTenant, create
from chorus_gateway.domain.consent import current_text
from chorus_gateway.domain.tiers import Tier
from chorus_gateway.hosted.fake import FakeHostedAccounts
from chorus_gateway.identity.passwords import Passwords
from chorus_gateway.lookup.fake import FakePostLookup
from chorus_gateway.scheduler.fake import FakeScheduler
from chorus_gateway.settings import GatewaySettings
from tests.integration.gateway.ledger import Ledger

PASSWORD = "correct horse battery"
FIRST_PASSWORD = "chosen by an admin"
ROLE_PASSWORD = "only for tests"
PUBLIC_URL = "http://chorus.test"
HOOK_SECRET = "h" * 40
HOOK = f"/hooks/unipile/accounts/{HOOK_SECRET}"
STATUS_HOOK = "/hooks/unipile/account-status"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting:
    """The provider, and the hook that it calls."""

    hosted: FakeHostedAccounts
    http: httpx.AsyncClient

    def name(self, url: str) -> str:
        """What a page was given to bring back."""
        return self.hosted.page_of(url).name

    async def call_back(
        self, url: str, account_id: str | None, status: str = "CREATION_SUCCESS"
    ) -> httpx.Response:
        """The provider's word about a page."""
        body = {"status": status, "account_id": account_id, "name": self.name(url)}
        return await self.http.post(HOOK, json=body)

    async def says(
        self, account_id: str, word: str, secret: str | None = HOOK_SECRET
    ) -> httpx.Response:
        """The provider's word about an account's sign-in."""
        headers = {} if secret is None else {"unipile-auth": secret}
        told = {"account_id": account_id, "account_type": "LINKEDIN", "message": word}
        return await self.http.post(STATUS_HOOK, json={"AccountStatus": told}, headers=headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A tenant's owner, signed in."""

    client_id: UUID
    user_id: UUID
    email: str
    http: httpx.AsyncClient
    connecting: Connecting

    async def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """POST JSON to /api…; the answer must be a success, and its document is returned."""
        response = await self.http.post(path, json=body, **options)
        assert response.is_success, response.text
        return response.json() if response.content else None

    async def get(self, path: str, **options: Any) -> Any:
        """GET; the same."""
        response = await self.http.get(path, **options)
        assert response.is_success, response.text
        return response.json()


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything a test of the gateway needs."""

    app: FastAPI
    gateway: Gateway
    scheduler: FakeScheduler
    clock: FakeClock
    pool: Pool
    ledger: Ledger
    http: httpx.AsyncClient
    hosted: FakeHostedAccounts
    lookup: FakePostLookup

    @property
    def connecting(self) -> Connecting:
        """The provider's side of connecting accounts."""
        return Connecting(hosted=self.hosted, http=self.http)

    async def tenant(self, name: str, tier: Tier = Tier.STARTER) -> Tenant:
        """A new tenant, its owner signed in."""
        email = f"{name}@example.com"
        wanted = NewTenant(name=name, email=email, tier=tier, password=PASSWORD)
        client_id, user_id = await create(self.gateway.database, self.gateway.passwords, wanted)
        http = await self.signed_in(email)
        return Tenant(
            client_id=client_id,
            user_id=user_id,
            email=email,
            http=http,
            connecting=self.connecting,
        )

    async def person(self, tenant: Tenant, name: str, role: str) -> Tenant:
        """One more person of a tenant, signed in."""
        email = f"{name}@example.com"
        body = {"email": email, "name": name, "role": role, "password": FIRST_PASSWORD}
        user = await tenant.post("/api/users", body)
        http = await self.signed_in(email, FIRST_PASSWORD)
        chosen = {"present": FIRST_PASSWORD, "new": PASSWORD}
        assert (await http.put("/api/me/password", json=chosen)).status_code == 204
        http = await self.signed_in(email)
        return Tenant(
            client_id=tenant.client_id,
            user_id=UUID(user["id"]),
            email=email,
            http=http,
            connecting=self.connecting,
        )

    async def signed_in(self, email: str, password: str = PASSWORD) -> httpx.AsyncClient:
        """A client that carries an access token."""
        body = {"email": email, "password": password}
        response = await self.http.post("/api/auth/sign-in", json=body)
        assert response.status_code == 200, response.text
        token = response.json()["access_token"]
        return client_of(self.app, {"authorization": f"Bearer {token}"})


def client_of(
    app: FastAPI, headers: dict[str, str] | None = None, *, address: str = "127.0.0.1"
) -> httpx.AsyncClient:
    """A client that calls the application without a socket."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers)


@pytest.fixture
def gateway_dsn(migrated_database: str) -> str:
    """The database as the gateway's own role sees it."""
    with psycopg.connect(migrated_database, autocommit=True) as conn:
        conn.execute(f"alter role chorus_gateway password '{ROLE_PASSWORD}'")
    parts = urlsplit(migrated_database)
    user = f"chorus_gateway:{ROLE_PASSWORD.replace(' ', '%20')}"
    return urlunsplit(parts._replace(netloc=f"{user}@{parts.hostname}:{parts.port}"))


@pytest.fixture
async def gateway_pool(gateway_dsn: str) -> AsyncIterator[Pool]:
    """A pool of the gateway's role."""
    settings = PostgresSettings(dsn=SecretStr(gateway_dsn), pool_max=8)
    pool = await open_pool(settings, name="gateway-test", session=SESSION_OPTIONS)
    yield pool
    await pool.close()


@pytest.fixture
async def world(gateway_pool: Pool, migrated_database: str) -> AsyncIterator[World]:
    """An application over the database, with the fake scheduler and a clock that stands still."""
    settings = GatewaySettings(
        jwt_secret=SecretStr("s" * 32),
        internal_token=SecretStr("i" * 32),
        scheduler_url="http://127.0.0.1:1",
        public_url=PUBLIC_URL,
        hook_secret=SecretStr(HOOK_SECRET),
        unipile_url="http://127.0.0.1:1/api/v1",
        unipile_api_key=SecretStr("u" * 32),
    )
    clock = FakeClock()
    scheduler = FakeScheduler(clock=clock)
    passwords = Passwords(time_cost=1, memory_kib=64)
    hosted, lookup = FakeHostedAccounts(), FakePostLookup()
    gateway = assemble(
        settings,
        gateway_pool,
        scheduler,
        clock,
        passwords=passwords,
        hosted=hosted,
        lookup=lookup,
    )
    app = create_app(gateway, version="0", hook_secret=SecretStr(HOOK_SECRET))
    async with (
        await psycopg.AsyncConnection.connect(
            migrated_database, autocommit=True, row_factory=dict_row
        ) as owner,
        client_of(app) as http,
    ):
        yield World(
            app=app,
            gateway=gateway,
            scheduler=scheduler,
            clock=clock,
            pool=gateway_pool,
            ledger=Ledger(owner),
            http=http,
            hosted=hosted,
            lookup=lookup,
        )


@pytest.fixture
async def ada(world: World) -> Tenant:
    """A tenant."""
    return await world.tenant("ada")


@pytest.fixture
async def bob(world: World) -> Tenant:
    """Another tenant."""
    return await world.tenant("bob")


async def connected(
    tenant: Tenant, provider_id: str | None = None, **wanted: Any
) -> dict[str, Any]:
    """Whoever this is connects their own account at the provider's page."""
    provider_id = provider_id or f"acc-{new_id()}"
    link = await tenant.post("/api/accounts/links", wanted)
    tenant.connecting.hosted.signs_in(provider_id)
    assert (await tenant.connecting.call_back(link["url"], provider_id)).status_code == 200
    came = await tenant.get(f"/api/accounts/links/{link['id']}")
    assert came["state"] == "connected", came
    return dict(await tenant.get(f"/api/accounts/{came['account_id']}"))


def consent(*kinds: str) -> dict[str, Any]:
    """A yes to the present texts, as somebody says it who was shown them."""
    texts = {kind: current_text(Kind(kind)).sha256.hex() for kind in kinds}
    return {"kinds": list(kinds), "granted": True, "text_sha256": texts}


async def account_of(tenant: Tenant, name: str = "Ada") -> dict[str, Any]:
    """A connected account that consents to likes, comments, reposts and publishing."""
    account = await connected(tenant, display_name=name)
    kinds = ["like", "comment", "repost", "publish"]
    path = f"/api/accounts/{account['id']}/consents"
    await tenant.post(path, consent(*kinds))
    return dict(account)


async def pod_with_member(tenant: Tenant) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A pod, an account, and the member that joins them."""
    account = await account_of(tenant)
    pod = await tenant.post("/api/pods", {"name": f"pod {new_id()}"})
    member = await tenant.post(f"/api/pods/{pod['id']}/members", {"account_id": account["id"]})
    return pod, account, member


POST_URL = "https://www.linkedin.com/posts/ada_engines-activity-7379160923545600000-Ab1c/"
