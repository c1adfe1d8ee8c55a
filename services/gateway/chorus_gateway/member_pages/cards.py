"""What cards of an activity have in common."""

from chorus_gateway.member_pages.markup import Child, Markup, el, together
from chorus_gateway.store.activities import Activity


def about(title: Child, when: str) -> Markup:
    """What it is, and when."""
    return together(el("h3", title), el("p", when, class_="meta"))


def post_of(act: Activity) -> Markup | None:
    """What a yes is about, or a suggestion: whose post, how it begins, and where it stands."""
    if act.target_url is None:
        return None
    whose = f"The post of {act.post_author}" if act.post_author else "The post"
    return together(
        el("p", whose, ", ", el("a", act.target_url, href=act.target_url, rel="noreferrer")),
        el("blockquote", act.post_beginning) if act.post_beginning else None,
    )
