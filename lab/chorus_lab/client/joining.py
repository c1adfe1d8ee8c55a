"""A person joins a team: signs in, chooses a password, connects their account, agrees."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chorus_lab.client.gateway import GatewayClient
from chorus_lab.client.sandbox import SandboxClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Somebody at the API, and the account that is theirs."""

    gateway: GatewayClient
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """A team that people join. `admin` adds them; everything else they do themselves."""

    url: str
    admin: GatewayClient
    sandbox: SandboxClient

    def join(self, name: str, *, person: str, kinds: Sequence[str]) -> Joined:
        """`person` is who they are on the network: an account's id, a provider id or a slug."""
        email = f"{secrets.token_hex(6)}@example.test"
        first = secrets.token_urlsafe(16)
        self.admin.add_user(email, name, first)
        own = GatewayClient(self.url)
        own.sign_in(email, first)
        own.choose_password(first, secrets.token_urlsafe(16))
        return Joined(gateway=own, account=self.connect(own, name, person=person, kinds=kinds))

    def connect(self, own: GatewayClient, name: str, *, person: str, kinds: Sequence[str]) -> UUID:
        """They connect their account at the provider's page and agree to `kinds`."""
        link, page = own.start_link(name)
        self.sandbox.sign_in_at(page, person)
        account = own.connected_account(link)
        own.consent(account, kinds)
        return account
