"""Visits LinkedIn's pages of the sandbox over HTTP, as a browser's requests would."""

import html
import json
import re
from typing import Any, Self

import httpx

from chorus_sandbox.app import SESSION_KEY
from tests.integration.sandbox.driver import Json

SHARES = "/voyager/api/contentcreation/normShares"
UNDO = "/voyager/api/contentcreation/undoRepost"


async def fetch_session(client: httpx.AsyncClient, account_id: str) -> Json:
    response = await client.get(f"/sessions/{account_id}", headers={"X-API-KEY": SESSION_KEY})
    response.raise_for_status()
    session: Json = response.json()
    return session


def page_path(post: Json, form: str = "activity") -> str:
    return f"/feed/update/{post['urns'][form]}/"


class Visitor:
    """Cookies are sent as given; none is stored from an answer, no redirect is followed."""

    def __init__(self, client: httpx.AsyncClient, session: Json) -> None:
        self._client = client
        self.cookies: dict[str, str] = {c["name"]: c["value"] for c in session["cookies"]}
        self.user_agent: str = session["user_agent"]

    @classmethod
    async def of(cls, client: httpx.AsyncClient, account_id: str) -> Self:
        return cls(client, await fetch_session(client, account_id))

    def headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        host = f"www.linkedin.localhost:{self._client.base_url.port}"
        return {"host": host, "cookie": cookies, "user-agent": self.user_agent}

    async def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return await self._client.get(path, headers=self.headers(), **kwargs)

    async def open(self, post: Json, form: str = "activity") -> httpx.Response:
        return await self.get(page_path(post, form))

    async def write(
        self, path: str, body: object, *, page: str = "", csrf: str | None = None
    ) -> httpx.Response:
        headers = self.headers() | {
            "csrf-token": self.cookies.get("JSESSIONID", "") if csrf is None else csrf,
            "x-li-page-instance": f"urn:li:page:d_flagship3_detail_base;{page}",
        }
        return await self._client.post(path, headers=headers, json=body)

    async def repost(self, post: Json, text: str = "", **kwargs: Any) -> httpx.Response:
        body = {"parentUrn": post["urns"]["activity"], "commentary": {"text": text}}
        return await self.write(SHARES, body, **kwargs)

    async def bar(self, post: Json, *, page: str = "") -> str:
        """The state of the post's action bar, as the page's scripts ask for it."""
        urn = post["urns"]["activity"]
        response = await self._client.get(
            "/voyager/api/feed/updateActions",
            params={"urns": urn},
            headers=self.headers() | {"x-li-page-instance": f"urn:li:page:detail;{page}"},
        )
        state: str = response.json()["elements"][urn]["state"]
        return state


def boot_of(page: str) -> Json:
    """What the page tells its scripts: `{page, delay, words}`."""
    found = re.search(r'id="bpr-guid-1">(.*?)</(?:code|script)>', page, re.DOTALL)
    assert found is not None, "The page has no data for its scripts."
    boot: Json = json.loads(html.unescape(found[1]))
    return boot


def path_of(location: str) -> str:
    return location.partition("?")[0]
