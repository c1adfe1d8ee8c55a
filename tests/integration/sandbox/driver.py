"""Drives a running sandbox over HTTP, as a person with curl would."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from chorus_sandbox.app import UNIPILE_KEY, VOICE_KEY

API = "/unipile/api/v1"
Json = dict[str, Any]


class Driver:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def control(self, method: str, path: str, body: Json | None = None) -> Json:
        response = await self.client.request(method, f"/control{path}", json=body)
        response.raise_for_status()
        answer: Json = response.json()
        return answer

    async def account(self, account_id: str, **fields: object) -> Json:
        return await self.control("POST", "/accounts", {"id": account_id, **fields})

    async def post(self, author: str = "ada", **fields: object) -> Json:
        return await self.control("POST", "/posts", {"account_id": author, **fields})

    async def fault(self, kind: str, **fields: object) -> Json:
        return await self.control("POST", "/faults", {"kind": kind, **fields})

    async def hold_point(self, when: str, **match: object) -> str:
        point = await self.control("POST", "/hold-points", {"when": when, "match": match})
        point_id: str = point["id"]
        return point_id

    async def effects(self, query: str = "") -> list[Json]:
        truth = await self.control("GET", f"/truth{query}")
        effects: list[Json] = truth["effects"]
        return effects

    async def get(self, path: str, **query: str | int) -> httpx.Response:
        return await self.client.get(API + path, params=query)

    async def send(self, path: str, body: object, **kwargs: Any) -> httpx.Response:
        return await self.client.post(API + path, json=body, **kwargs)

    async def form(self, path: str, **fields: str | list[str]) -> httpx.Response:
        pairs = [
            (name, (None, value))
            for name, values in fields.items()
            for value in (values if isinstance(values, list) else [values])
        ]
        return await self.client.post(API + path, files=pairs)

    async def like(self, account_id: str, post: Json, **kwargs: Any) -> httpx.Response:
        body = {"account_id": account_id, "post_id": post["social_id"]}
        return await self.send("/posts/reaction", body, **kwargs)

    async def comment(
        self, account_id: str, post: Json, text: str = "Well said.", **kwargs: Any
    ) -> httpx.Response:
        body = {"account_id": account_id, "text": text}
        return await self.send(f"/posts/{post['social_id']}/comments", body, **kwargs)

    async def repost(self, account_id: str, post: Json, text: str = "") -> httpx.Response:
        return await self.form("/posts", account_id=account_id, text=text, repost=post["social_id"])


async def eventually(condition: Callable[[], Awaitable[bool]], *, within_s: float = 5.0) -> None:
    """Poll over HTTP until the condition holds; TimeoutError when it does not in time."""
    async with asyncio.timeout(within_s):
        while not await condition():
            continue


async def fresh_driver(client: httpx.AsyncClient) -> Driver:
    """A driver of an empty world with the accounts `ada` and `bob`."""
    client.headers.update({"X-API-KEY": UNIPILE_KEY, "Authorization": f"Bearer {VOICE_KEY}"})
    driver = Driver(client)
    await driver.control("POST", "/reset")
    await driver.account("ada", name="Ada Byron", public_identifier="ada-byron")
    await driver.account("bob", name="Bob Stone", public_identifier="bob-stone")
    return driver


def problem(response: httpx.Response) -> tuple[int, str]:
    """Status and type of an error of Unipile's, after a look at its shape."""
    body = response.json()
    assert {"title", "detail", "instance", "type", "status"} == body.keys()
    assert body["status"] == response.status_code
    assert body["type"].startswith("errors/")
    return response.status_code, body["type"].removeprefix("errors/")
