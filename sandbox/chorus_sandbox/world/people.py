"""People and accounts. An account is a person whose session the provider holds."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from chorus_sandbox.world.posts import Comment, Post, Reaction

AccountStatus = Literal["OK", "STOPPED", "ERROR", "CREDENTIALS", "PERMISSIONS", "CONNECTING"]
ACCOUNT_STATUSES: tuple[str, ...] = get_args(AccountStatus)
Degree = Literal["FIRST_DEGREE", "SECOND_DEGREE", "THIRD_DEGREE", "OUT_OF_NETWORK"]
DEGREES: tuple[str, ...] = get_args(Degree)
Language = Literal["en", "de", "fr", "es", "pt"]
LANGUAGES: tuple[str, ...] = get_args(Language)
WebState = Literal["authwall", "login", "bot_999", "throttled", "unavailable", "restricted"]
WEB_STATES: tuple[str, ...] = get_args(WebState)


@dataclass(slots=True, kw_only=True)
class Person:
    """Anybody on the network. `degree` is the distance to every account of this sandbox."""

    provider_id: str
    public_identifier: str
    name: str
    headline: str = ""
    degree: Degree = "FIRST_DEGREE"
    # The id that the provider gives their account when they connect it; None: any.
    future_account_id: str | None = None
    posts: list["Post"] = field(default_factory=list, repr=False)
    comments: list["Comment"] = field(default_factory=list, repr=False)
    reactions: list["Reaction"] = field(default_factory=list, repr=False)

    @property
    def profile_url(self) -> str:
        return f"https://www.linkedin.com/in/{self.public_identifier}"


@dataclass(slots=True, kw_only=True)
class Account:
    """`status` is the provider's; the last three are about the website.

    `web_state` is what every page of the site answers the account, None for the page itself.
    """

    id: str
    person: Person
    created_ms: int
    status: AccountStatus = "OK"
    language: Language = "en"
    front_end: str | None = None
    web_state: WebState | None = None
