"""What LinkedIn's website knows besides posts and people: sessions, visits, settings, counts."""

import random
import secrets
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from typing import Literal, get_args

from chorus_sandbox.world.ids import Form
from chorus_sandbox.world.people import Account, Post
from chorus_sandbox.world.view import View

FrontEnd = Literal["artdeco", "hashed"]
FRONT_ENDS: tuple[str, ...] = get_args(FrontEnd)
_VISITS_KEPT = 5_000
_CHROME = (
    "Mozilla/5.0 ({platform}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 "
    "Safari/537.36"
)
_PLATFORMS = (
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10_15_7",
    "X11; Linux x86_64",
)


@dataclass(slots=True, kw_only=True)
class Session:
    """One issue of an account's cookies, tied to a user agent. All values are random."""

    account: Account
    user_agent: str
    li_at: str
    jsessionid: str
    bcookie: str
    lidc: str
    revoked: bool = False

    @property
    def secrets(self) -> dict[str, str]:
        return {
            "li_at": self.li_at,
            "JSESSIONID": self.jsessionid,
            "bcookie": self.bcookie,
            "lidc": self.lidc,
        }


@dataclass(slots=True, kw_only=True)
class Visit:
    """One load of a page: what its scripts ask for later is answered in its manner.

    `view` is what the page saw: its action bar sees no more than the page did.
    """

    id: str
    front_end: FrontEnd
    post: Post | None
    twist: str | None
    view: View


@dataclass(slots=True, kw_only=True)
class WebSettings:
    """What may be changed while it runs; an account's or a post's own setting goes before it.

    hashed_share: with front_end `mixed`, how many of the page loads get the hashed front end.
    toast_link: whether the toast of an instant repost links to it (not confirmed).
    tombstone_forms: permalinks of these forms show a tombstone.
    actions_delay_ms: the script waits so long before it asks for the action bar.
    """

    front_end: str = "artdeco"
    hashed_share: float = 0.5
    toast_link: bool = False
    tombstone_forms: frozenset[Form] = frozenset()
    actions_delay_ms: int = 40


def _draws() -> random.Random:
    return random.Random(1)  # noqa: S311 - a repeatable draw is the point


@dataclass(slots=True)
class Website:
    settings: WebSettings = field(default_factory=WebSettings)
    sessions: dict[str, Session] = field(default_factory=dict)
    signed_out: set[str] = field(default_factory=set)
    challenged: set[str] = field(default_factory=set)
    requests: Counter[str] = field(default_factory=Counter)
    accounts: dict[str, Counter[str]] = field(default_factory=dict)
    visits: OrderedDict[str, Visit] = field(default_factory=OrderedDict)
    draws: random.Random = field(default_factory=_draws)

    def issue(self, account: Account) -> Session:
        """A new session of the account; those of before stay valid."""
        session = Session(
            account=account,
            user_agent=user_agent_of(account),
            li_at="AQED" + secrets.token_urlsafe(45),
            jsessionid="ajax:" + "".join(secrets.choice("0123456789") for _ in range(40)),
            bcookie="v=2&" + secrets.token_hex(24),
            lidc="b=VGST:s=V:" + secrets.token_urlsafe(36),
        )
        self.sessions[session.li_at] = session
        return session

    def sign_out(self, account: Account) -> int:
        """Revoke every session and issue none until `signed_out` lets go; how many there were."""
        self.signed_out.add(account.id)
        live = [s for s in self.sessions.values() if s.account is account and not s.revoked]
        for session in live:
            session.revoked = True
        return len(live)

    def count(self, account: Account, what: str) -> None:
        self.accounts.setdefault(account.id, Counter())[what] += 1

    def challenge(self, account: Account) -> None:
        if account.id not in self.challenged:
            self.challenged.add(account.id)
            self.count(account, "challenges")

    def remember(self, visit: Visit) -> None:
        self.visits[visit.id] = visit
        if len(self.visits) > _VISITS_KEPT:
            self.visits.popitem(last=False)


def user_agent_of(account: Account) -> str:
    """The browser that the account's owner uses; the same at each issue."""
    number = sum(account.id.encode())
    platform = _PLATFORMS[number % len(_PLATFORMS)]
    return _CHROME.format(platform=platform, major=140 + number % 11)
