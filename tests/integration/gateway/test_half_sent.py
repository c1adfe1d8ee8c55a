"""Nobody shuts others out: half-sent requests make room, and what stops has room of its own."""

from contextlib import AsyncExitStack, ExitStack
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.types import Message, Receive, Scope, Send

from chorus_gateway.api.application import create_app
from chorus_gateway.api.body_guard import BodyGuard
from chorus_gateway.api.bulkheads import Admitted, Bulkheads
from chorus_gateway.api.operations import Operation
from chorus_gateway.api.request_slots import Holder, RequestSlots
from chorus_gateway.api.throttle import ThrottleBounds
from chorus_gateway.problems import Problem
from tests.integration.gateway.browsing import Browser, browser, forms, member_of
from tests.integration.gateway.conftest import (
    HOOK,
    HOOK_SECRET,
    PASSWORD,
    Tenant,
    World,
    account_of,
    client_of,
)
from tests.integration.gateway.half_sent import FORM, JSON, half_sent

TEAM_PAUSE = {"scope": "tenant", "reason": "stop now"}


def _served(world: World, bulkheads: Bulkheads, bounds: ThrottleBounds | None = None) -> FastAPI:
    """Another process over the same database."""
    return create_app(
        world.gateway,
        version="0",
        hook_secret=SecretStr(HOOK_SECRET),
        bulkheads=bulkheads,
        bounds=bounds,
    )


def _at(app: FastAPI, client: httpx.AsyncClient) -> httpx.AsyncClient:
    """The same client, with its token and cookies, at that process."""
    moved = client_of(app, {k: v for k, v in client.headers.items() if k == "authorization"})
    moved.cookies = client.cookies
    return moved


def _token(client: httpx.AsyncClient) -> dict[str, str]:
    return {**JSON, "authorization": client.headers["authorization"]}


async def _pauses(here: Browser) -> int:
    """The status of `Pause me`, pressed on My page."""
    shown = await here.http.get("/me")
    assert shown.status_code == 200, shown.text
    answer = await here.http.post("/me/pause", data=forms(shown.text)["/me/pause"].fields)
    return answer.status_code


def _fill(busy: ExitStack, slots: RequestSlots) -> None:
    """Take all of them, one for each of many groups."""
    with pytest.raises(Problem, match="unavailable"):  # noqa: PT012 - by as many as it takes
        while True:
            name = f"group {slots.taken}"
            busy.enter_context(slots.taking(Holder(group=name, member=name)))


async def _calls_back(client: httpx.AsyncClient) -> int:
    body = {"status": "CREATION_SUCCESS", "account_id": "acc-none", "name": "nobody"}
    return (await client.post(HOOK, json=body)).status_code


@pytest.mark.parametrize("path", ["/sign-in", "/join/x", "/api/auth/sign-in"])
async def test_half_sent_forms_of_strangers_shut_nobody_out(
    world: World, ada: Tenant, path: str
) -> None:
    """INVARIANT (6): a hundred and fifty of them from three addresses: who is signed in stops, the
    provider is heard, and a stranger at a fourth address signs in.
    """
    here = await member_of(world, ada)
    there = browser(world)
    async with AsyncExitStack() as under_way:
        for number in (2, 3, 4):
            await under_way.enter_async_context(
                half_sent(
                    world.app,
                    50,
                    path=path,
                    headers=JSON if path.startswith("/api") else FORM,
                    address=f"10.0.0.{number}",
                )
            )
        assert await _pauses(here) == 303
        assert await _calls_back(world.http) == 200
        await there.open("/sign-in")
        await there.send("/sign-in", email=ada.email, password=PASSWORD)
        await world.signed_in(ada.email)


async def test_half_sent_forms_of_a_member_stop_no_other(world: World, ada: Tenant) -> None:
    """INVARIANT (6): a session's forms are waited for in its person's room, and the oldest go."""
    here = await member_of(world, ada)
    cookie = "; ".join(f"{name}={value}" for name, value in here.http.cookies.items())
    headers = {**FORM, "cookie": cookie}
    async with (
        half_sent(world.app, 15, path="/me/pause", headers=headers) as stops,
        half_sent(world.app, 15, path="/me/hours", headers=headers) as others,
    ):
        for sent in (stops, others):
            assert [one.status for one in sent] == [408] * 5 + [None] * 10
        assert await _pauses(here) == 303


@pytest.mark.parametrize("path", ["/api/pauses", "/api/pods", "/api/users"])
async def test_half_sent_requests_of_a_viewer_stop_nobody_of_the_team(
    world: World, ada: Tenant, path: str
) -> None:
    """INVARIANT (6): sixty of somebody who may do none of it: the owner looks and pauses."""
    eve = await world.person(ada, "eve", "viewer")
    async with half_sent(world.app, 60, path=path, headers=_token(eve.http)) as sent:
        assert [one.status for one in sent[-10:]] == [None] * 10
        assert (await ada.http.get("/api/me")).status_code == 200
        assert (await ada.http.post("/api/pauses", json=TEAM_PAUSE)).status_code == 201
        # And in her own account.
        assert (await eve.http.get("/api/me")).status_code == 200


async def test_half_sent_requests_of_five_teams_stop_no_sixth(world: World, ada: Tenant) -> None:
    """INVARIANT (6): of as many people of each as it takes; strangers sign in too."""
    async with AsyncExitStack() as under_way:
        for number in range(5):
            team = await world.tenant(f"team-{number}")
            for path in ("/api/pauses", "/api/pods"):
                await under_way.enter_async_context(
                    half_sent(world.app, 40, path=path, headers=_token(team.http))
                )
        assert (await ada.http.get("/api/me")).status_code == 200
        assert (await ada.http.post("/api/pauses", json=TEAM_PAUSE)).status_code == 201
        await world.signed_in(ada.email)


async def test_where_everything_is_busy_stops_and_hooks_go_on(world: World, ada: Tenant) -> None:
    """INVARIANT (6): no slot is left of all that is answered: saying no has slots of its own."""
    here = await member_of(world, ada)
    account = await account_of(ada)
    bulkheads = Bulkheads()
    app = _served(world, bulkheads)
    owner, mia = _at(app, ada.http), Browser(_at(app, here.http))
    with ExitStack() as busy:
        for bulkhead in (bulkheads.teams, bulkheads.strangers):
            _fill(busy, bulkhead.slots)
        assert (await owner.get("/api/me")).status_code == 503
        assert (await mia.http.get("/me/hours")).status_code == 503
        assert await _pauses(mia) == 303
        assert await _calls_back(client_of(app)) == 200
        assert (await owner.post("/api/pauses", json=TEAM_PAUSE)).status_code == 201
        for word in ("reject", "cancel"):
            unknown = await owner.post(f"/api/activities/{uuid4()}/{word}")
            assert unknown.status_code == 404, "it was let in"
        withdrawal = {"kinds": ["like"], "granted": False}
        path = f"/api/accounts/{account['id']}/consents"
        assert (await owner.post(path, json=withdrawal)).status_code == 201
        assert (await owner.delete(f"/api/accounts/{account['id']}")).status_code == 200
    assert (await owner.get("/api/me")).status_code == 200
    assert bulkheads.teams.slots.taken == bulkheads.stops.slots.taken == 0


async def test_a_team_that_asks_too_much_still_stops(world: World, ada: Tenant) -> None:
    """INVARIANT (6): what others of the team have asked keeps nobody from a stop, or My page."""
    here = await member_of(world, ada)
    app = _served(world, Bulkheads(), ThrottleBounds(per_second=0.2, stops_per_second=0.4))
    owner, mia = _at(app, ada.http), Browser(_at(app, here.http))
    answers = [(await owner.get("/api/me")).status_code for _ in range(4)]
    assert answers == [200, 200, 429, 429]
    assert (await mia.http.get("/me/hours")).status_code == 429
    assert await _pauses(mia) == 303
    stops = [(await owner.post("/api/pauses", json=TEAM_PAUSE)).status_code for _ in range(5)]
    assert stops == [201, 409, 409, 409, 429], "a person's own bound"


async def test_a_reader_who_is_slow_holds_no_slot() -> None:
    """Nor does one who never reads: from the first byte of an answer on its slot is another's."""
    bulkheads = Bulkheads()
    taken = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        taken.append(bulkheads.teams.slots.taken)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_: Message) -> None:
        taken.append(bulkheads.teams.slots.taken)

    operation = Operation(
        path="/", method="GET", secured=True, queries=frozenset(), reads=frozenset(), streams=False
    )  # fmt: skip
    holder = Holder(group=uuid4(), member="user:x")
    admitted = Admitted(bulkhead=bulkheads.teams, holder=holder)
    scope = {"type": "http", "headers": [], "operation": operation, "admitted": admitted}
    await BodyGuard(app)(scope, receive, send)
    assert taken == [1, 0, 0]


async def test_a_get_that_announces_a_body_is_bounded_like_any_other(
    world: World, ada: Tenant
) -> None:
    """Of the API each body is waited for, whatever the method; pages read none of a GET."""
    headers = _token(ada.http)
    async with half_sent(world.app, 12, path="/api/me", headers=headers, method="GET") as sent:
        assert [one.status for one in sent] == [408] * 2 + [None] * 10
        (closed,) = [value for name, value in sent[0].answer[0]["headers"] if name == b"connection"]
        assert closed == b"close"
    for method in ("GET", "HEAD"):
        async with half_sent(world.app, 1, path="/me", headers=FORM, method=method) as sent:
            assert sent[0].status == 401
            assert not sent[0].waited_for.is_set()


@pytest.mark.parametrize("path", ["/me/pause", "/me/hours", "/me/nowhere", "/hooks/x"])
async def test_nothing_is_read_of_who_is_not_known(world: World, path: str) -> None:
    """On pages and hooks as in the API: no session, no secret, no body."""
    async with half_sent(world.app, 1, path=path, headers=FORM) as sent:
        assert sent[0].status in {401, 404}
        assert not sent[0].given


async def test_half_sent_hooks_leave_room_for_the_next(world: World) -> None:
    """Who knows the secret, and sends slowly, makes room as everybody."""
    async with half_sent(world.app, 30, path=HOOK, headers=JSON) as sent:
        assert [one.status for one in sent] == [408] * 10 + [None] * 20
        assert await _calls_back(world.http) == 200


async def test_a_form_that_did_not_come_in_time_is_told_so(world: World) -> None:
    """Its page is 408 and closes the connection, not `too large`."""
    async with half_sent(world.app, 21, path="/sign-in", headers=FORM) as sent:
        assert sent[0].status == 408
        assert b"did not come in time" in sent[0].answer[1]["body"]
