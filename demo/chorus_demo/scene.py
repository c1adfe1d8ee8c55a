"""Sets the scene through the doors that everybody uses: the command line and the HTTP API."""

import secrets
from dataclasses import dataclass, field
from uuid import UUID

import psycopg

from chorus_demo import cast
from chorus_demo.cast import Person
from chorus_lab.client import (
    Activity,
    Amplification,
    GatewayClient,
    Joining,
    Post,
    SandboxClient,
)
from chorus_lab.stack import NewTenant, Stack, create_tenant

EMAIL = "owner@chorus.example"
ALL_KINDS = ("like", "comment", "repost", "publish")


@dataclass(slots=True, kw_only=True)
class Scene:
    """A tenant with its people, at the API and in the sandbox."""

    gateway: GatewayClient
    sandbox: SandboxClient
    password: str
    tenant: UUID
    people: list[Person]
    own: dict[UUID, GatewayClient] = field(default_factory=dict)
    """By account: its person at the API."""
    accounts: dict[UUID, Person] = field(default_factory=dict)
    pod: UUID | None = None

    @property
    def author(self) -> UUID:
        """The first account is the author's."""
        return next(iter(self.accounts))

    def account_of(self, person: Person) -> UUID:
        return next(account for account, known in self.accounts.items() if known == person)

    def publish(self) -> Post:
        """Queue the author's post; it goes out at once."""
        return self.gateway.publish(cast.POST_TEXT, account=self.author, pod=self.pod)

    def preview(self, post: UUID) -> Amplification:
        return self.gateway.trigger(post, kinds=["repost"], dry_run=True)

    def trigger(self, post: UUID, *, seed: int) -> Amplification:
        return self.gateway.trigger(post, kinds=["repost"], seed=seed)

    def activities(self, post: UUID) -> list[Activity]:
        """In the order of their times."""
        found = self.gateway.activities(post_id=post)
        return sorted(found, key=lambda activity: (activity.scheduled_for, activity.id))


def set_scene(stack: Stack, members: int) -> Scene:
    """Make the tenant, sign in, connect everybody, agree to everything, make the pod."""
    password = secrets.token_urlsafe(12)
    tenant = create_tenant(stack, NewTenant(name="Demo", email=EMAIL, password=password))
    shrink_cooldowns(stack, tenant)
    scene = Scene(
        gateway=GatewayClient(stack.urls["gateway"]),
        sandbox=SandboxClient(stack.urls["sandbox"]),
        password=password,
        tenant=tenant,
        people=cast.people(members),
    )
    scene.gateway.sign_in(EMAIL, password)
    _connect(scene, stack.urls["gateway"])
    _gather(scene)
    return scene


def shrink_cooldowns(stack: Stack, tenant: UUID) -> None:
    """An account's minute between two acts of a kind becomes a second, as all minutes do here."""
    with psycopg.connect(stack.owner_dsn, connect_timeout=5) as conn:
        conn.execute(
            """
            insert into scheduler.rate_limits
                (client_id, platform, kind, per_hour, per_day, cooldown)
            select %s, platform, kind, per_hour, per_day, cooldown / 60
            from scheduler.rate_limits
            where client_id is null and platform = 'linkedin' and cooldown >= interval '1 second'
            """,
            [tenant],
        )


def _connect(scene: Scene, url: str) -> None:
    """Each is somebody of the network who signs in here, connects their account, and agrees."""
    joining = Joining(url=url, admin=scene.gateway, sandbox=scene.sandbox)
    for person in scene.people:
        scene.sandbox.add_person(person.name, account_id=person.provider_id)
        joined = joining.join(person.name, person=person.provider_id, kinds=ALL_KINDS)
        scene.accounts[joined.account] = person
        scene.own[joined.account] = joined.gateway


def _gather(scene: Scene) -> None:
    voices = {
        name: scene.gateway.make_cartridge(name.title(), definition)
        for name, definition in cast.VOICES.items()
    }
    scene.pod = scene.gateway.make_pod("Founders", cast.policy())
    for account, person in scene.accounts.items():
        member = scene.gateway.add_member(scene.pod, account, cartridge=voices[person.voice])
        scene.own[account].choose_phrases(member, person.phrases)
