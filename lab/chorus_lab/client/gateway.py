"""A client of the gateway's API. All calls block, each with a timeout.

ApiError on a refusal, NoAnswerError where nobody answers."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import httpx

from chorus.documents import PodPolicy, VoiceCartridge
from chorus_lab.client.certificates import tls_context
from chorus_lab.client.errors import NotConnectedError, checked, told_apart
from chorus_lab.client.records import Activity, Amplification, Entry, Post, Tokens

_TIMEOUT_S = 15.0
_PAGE = 200
_POLL_S = 0.1
_UNAUTHORIZED = 401


class GatewayClient:
    """One person at the API. Close it, or use it in a `with` block."""

    def __init__(self, url: str, *, timeout_s: float = _TIMEOUT_S) -> None:
        self._http = httpx.Client(
            base_url=url, timeout=timeout_s, trust_env=False, verify=tls_context()
        )
        self._credentials: dict[str, str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def sign_in(self, email: str, password: str) -> Tokens:
        """From now on every request is this person's; an expired token is replaced."""
        self._credentials = {"email": email, "password": password}
        with told_apart():
            answer = checked(self._http.post("/api/auth/sign-in", json=self._credentials))
        tokens = Tokens.model_validate(answer.json())
        self._http.headers["Authorization"] = f"Bearer {tokens.access_token}"
        return tokens

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Any request, and whatever it answers; `path` is what follows `/api`."""
        with told_apart():
            response = self._http.request(method, f"/api{path}", **options)
            if response.status_code == _UNAUTHORIZED and self._credentials is not None:
                self.sign_in(**self._credentials)
                response = self._http.request(method, f"/api{path}", **options)
            return response

    def get(self, path: str, **params: Any) -> Any:
        return checked(self.request("GET", path, params=params)).json()

    def post(self, path: str, body: Any = None, *, idempotency_key: str | None = None) -> Any:
        headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
        return checked(self.request("POST", path, json=body, headers=headers)).json()

    def add_user(self, email: str, name: str, password: str, *, role: str = "member") -> UUID:
        """Another person of the team, with the password that they begin with."""
        body = {"email": email, "name": name, "password": password, "role": role}
        return UUID(self.post("/users", body)["id"])

    def choose_password(self, present: str, new: str) -> None:
        """One's own password; signs in with it."""
        body = {"present": present, "new": new}
        checked(self.request("PUT", "/me/password", json=body))
        email = (self._credentials or {})["email"]
        self.sign_in(email, new)

    def start_link(self, name: str, **more: Any) -> tuple[UUID, str]:
        """Begin to connect one's own account: the link, and the page to sign in at. It acts at any
        time, unless `hours` are given.
        """
        wanted = {"display_name": name, "hours": "any_time"} | more
        link = self.post("/accounts/links", wanted)
        return UUID(link["id"]), link["url"]

    def connected_account(self, link: UUID, *, within_s: float = 15.0) -> UUID:
        """The account that came of a link, once the provider has called back."""
        deadline = time.monotonic() + within_s
        while True:
            came = self.get(f"/accounts/links/{link}")
            if came["state"] == "connected":
                return UUID(came["account_id"])
            if came["state"] == "failed" or time.monotonic() > deadline:
                raise NotConnectedError(f"The account was not connected: {came}")
            time.sleep(_POLL_S)

    def consent(self, account: UUID, kinds: Sequence[str], *, granted: bool = True) -> Any:
        """Grant, to the texts as they are now, or withdraw; answers what is in force now."""
        body: dict[str, Any] = {"kinds": list(kinds), "granted": granted}
        if granted:
            texts = {text["kind"]: text["sha256"] for text in self.get("/consent-texts")}
            body["text_sha256"] = {kind: texts[kind] for kind in kinds}
        return self.post(f"/accounts/{account}/consents", body)

    def make_cartridge(self, name: str, definition: VoiceCartridge) -> UUID:
        body = {"name": name, "definition": definition.model_dump(mode="json")}
        return UUID(self.post("/cartridges", body)["id"])

    def make_pod(self, name: str, policy: PodPolicy, *, cartridge: UUID | None = None) -> UUID:
        body = {"name": name, "policy": policy.model_dump(mode="json"), "cartridge_id": cartridge}
        return UUID(self.post("/pods", _plain(body))["id"])

    def add_member(
        self,
        pod: UUID,
        account: UUID,
        *,
        cartridge: UUID | None = None,
        kinds: Sequence[str] = ("like", "comment", "repost"),
    ) -> UUID:
        body = {
            "account_id": account,
            "cartridge_id": cartridge,
            "kinds": list(kinds),
        }
        return UUID(self.post(f"/pods/{pod}/members", _plain(body))["id"])

    def choose_phrases(self, member: UUID, phrases: Sequence[str]) -> None:
        """One's own words, in use wherever this member speaks."""
        body = {"phrases": list(phrases)}
        checked(self.request("PATCH", f"/pod-members/{member}", json=body))

    def publish(self, text: str, *, account: UUID, pod: UUID | None = None, **more: Any) -> Post:
        """Queue a text, to be published by that account."""
        body = {"text": text, "account_id": account, "pod_id": pod} | more
        return Post.model_validate(self.post("/posts", _plain(body)))

    def register(self, url: str, *, pod: UUID | None = None, **more: Any) -> Post:
        """Tell of a post that is live already."""
        body = {"url": url, "pod_id": pod} | more
        return Post.model_validate(self.post("/posts", _plain(body)))

    def show_post(self, post: UUID) -> Post:
        return Post.model_validate(self.get(f"/posts/{post}"))

    def trigger(
        self,
        post: UUID,
        *,
        kinds: Sequence[str] = ("repost",),
        dry_run: bool = False,
        seed: int | None = None,
    ) -> Amplification:
        """Plan for each active member of the post's tenant; `dry_run` stores nothing."""
        body = {"postId": post, "kinds": list(kinds), "dry_run": dry_run, "seed": seed}
        answer = self.post("/pods/trigger-amplification", _plain(body))
        return Amplification.model_validate(answer)

    def activities(self, **filters: Any) -> list[Activity]:
        """All pages, newest first. Filters as the API names them (`post_id`, `kind`, `state`)."""
        return [Activity.model_validate(item) for item in self._items("/activities", filters)]

    def show_activity(self, activity: UUID) -> Activity:
        return Activity.model_validate(self.get(f"/activities/{activity}"))

    def timeline(self, activity: UUID) -> list[Entry]:
        """Everything that was decided and done about it, in order."""
        entries = self.get(f"/activities/{activity}/timeline")["entries"]
        return [Entry.model_validate(entry) for entry in entries]

    def picture(self, url: str) -> bytes:
        """The screenshot that a line of a timeline names by its `evidence_url`."""
        return checked(self.request("GET", url.removeprefix("/api"))).content

    def approve(self, read: Activity, *, text: str | None = None) -> Any:
        """A yes to the activity as it was read; refused where it says something else by now."""
        body = _plain({"text_sha256": read.text_sha256, "text": text})
        return self.post(f"/activities/{read.id}/approve", body)

    def reject(self, activity: UUID, reason: str) -> Any:
        return self.post(f"/activities/{activity}/reject", {"reason": reason})

    def cancel(self, activity: UUID, reason: str) -> Any:
        return self.post(f"/activities/{activity}/cancel", {"reason": reason})

    def retry(self, activity: UUID, reason: str) -> Any:
        return self.post(f"/activities/{activity}/retry", {"reason": reason})

    def pause(self, reason: str, *, scope: str = "tenant", scope_id: UUID | None = None) -> UUID:
        """Stop the team, a pod or an account; answers the pause's id."""
        body = {"scope": scope, "scope_id": scope_id, "reason": reason}
        return UUID(self.post("/pauses", _plain(body))["id"])

    def resume(self, pause: UUID) -> Any:
        return self.post(f"/pauses/{pause}/resume")

    def pod_stats(self, pod: UUID) -> Any:
        return self.get(f"/pods/{pod}/stats")

    def _items(self, path: str, filters: dict[str, Any]) -> Iterator[Any]:
        cursor: str | None = None
        while True:
            params = filters | ({"cursor": cursor} if cursor else {})
            page = self.get(path, limit=_PAGE, **params)
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return


def _plain(body: dict[str, Any]) -> dict[str, Any]:
    """As JSON knows it; what is None is left out."""
    return {name: _json(value) for name, value in body.items() if value is not None}


def _json(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value
