"""What a use case is given: the parts of the gateway, who asks, and a way to note changes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chorus.clock import Clock
from chorus.postgres.pool import Connection
from chorus_gateway.account_links import AccountLinks
from chorus_gateway.connecting.visits import Visits
from chorus_gateway.domain.principals import Principal
from chorus_gateway.domain.roles import Permission
from chorus_gateway.identity import still_known
from chorus_gateway.identity.authentication import Authenticator
from chorus_gateway.identity.page_sessions import PageSessions
from chorus_gateway.identity.passwords import Passwords
from chorus_gateway.identity.sign_in import SignIn
from chorus_gateway.live.view import LiveView
from chorus_gateway.post_identity import PostIdentity
from chorus_gateway.problems import Problem
from chorus_gateway.provider_sign_outs import ProviderSignOuts
from chorus_gateway.provider_status import ProviderStatus
from chorus_gateway.scheduler.port import Scheduler
from chorus_gateway.store import audit
from chorus_gateway.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The parts that use cases work with."""

    database: Database
    authenticator: Authenticator
    sign_in: SignIn
    passwords: Passwords
    scheduler: Scheduler
    post_identity: PostIdentity
    live: LiveView
    account_links: AccountLinks
    sign_outs: ProviderSignOuts
    provider_status: ProviderStatus
    visits: Visits
    pages: PageSessions
    clock: Clock
    public_url: str | None
    """Where people reach our pages, without a slash at its end; None: nowhere."""
    fingerprint_key: bytes
    """Keys the digests of requests that are kept for idempotency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is asking, from where, and the gateway they ask."""

    principal: Principal
    address: str | None
    gateway: Gateway

    @asynccontextmanager
    async def transaction(self, *, alone: bool = False) -> AsyncIterator[Connection]:
        """A transaction of the caller's tenant, in which they are known still. `alone`: it ends
        sessions of the caller's own.

        Raises Problem `not_signed_in` or `not_allowed`: who was let in may be out by now.
        """
        async with self.gateway.database.tenant(self.principal.client_id) as conn:
            await still_known.require(conn, self.principal, self.gateway.clock.now(), alone=alone)
            yield conn

    @asynccontextmanager
    async def afterwards(self) -> AsyncIterator[Connection]:
        """A transaction for what follows an effect that is there: whoever they are by now."""
        async with self.gateway.database.tenant(self.principal.client_id) as conn:
            yield conn

    async def scheduler(self) -> Scheduler:
        """For a command of somebody who is known still. Raises as `transaction` does."""
        async with self.transaction():
            return self.gateway.scheduler

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """The same for who only looks: nothing can be written in it."""
        async with self.gateway.database.reading(self.principal.client_id) as conn:
            yield conn

    async def note(
        self, conn: Connection, action: str, subject_id: UUID | None, **detail: Any
    ) -> None:
        """Write the audit row of a change, in the transaction of the change."""
        await audit.add(
            conn,
            client_id=self.principal.client_id,
            actor=self.principal.actor,
            actor_id=self.principal.user_id,
            action=action,
            subject_id=subject_id,
            detail=detail,
            address=self.address,
        )


def require_in_person(caller: Caller) -> None:
    """What is said in one's own name: signed in, with a password that nobody else chose."""
    if caller.principal.key_id is not None:
        raise Problem("in_person_only")
    if caller.principal.temporary:
        raise Problem("password_is_temporary")


def require_words(caller: Caller) -> None:
    """What decides what is said in people's names: in person, or a key that was made to approve."""
    if not caller.principal.may(Permission.APPROVE):
        raise Problem(
            "not_allowed",
            "This decides what is said in people's names: a key needs the scope `approve` for it.",
        )
