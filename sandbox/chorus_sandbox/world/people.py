"""People, and what they made: posts with their comments and reactions.

An account is a person whose session the provider holds. `written` is the monotonic second at which
an API call made the thing; None for what was seeded.
"""

from dataclasses import dataclass, field
from typing import Literal, get_args

from chorus_sandbox.world.ids import Form, PostNumbers

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


@dataclass(slots=True, kw_only=True)
class Reaction:
    author: Person
    value: str
    post: "Post"
    comment: "Comment | None"
    created_ms: int
    written: float | None


@dataclass(slots=True, kw_only=True)
class Comment:
    id: str
    author: Person
    text: str
    post: "Post"
    parent: "Comment | None"
    created_ms: int
    written: float | None
    replies: list["Comment"] = field(default_factory=list, repr=False)
    reactions: list[Reaction] = field(default_factory=list, repr=False)
    reacted: dict[str, Reaction] = field(default_factory=dict, repr=False)


@dataclass(slots=True, kw_only=True)
class Permissions:
    can_react: bool = True
    can_share: bool = True
    can_post_comments: bool = True


@dataclass(slots=True, kw_only=True)
class Post:
    """`social_id` is the form that actions take; `reacted` is keyed by provider id.

    `front_end`, `twist` and `tombstone_forms` are about its page on the website.
    """

    numbers: PostNumbers
    form: Form
    social_id: str
    share_url: str
    author: Person
    text: str
    created_ms: int
    written: float | None
    original: "Post | None" = None
    gone: bool = False
    permissions: Permissions = field(default_factory=Permissions)
    comments: list[Comment] = field(default_factory=list, repr=False)
    reactions: list[Reaction] = field(default_factory=list, repr=False)
    reacted: dict[str, Reaction] = field(default_factory=dict, repr=False)
    reposts: list["Post"] = field(default_factory=list, repr=False)
    attachments: tuple[str, ...] = ()
    front_end: str | None = None
    twist: str | None = None
    tombstone_forms: frozenset[Form] = frozenset()

    @property
    def id(self) -> str:
        return str(self.numbers.activity)

    @property
    def instant_repost(self) -> bool:
        return self.original is not None and not self.text
