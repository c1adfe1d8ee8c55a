"""The voice model's endpoint (E3)."""

from typing import Any

import httpx
import pytest

from tests.integration.sandbox.driver import Driver

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATH = "/voice/v1/chat/completions"
USER = {"role": "user", "content": "Great read"}


async def ask(driver: Driver, **change: object) -> httpx.Response:
    body: dict[str, Any] = {
        "model": "small",
        "messages": [{"role": "system", "content": "Be warm."}, USER],
    }
    return await driver.client.post(PATH, json=body | change)


def content(response: httpx.Response) -> str:
    text: str = response.json()["choices"][0]["message"]["content"]
    return text


async def test_the_answer_is_made_from_the_request(driver: Driver) -> None:
    first, again = await ask(driver), await ask(driver)
    other = await ask(driver, messages=[{"role": "system", "content": "Be dry."}, USER])
    assert content(first).startswith("Great read [voice ")
    assert content(first) == content(again) != content(other)
    assert first.json()["usage"]["prompt_tokens"] == 4
    summary = await driver.control("GET", "/truth/summary")
    assert summary["voice_calls"] == 3


async def test_a_fixed_answer_can_be_set(driver: Driver) -> None:
    await driver.control("POST", "/voice", {"content": "So true!"})
    assert content(await ask(driver)) == "So true!"


async def test_the_key_is_required(driver: Driver) -> None:
    driver.client.headers["Authorization"] = "Bearer guess"
    response = await ask(driver)
    assert (response.status_code, response.json()["error"]["code"]) == (401, "invalid_api_key")


@pytest.mark.parametrize(
    "change",
    [
        {"temperatur": 1},
        {"model": None},
        {"messages": []},
        {"messages": [{"role": "user"}]},
        {"messages": [{"role": "poet", "content": "x"}]},
        {"messages": [{"role": "system", "content": "x"}]},
        {"stream": True},
        {"n": 2},
    ],
)
async def test_requests_are_checked(driver: Driver, change: dict[str, Any]) -> None:
    response = await ask(driver, **change)
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"


async def test_faults_come_in_its_own_shape(driver: Driver) -> None:
    """E3: a voice failure must be survived by the caller."""
    match = {"route": "voice"}
    await driver.fault("status", match=match, type="rate_limit_exceeded", retry_after=7)
    limited = await ask(driver)
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "7")
    assert limited.json()["error"]["type"] == "rate_limit_exceeded"
    await driver.fault("malformed_json", match=match)
    broken = await ask(driver)
    with pytest.raises(ValueError, match=r"JSON|Expecting|Unterminated"):
        broken.json()
    assert (await ask(driver)).status_code == 200


async def test_other_addresses_are_404(driver: Driver) -> None:
    response = await driver.client.get("/voice/v1/models")
    assert (response.status_code, response.json()["error"]["type"]) == (404, "not_found_error")
