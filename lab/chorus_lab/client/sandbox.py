"""A client of the sandbox's control API: makes the world, breaks it, and asks for the truth."""

import re
from html import unescape
from typing import Any, Final, Self

import httpx

from chorus_lab.client.certificates import tls_context
from chorus_lab.client.errors import NotConnectedError, checked, told_apart
from chorus_lab.client.records import Effect, Summary

_TIMEOUT_S = 15.0
_PAGE = 10_000
_ONWARD: Final = re.compile('id=go [^>]*href="([^"]+)"')


class SandboxClient:
    """All calls block, each with a timeout.

    ApiError on a refusal, NoAnswerError where nobody answers.
    """

    def __init__(self, url: str, *, timeout_s: float = _TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._http = httpx.Client(
            base_url=f"{url}/control", timeout=timeout_s, trust_env=False, verify=tls_context()
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, **params: Any) -> Any:
        return self._ask("GET", path, params=params).json()

    def post(self, path: str, body: Any = None) -> Any:
        return self._ask("POST", path, json=body).json()

    def patch(self, path: str, body: Any) -> Any:
        return self._ask("PATCH", path, json=body).json()

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        with told_apart():
            return checked(self._http.request(method, path, **options))

    def add_account(self, account_id: str, name: str, **more: Any) -> Any:
        """An account that the provider has connected; `account_id` is the provider's id of it."""
        return self.post("/accounts", {"id": account_id, "name": name} | more)

    def add_person(self, name: str, *, account_id: str) -> Any:
        """Somebody who has connected nothing yet; `account_id` is what theirs will be called."""
        return self.post("/people", {"name": name, "account_id": account_id})

    def sign_in_at(self, page: str, person: str) -> None:
        """Go from the gateway's page to the provider's, sign in there as that person (an account's
        id, a provider id or a slug), and come back.
        """
        with told_apart():
            found = _ONWARD.search(checked(self._http.get(page)).text)
            if found is None:
                raise NotConnectedError(f"{page} leads nowhere")
            data = {"person": person}
            onward = unescape(found[1])
            checked(self._http.post(onward, data=data, follow_redirects=True))

    def add_accounts(self, count: int, *, prefix: str) -> list[str]:
        """Many at once; answers their ids."""
        made = self.post("/accounts", {"count": count, "id_prefix": prefix})["items"]
        return [account["id"] for account in made]

    def set_account(self, account_id: str, *, status: str) -> None:
        self._ask("PATCH", f"/accounts/{account_id}", json={"status": status})

    def add_post(self, account_id: str, text: str = "A post") -> Any:
        """A post that stands there without our doing: `share_url`, `social_id`, …"""
        return self.post("/posts", {"account_id": account_id, "text": text})

    def add_fault(self, kind: str, *, match: dict[str, str] | None = None, **more: Any) -> str:
        """Answers the fault's id."""
        return str(self.post("/faults", {"kind": kind, "match": match or {}} | more)["id"])

    def faults(self) -> list[dict[str, Any]]:
        """All of them, with their hits."""
        found: list[dict[str, Any]] = self.get("/faults")["items"]
        return found

    def clear_faults(self) -> None:
        self._ask("DELETE", "/faults")

    def add_hold_point(self, *, when: str, match: dict[str, str] | None = None) -> str:
        """Hold what matches, `before` or `after` its effect; answers the hold point's id."""
        return str(self.post("/hold-points", {"when": when, "match": match or {}})["id"])

    def wait_at_hold_point(self, point: str, *, within_s: float, count: int = 1) -> None:
        """Return when so many requests have arrived there; ApiError (408) after the bound."""
        self._ask(
            "GET",
            f"/hold-points/{point}/wait",
            params={"timeout_ms": int(within_s * 1000), "count": count},
            timeout=within_s + self._timeout_s,
        )

    def release_hold_point(self, point: str) -> None:
        self.post(f"/hold-points/{point}/release")

    def set_latency(self, ms: int) -> None:
        self.post("/latency", {"ms": ms})

    def behave(self, **changes: Any) -> dict[str, Any]:
        """How the network behaves, from now on; answers all of it."""
        found: dict[str, Any] = self.patch("/behaviour", changes)
        return found

    def truth(self, **filters: Any) -> list[Effect]:
        """Every effect, in order. Filters: `kind`, `account_id`, `post_id`, `since`."""
        effects: list[Effect] = []
        since: int | None = filters.pop("since", 0)
        while since is not None:
            page = self.get("/truth", limit=_PAGE, since=since, **filters)
            effects += [Effect.model_validate(effect) for effect in page["effects"]]
            since = page["next_since"]
        return effects

    def summary(self) -> Summary:
        return Summary.model_validate(self.get("/truth/summary"))

    def refused(self) -> list[dict[str, Any]]:
        """The first thousand refused writes, and why."""
        found: list[dict[str, Any]] = self.get("/truth/refused")["items"]
        return found

    def reset(self) -> None:
        """Forget everything, the truth too."""
        self.post("/reset")
