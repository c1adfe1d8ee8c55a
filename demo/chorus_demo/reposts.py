"""What the reposts leave for a person to look at: how each is known, and pictures of failures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chorus_lab.client.gateway import GatewayClient
from chorus_lab.client.records import Activity, Entry

_SEEN_BY = {
    "own_state": 'the post says "You reposted this"',
    "opened": "its own page was opened and read",
    "listed": "it stands in the member's activity",
}
_PREFIX = "evidence: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Of one repost. `pictures`: files by the API's address of the same picture."""

    member: str
    known_how: str
    url: str | None
    text: str | None
    pictures: Mapping[str, Path]


def collect(gateway: GatewayClient, activities: Sequence[Activity], folder: Path) -> list[Proof]:
    """One proof for each executed repost; pictures are written into the folder, emptied before."""
    for old in folder.glob("*.jpg"):
        old.unlink()
    reposts = (a for a in activities if a.kind == "repost" and a.state == "executed")
    return [_proof(gateway, repost, folder) for repost in reposts]


def _proof(gateway: GatewayClient, repost: Activity, folder: Path) -> Proof:
    entries = gateway.timeline(repost.id)
    pictures = {}
    for url in (entry.evidence_url for entry in entries if entry.evidence_url):
        folder.mkdir(parents=True, exist_ok=True)
        pictures[url] = folder / f"{url.rpartition('/')[2]}.jpg"
        pictures[url].write_bytes(gateway.picture(url))
    return Proof(
        member=repost.member_name or "?",
        known_how=known_how(entries, verified=repost.verified),
        url=repost.result_url,
        text=repost.final_text,
        pictures=pictures,
    )


def known_how(entries: Sequence[Entry], *, verified: bool) -> str:
    """In a person's words, from what the executor recorded."""
    answers = [
        answer
        for entry in entries
        if isinstance(result := (entry.detail or {}).get("result"), dict)
        if isinstance(answer := result.get("answer"), str)
    ]
    if answers and answers[-1].startswith(_PREFIX):
        told = answers[-1].removeprefix(_PREFIX)
        return _SEEN_BY.get(told, told)
    return "looked for and found after the click" if verified else "not recorded"
