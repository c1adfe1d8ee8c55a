"""Posts with their comments and reactions.

`written` is the monotonic second at which an API call made the thing; None for what was seeded.
"""

from dataclasses import dataclass, field

from chorus_sandbox.world.ids import Form, PostNumbers
from chorus_sandbox.world.people import Person


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
