"""What is left to the account's person: where it stands, what to say, one tap when it is done."""

from collections.abc import Sequence

from chorus.vocabulary import Kind
from chorus_gateway.member_pages.cards import about, post_of
from chorus_gateway.member_pages.markup import Markup, el
from chorus_gateway.member_pages.visit import Visit
from chorus_gateway.store.activities import Activity

_DO: dict[str, str] = {
    Kind.LIKE: "Like the post",
    Kind.COMMENT: "Comment on the post",
    Kind.REPOST: "Repost the post",
}


def section(visit: Visit, suggested: Sequence[Activity], times: Sequence[str]) -> Markup | None:
    """None where nothing is left to them. `times`: until when each is shown."""
    if not suggested:
        return None
    rows = [_card(visit, act, until) for act, until in zip(suggested, times, strict=True)]
    return el(
        "section",
        el("h2", f"For you to do yourself: {len(rows)}"),
        el("p", "Chorus does none of these. Do what you like of them by hand.", class_="meta"),
        rows,
        id="suggested",
    )


def _card(visit: Visit, act: Activity, until: str) -> Markup:
    words = None
    if act.draft_text:
        words = el("p", act.draft_text, class_="words")
    went = None
    if act.target_url:
        went = el("a", "Open the post", href=act.target_url, rel="noreferrer", class_="go")
    path = f"/me/activities/{act.id}"
    did: Markup | None = visit.frame.press(f"{path}/done", "I did it")
    hint = None
    if visit.known.session.proven_at is None:
        did, hint = None, "To say that you did it, sign your account in once more."
    buttons = el(
        "div", went, did, visit.frame.press(f"{path}/reject", "Not this one"), class_="buttons"
    )
    return el(
        "div",
        el(
            "div",
            about(_DO[act.kind], f"Shown until {until}"),
            post_of(act),
            words,
            el("p", hint, class_="meta") if hint else None,
            buttons,
        ),
        class_="row",
    )
