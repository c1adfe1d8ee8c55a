"""HoldPoints: a request is stopped before its effect, or between its effect and its answer."""

import asyncio

import httpx
import pytest

from chorus_sandbox.server import SandboxServer
from tests.integration.sandbox.driver import Driver, fresh_driver

pytestmark = pytest.mark.asyncio(loop_scope="module")
# Not a time-out: that would be the client giving up.
DROPPED = (httpx.RemoteProtocolError, httpx.ReadError)


@pytest.mark.parametrize(("when", "effects"), [("before", 0), ("after", 1)])
async def test_a_gate_holds_until_released(driver: Driver, when: str, effects: int) -> None:
    """E5: the moment between effect and record can be tested."""
    post = await driver.post()
    point_id = await driver.hold_point(when, route="react", account_id="bob")
    held = asyncio.create_task(driver.like("bob", post))
    point = await driver.control("GET", f"/hold-points/{point_id}/wait?timeout_ms=5000")
    assert (point["arrived"], point["held"]) == (1, 1)
    assert len(await driver.effects()) == effects
    assert not held.done()
    await driver.control("POST", f"/hold-points/{point_id}/release")
    assert (await held).status_code == 201
    assert len(await driver.effects()) == 1


async def test_what_does_not_match_passes(driver: Driver) -> None:
    post = await driver.post()
    await driver.hold_point("before", account_id="bob")
    assert (await driver.like("ada", post)).status_code == 201


async def test_a_released_gate_holds_nothing_more(driver: Driver) -> None:
    post = await driver.post()
    point_id = await driver.hold_point("before")
    await driver.control("POST", f"/hold-points/{point_id}/release")
    assert (await driver.like("bob", post)).status_code == 201


async def test_several_can_be_waited_for(driver: Driver) -> None:
    post = await driver.post()
    point_id = await driver.hold_point("after", kind="like")
    held = [asyncio.create_task(driver.like(name, post)) for name in ("ada", "bob")]
    point = await driver.control("GET", f"/hold-points/{point_id}/wait?count=2")
    assert point["held"] == 2
    await driver.control("POST", f"/hold-points/{point_id}/release")
    assert [(await answer).status_code for answer in held] == [201, 201]


async def test_waiting_in_vain_is_a_408(driver: Driver) -> None:
    point_id = await driver.hold_point("before")
    response = await driver.client.get(f"/control/hold-points/{point_id}/wait?timeout_ms=20")
    assert (response.status_code, response.json()["arrived"]) == (408, 0)


async def test_the_effect_stands_when_the_client_goes_at_the_hold_point(driver: Driver) -> None:
    post = await driver.post()
    point_id = await driver.hold_point("after")
    held = asyncio.create_task(driver.like("bob", post))
    await driver.control("GET", f"/hold-points/{point_id}/wait")
    held.cancel()
    await asyncio.gather(held, return_exceptions=True)
    assert len(await driver.effects()) == 1
    await driver.control("POST", f"/hold-points/{point_id}/release")


async def test_a_gate_after_and_a_reset_after_combine(driver: Driver) -> None:
    post = await driver.post()
    await driver.fault("reset_after")
    point_id = await driver.hold_point("after")
    held = asyncio.create_task(driver.like("bob", post))
    await driver.control("GET", f"/hold-points/{point_id}/wait")
    await driver.control("POST", f"/hold-points/{point_id}/release")
    with pytest.raises(DROPPED):
        await held
    assert len(await driver.effects()) == 1


async def test_resetting_drops_what_is_held(driver: Driver) -> None:
    """INVARIANT: nothing sent before a reset has an effect after it."""
    post = await driver.post()
    point_id = await driver.hold_point("before", account_id="bob")
    await driver.fault("delay", ms=60_000, match={"account_id": "ada"})
    held = [asyncio.create_task(driver.like(name, post)) for name in ("ada", "bob")]
    await driver.control("GET", f"/hold-points/{point_id}/wait")
    await driver.control("POST", "/reset")
    results = await asyncio.gather(*held, return_exceptions=True)
    assert all(isinstance(result, DROPPED) for result in results)
    summary = await driver.control("GET", "/truth/summary")
    assert (summary["total"], summary["refused"]) == (0, {})


async def test_stopping_drops_what_is_held() -> None:
    server = SandboxServer()
    await server.start()
    async with httpx.AsyncClient(base_url=server.url, timeout=10) as client:
        driver = await fresh_driver(client)
        post = await driver.post()
        await driver.fault("timeout_after", match={"account_id": "ada"})
        await driver.fault("delay", ms=60_000, match={"account_id": "bob"})
        point_id = await driver.hold_point("before", route="comment")
        held = [
            asyncio.create_task(driver.like("ada", post)),
            asyncio.create_task(driver.like("bob", post)),
            asyncio.create_task(driver.comment("ada", post)),
        ]
        await driver.control("GET", f"/hold-points/{point_id}/wait")
        async with asyncio.timeout(5):
            await server.stop()
            results = await asyncio.gather(*held, return_exceptions=True)
        assert all(isinstance(result, DROPPED) for result in results)
