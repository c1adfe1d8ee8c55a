"""From posts and people to HTML, in either front end."""

import secrets
from dataclasses import dataclass, field
from html import escape

import orjson

from chorus_sandbox.asgi import HTML_TYPE, Answer
from chorus_sandbox.linkedin import ballast, crowd
from chorus_sandbox.linkedin.templates import site_templates
from chorus_sandbox.linkedin.wording import Words
from chorus_sandbox.world.ids import Form
from chorus_sandbox.world.people import Account, Comment, Person, Post
from chorus_sandbox.world.view import View
from chorus_sandbox.world.website import FrontEnd

_HASHED_NAMES = 20


def permalink(post: Post) -> str:
    """Reposts are linked to as shares, posts as activities."""
    form: Form = "activity" if post.original is None else "share"
    return f"/feed/update/{post.numbers.urn(form)}/"


def urn_of(post: Post) -> str:
    return post.numbers.urn("activity")


def has_reposted(person: Person, post: Post, view: View) -> bool:
    """Whether the reader is shown this post as reposted by the person, without own words."""
    return any(
        own.original is post and own.instant_repost and not own.gone
        for own in view.visible(person.posts)
    )


def _class_names() -> dict[str, str]:
    """Names without meaning, others at every load."""
    drawn = secrets.token_hex(4 * _HASHED_NAMES)
    return {f"k{n}": f"_{drawn[8 * n : 8 * n + 8]}" for n in range(_HASHED_NAMES)}


@dataclass(slots=True, kw_only=True)
class Renderer:
    """One page for one reader."""

    front_end: FrontEnd
    language: str
    words: Words
    reader: Account
    view: View
    visit_id: str
    _serial: int = 30
    _names: dict[str, str] = field(default_factory=_class_names)

    def fragment(self, name: str, /, **fields: str) -> str:
        self._serial += 7
        numbers = {"n1": str(self._serial), "n2": str(self._serial + 1)}
        return site_templates().fill(f"{self.front_end}/{name}", self._names | numbers | fields)

    def update(self, post: Post, *, header: str = "", media: bool = False) -> str:
        original = post.original
        return self.fragment(
            "update",
            urn=urn_of(post),
            permalink=permalink(post),
            author=escape(post.author.name),
            author_url=f"/in/{post.author.public_identifier}/",
            headline=escape(post.author.headline),
            text=escape(post.text),
            header=self.fragment("header", header=escape(header)) if header else "",
            embed="" if original is None else self._embed(original),
            media=self.fragment("media") if media else "",
            reactions=str(len(self.view.visible(post.reactions))),
            comments=f"{len(self.view.visible(post.comments))} {escape(self.words['comments'])}",
            reposts=self._repost_count(post),
            repost_settings=escape(self.words["repost_settings"]),
        )

    def _repost_count(self, post: Post) -> str:
        count = sum(not repost.gone for repost in self.view.visible(post.reposts))
        return escape(self.words["reposts"].format(count=count))

    def _embed(self, original: Post) -> str:
        return self.fragment(
            "embed",
            urn=urn_of(original),
            permalink=permalink(original),
            author=escape(original.author.name),
            headline=escape(original.author.headline),
            text=escape(original.text),
        )

    def header_of(self, post: Post) -> str:
        """Who reposted this, where the update says so above itself."""
        if post.instant_repost:
            return self.words["x_reposted"].format(name=post.author.name)
        if has_reposted(self.reader.person, post, self.view):
            return self.words["you_reposted"]
        return ""

    def comments(self, comments: list[Comment]) -> str:
        own = [
            (c.author.name, c.author.public_identifier, c.author.headline, c.text) for c in comments
        ]
        return "".join(self._comment(*row) for row in (*own, *crowd.COMMENTERS))

    def _comment(self, name: str, slug: str, headline: str, text: str) -> str:
        return self.fragment(
            "comment",
            author=escape(name),
            author_url=f"/in/{slug}/",
            headline=escape(headline),
            text=escape(text),
            l_like=escape(self.words["like"]),
        )

    def aside(self, others: list[Post], author: str) -> str:
        words = self.words
        suggestions = "".join(
            self.fragment(
                "suggestion",
                name=name,
                slug=slug,
                headline=headline,
                l_follow=escape(words["follow"]),
            )
            for name, slug, headline in crowd.SUGGESTED
        )
        return self.fragment(
            "aside",
            suggestions=suggestions,
            others="".join(self.update(post) for post in others),
            l_aside=escape(words["aside"]),
            l_with_thoughts=escape(words["with_thoughts"]),
            l_see_reposts=escape(words["see_reposts"]),
            l_repost_settings=escape(words["repost_settings"]),
            l_more_from=escape(words["more_from"].format(name=author)),
        )

    def page(
        self, *, title: str, main: str, aside: str, delay_ms: int, broken: bool = False
    ) -> Answer:
        """The whole document. `broken` loads scripts that are not there."""
        boot = orjson.dumps(
            {"page": self.visit_id, "delay": delay_ms, "words": dict(self.words)}
        ).decode()
        folder = "/static/gone" if broken else "/static"
        html = self.fragment(
            "page",
            lang=self.language,
            title=escape(title),
            main=main,
            aside=aside,
            nav=_list_items(crowd.NAVIGATION),
            footer=_list_items(crowd.FOOTER),
            me=escape(self.reader.person.name),
            l_main=escape(self.words["main"]),
            l_aside=escape(self.words["aside"]),
            boot=escape(boot),
            boot_json=boot.replace("</", "<\\/"),
            ballast=ballast.page_data(),
            core=f"{folder}/core.js",
            script=f"{folder}/{self.front_end}.js",
        )
        return Answer(200, html.encode(), HTML_TYPE)


def _list_items(names: tuple[str, ...]) -> str:
    return "".join(
        f'<li><a href="/feed/"><span class="t-12">{escape(name)}</span></a></li>' for name in names
    )
