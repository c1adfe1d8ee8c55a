"""The sandbox as a process of its own, with members and posts to repost."""

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.browser_pool.work import Way, Work
from chorus_sandbox.app import SESSION_KEY

_MEMBERS = 10


class Site:
    """Every task is another pair of a member and a post."""

    def __init__(self, url: str, linkedin_url: str) -> None:
        self._url = url
        self._linkedin_url = linkedin_url
        self._members = [f"bench-{number}" for number in range(_MEMBERS)]
        self._texts = count(1)
        self._seen = 0
        for name in ("bench-author", *self._members):
            self._control("/accounts", {"id": name, "name": name.replace("-", " ").title()})

    def work(self, way: Way, reposts: int, at_once: int, chromium: Path) -> Work:
        """That many tasks on new posts."""
        posts = [self._post() for _ in range(-(-reposts // _MEMBERS))]
        tasks = [(member, post) for post in posts for member in self._members]
        return Work(
            way=way,
            at_once=at_once,
            chromium=str(chromium),
            linkedin_url=self._linkedin_url,
            session_url=f"{self._url}/sessions/{{account_id}}",
            session_key=SESSION_KEY,
            tasks=tuple(tasks[:reposts]),
        )

    def check(self, expected: int) -> None:
        """Raises AssertionError unless that many reposts have come, each once."""
        effects = self._effects()
        assert len(effects) - self._seen == expected, "the truth is another"
        assert len(set(effects)) == len(effects), "one was reposted twice"
        self._seen = len(effects)

    def forget(self) -> None:
        """Count the next reposts from here."""
        self._seen = len(self._effects())

    def _effects(self) -> list[tuple[str, str]]:
        with urllib.request.urlopen(f"{self._url}/control/truth", timeout=10) as answer:  # noqa: S310
            effects = json.load(answer)["effects"]
        return [
            (effect["account_id"], effect["target"])
            for effect in effects
            if effect["kind"] == "repost"
        ]

    def _post(self) -> str:
        body = {"account_id": "bench-author", "text": f"Bench post {next(self._texts)}"}
        address: str = self._control("/posts", body)["share_url"]
        return address

    def _control(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310
            f"{self._url}/control{path}", json.dumps(body).encode(), method="POST"
        )
        request.add_header("content-type", "application/json")
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
        return found


@contextmanager
def running_site() -> Iterator[Site]:
    """Start the sandbox; stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="chorus-bench-") as folder:
        ready = Path(folder) / "ready.json"
        command = [sys.executable, "-m", "chorus_sandbox", "--ready-file", str(ready)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                while not ready.exists():
                    assert process.poll() is None, "the sandbox did not start"
                    time.sleep(0.05)
                told = json.loads(ready.read_text())
                yield Site(told["url"], told["linkedin_url"])
            finally:
                process.terminate()
