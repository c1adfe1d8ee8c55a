"""How a person connects an account of theirs: a link that is good once, and what comes of it.

Nothing that the provider's callback says is believed by itself: it carries no signature. It tells
where to look, and the provider is asked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from chorus.documents import AnyTime
from chorus_gateway.domain.account_status import CHALLENGE

LINK_LIFE: Final = timedelta(minutes=30)
PATIENCE: Final = timedelta(minutes=15)
"""How long an account may take, after the callback, until the provider says that it is usable."""
WORD_LIFE: Final = timedelta(hours=1)
"""How long an account of a session's link waits until its person says that it is theirs."""
KEPT: Final = timedelta(days=30)
MAX_OPEN: Final = 20
"""Links of one person that wait at the same time."""


class LinkKind(StrEnum):
    """What the link is for."""

    CREATE = "create"
    RECONNECT = "reconnect"


class LinkState(StrEnum):
    """`reported`: the provider has told of an account, and has not been asked about it yet."""

    OPEN = "open"
    REPORTED = "reported"
    CONNECTED = "connected"
    FAILED = "failed"


class Report(StrEnum):
    """What a callback says."""

    SUCCESS = "success"
    FAILURE = "failure"
    NOTHING = "nothing"


_REPORTS: Final = {
    "CREATION_SUCCESS": Report.SUCCESS,
    "RECONNECTED": Report.SUCCESS,
    "CREATION_FAIL": Report.FAILURE,
    "RECONNECTION_FAIL": Report.FAILURE,
}

SENTENCES: Final[dict[str, str]] = {
    "not_finished": "Signing in at the provider did not work. The page can be used again.",
    "expired": "The link was used after it had expired. Start again with a new one.",
    "not_usable": "The provider does not say that this account can be used. Start again.",
    "not_accepted": "This account cannot be connected here. If it is yours, ask your operator.",
    "other_account": "Another account was signed in than the one that was to be reconnected.",
    "account_gone": "The account that was to be reconnected is not there any more.",
    "account_limit_reached": "The plan holds no more accounts. Remove one or change the plan.",
    "person_gone": "Whoever started the link may not connect accounts any more.",
    "not_confirmed": "Nobody said in time that the account is theirs. Start again.",
    "not_mine": "You said that this account is not yours. Nothing was connected.",
    "other_browser": (
        "The sign-in ended in another browser than the one in which it was started, so nothing was "
        "connected. Start and finish in the same browser."
    ),
    "session_over": "You were signed out here meanwhile, so nothing was connected. Start again.",
}
"""By code. None of them tells what other tenants or people have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLink:
    """A stored link."""

    id: UUID
    client_id: UUID
    user_id: UUID
    kind: str
    account_id: UUID | None
    platform: str
    display_name: str | None
    timezone: str | None
    active_hours: dict[str, Any] | AnyTime | None
    state: str
    code: str | None
    provider_account_id: str | None
    connected_account_id: UUID | None
    created_at: datetime
    expires_at: datetime
    reported_at: datetime | None
    settled_at: datetime | None
    session_id: UUID | None = None
    """The session of our pages that started it; None: it was started over the API."""
    shown_name: str | None = None
    shown_slug: str | None = None
    shown_at: datetime | None = None
    """When the provider had shown an account that can be used, called so."""
    confirmed_at: datetime | None = None
    """When its person said, in that session, that the account is theirs."""

    @property
    def waits_for_word(self) -> bool:
        """Whether it is for its person to say that the account is theirs."""
        reported = self.state == LinkState.REPORTED
        return reported and self.session_id is not None and self.confirmed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An account as the provider shows it. `profile_id` is the network's name of its person.

    word: the provider's status of it, see `chorus.unipile.account_word`. asked_at: when it was
    asked, where somebody noted that.
    """

    id: str
    platform: str
    word: str
    name: str | None
    profile_id: str | None
    public_identifier: str | None
    asked_at: datetime | None = None

    @property
    def usable(self) -> bool:
        """Whether the provider says that it works."""
        return self.word == "OK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A row of the tenant that this account may be: by its profile, or by the provider's id."""

    account_id: UUID
    owner_user_id: UUID
    provider_account_id: str
    profile_id: str | None
    proven: bool
    removed: bool


class Take(StrEnum):
    """What may be done with an account whose control was shown."""

    ADD = "add"
    """No row of the tenant: a new one, unless another tenant has it."""
    RENEW = "renew"
    """The person's own row goes on."""
    BRING_BACK = "bring_back"
    """A row that was removed, or that nobody ever proved: it is theirs from now on."""


def report_of(status: str) -> Report:
    """What a callback's status means; a word that is not known means nothing."""
    return _REPORTS.get(status, Report.NOTHING)


def split_name(name: str) -> tuple[UUID, str] | None:
    """Link and secret, out of the name that the provider gives back; None if it is not ours."""
    link_id, dot, secret = name.partition(".")
    if not dot or not secret.isascii():
        return None
    try:
        return UUID(link_id), secret
    except ValueError:
        return None


def on_success(link: AccountLink, now: datetime) -> LinkState | None:
    """Where the first word of success takes a link; None: it is not the first, nothing changes."""
    if link.state != LinkState.OPEN:
        return None
    return LinkState.FAILED if now >= link.expires_at else LinkState.REPORTED


def usable(link: AccountLink, shown: Shown | None, now: datetime) -> bool | None:
    """Whether the provider's answer confirms the callback; None: ask again later."""
    if shown is not None and shown.id != link.provider_account_id:
        return False
    if shown is not None and shown.platform != link.platform:
        return False
    if shown is not None and shown.usable and shown.profile_id:
        return True
    waited = link.reported_at is not None and now - link.reported_at >= PATIENCE
    return False if waited else None


def unsaid(link: AccountLink, now: datetime) -> bool:
    """Whether a link that waits for its person's word has waited for too long."""
    late = link.reported_at is not None and now - link.reported_at > WORD_LIFE
    return link.waits_for_word and late


def take(link: AccountLink, shown: Shown, holder: Holder | None) -> Take | str:
    """What becomes of an account that its person has shown control of; a code: it is refused."""
    if link.kind == LinkKind.RECONNECT:
        return _renew(link, shown, holder)
    if holder is None:
        return Take.ADD
    if holder.removed or not holder.proven:
        return Take.BRING_BACK
    return Take.RENEW if holder.owner_user_id == link.user_id else "not_accepted"


def answers(link: AccountLink, code: str, paused_at: datetime) -> bool:
    """Whether signing in by this link dealt with what stopped the account.

    A challenge that came after the link was started is another one: nobody has looked at that.
    """
    return code == CHALLENGE and paused_at <= link.created_at


def _renew(link: AccountLink, shown: Shown, holder: Holder | None) -> Take | str:
    if holder is None or holder.account_id != link.account_id:
        return "other_account"
    if holder.provider_account_id != shown.id:
        return "other_account"
    if holder.profile_id is not None and holder.profile_id != shown.profile_id:
        return "other_account"
    if holder.removed or holder.owner_user_id != link.user_id:
        return "account_gone"
    return Take.RENEW
