"""A post's page, the state of its action bar, and the composer that the server gives."""

import re
import secrets

from chorus_sandbox.asgi import HTML_TYPE, Answer, json_answer
from chorus_sandbox.linkedin.context import SiteContext
from chorus_sandbox.linkedin.rendering import Renderer, has_reposted, urn_of
from chorus_sandbox.linkedin.wording import Words
from chorus_sandbox.world.calls import Call, Refusal
from chorus_sandbox.world.faults import TWISTS
from chorus_sandbox.world.ids import is_urn
from chorus_sandbox.world.people import Account, Post
from chorus_sandbox.world.state import State
from chorus_sandbox.world.view import View
from chorus_sandbox.world.website import FrontEnd, Session, Visit, Website

_OTHERS_SHOWN = 3
_OTHERS_SOUGHT = 40
_IN_SLUG = re.compile(r"[-_](activity|ugcPost|share)-([0-9]{15,25})(?:-|$)", re.ASCII)
_BAR_TWISTS = frozenset({"not_permitted", "already_reposted", "layout_changed"})


def by_urn(context: SiteContext) -> Call:
    if not is_urn(context.params[0]):
        raise Refusal("page_not_found", "No id of a post in the address.")
    return _post_page(context, context.params[0])


def by_slug(context: SiteContext) -> Call:
    found = _IN_SLUG.search(context.params[0])
    if found is None:
        raise Refusal("page_not_found", "No id in the address.")
    return _post_page(context, f"urn:li:{found[1]}:{found[2]}")


def _post_page(context: SiteContext, urn: str) -> Call:
    def run(session: Session, view: View) -> Answer:
        post = shown_post(context, urn)
        twist = view.twist or post.twist
        renderer = renderer_for(context, session.account, view, post=post, twist=twist)
        return _page_of(context, renderer, post, twist)

    return context.read(run, post_id=urn, twists=TWISTS)


def shown_post(context: SiteContext, urn: str) -> Post:
    """The post of this urn; Refusal when its page shows a tombstone."""
    post = context.sandbox.state.posts_by_reference.get(urn)
    if post is None or post.gone:
        raise Refusal("post_not_displayed", "No such post.")
    hidden = context.website.settings.tombstone_forms | post.tombstone_forms
    if any(urn.startswith(f"urn:li:{form}:") for form in hidden):
        raise Refusal("post_not_displayed", "This form of its address does not work.")
    return post


def renderer_for(
    context: SiteContext,
    account: Account,
    view: View,
    *,
    post: Post | None = None,
    twist: str | None = None,
) -> Renderer:
    """A renderer, and the visit that its scripts will name."""
    language, words = context.words(account)
    visit = Visit(
        id=secrets.token_urlsafe(12),
        front_end=_front_end(context.website, account, post),
        post=post,
        twist=twist,
        view=view,
    )
    context.website.remember(visit)
    return Renderer(
        front_end=visit.front_end,
        language=language,
        words=words,
        reader=account,
        view=view,
        visit_id=visit.id,
    )


def _front_end(website: Website, account: Account, post: Post | None) -> FrontEnd:
    settings = website.settings
    chosen = (post and post.front_end) or account.front_end or settings.front_end
    if chosen == "mixed":
        chosen = "hashed" if website.draws.random() < settings.hashed_share else "artdeco"
    return "hashed" if chosen == "hashed" else "artdeco"


def _page_of(context: SiteContext, renderer: Renderer, post: Post, twist: str | None) -> Answer:
    author = post.author.name
    header = renderer.header_of(post)
    if twist == "already_reposted":
        header = renderer.words["you_reposted"]
    blank = twist == "blank"
    comments = list(renderer.view.visible(post.comments))[-10:]
    main = renderer.update(post, header=header, media=True) + renderer.comments(comments)
    others = _others(context.sandbox.state, post)
    return renderer.page(
        title=f"{author} on LinkedIn: {post.text[:60]}",
        main="" if blank else main,
        aside="" if blank else renderer.aside(others, author),
        delay_ms=context.website.settings.actions_delay_ms,
        broken=blank,
    )


def _others(state: State, post: Post) -> list[Post]:
    """The newest posts but this, whose own controls stand on the same page."""
    newest = reversed(state.posts[-_OTHERS_SOUGHT:])
    fitting = [
        other
        for other in newest
        if other.original is None and not other.gone and other is not (post.original or post)
    ]
    return fitting[:_OTHERS_SHOWN]


def actions(context: SiteContext) -> Call:
    """The state of each action bar; a fault's twist is about the first."""
    urns = dict(context.request.query_pairs()).get("urns", "").split(",")

    def run(session: Session, view: View) -> Answer:
        _, words = context.words(session.account)
        visit = visit_of(context)
        elements = {}
        for number, urn in enumerate(urns):
            post = context.sandbox.state.posts_by_reference.get(urn)
            if post is not None and not post.gone:
                struck = view.twist if number == 0 else None
                twist = struck or twist_of(visit, post)
                seen = view if visit is None or view.hides else visit.view
                elements[urn] = _element(post, session.account, seen, twist, words)
        return json_answer(200, {"elements": elements})

    return context.read(run, post_id=urns[0], twists=_BAR_TWISTS)


def _element(
    post: Post, account: Account, view: View, twist: str | None, words: Words
) -> dict[str, str]:
    target = to_repost(post)
    name = target.author.name
    return {
        "urn": urn_of(post),
        "state": _bar_state(target, account, view, twist),
        "repostHint": words["repost_hint"].format(name=name),
        "thoughtsHint": words["thoughts_hint"].format(name=name),
    }


def to_repost(post: Post) -> Post:
    """What a click on a post's control reposts: an instant repost stands for its original."""
    return post.original if post.original is not None and post.instant_repost else post


def _bar_state(post: Post, account: Account, view: View, twist: str | None) -> str:
    if twist == "layout_changed":
        return "changed"
    if twist == "not_permitted" or not post.permissions.can_share:
        return "closed"
    if twist == "already_reposted" or has_reposted(account.person, post, view):
        return "reposted"
    return "open"


def visit_of(context: SiteContext) -> Visit | None:
    """The page load that a script's request belongs to, by the header that names it."""
    named = context.request.header(b"x-li-page-instance") or ""
    return context.website.visits.get(named.rpartition(";")[2])


def twist_of(visit: Visit | None, post: Post) -> str | None:
    if visit is not None and visit.post is post:
        return visit.twist
    return post.twist


def composer(context: SiteContext) -> Call:
    urn = dict(context.request.query_pairs()).get("urn", "")

    def run(session: Session, view: View) -> Answer:
        shown_post(context, urn)
        renderer = renderer_for(context, session.account, view)
        renderer.front_end = "hashed"
        words = renderer.words
        html = renderer.fragment(
            "composer",
            l_composer=words["composer"],
            l_dismiss=words["dismiss"],
            l_editor=words["editor"],
            l_post=words["post"],
        )
        return Answer(200, html.encode(), HTML_TYPE)

    return context.read(run, post_id=urn)
