"""The two writes of the site: repost (instantly or with own words) and undo."""

from dataclasses import dataclass

import orjson

from chorus_sandbox.asgi import Answer, Request, json_answer
from chorus_sandbox.linkedin.context import SiteContext
from chorus_sandbox.linkedin.posts import to_repost, twist_of, visit_of
from chorus_sandbox.linkedin.rendering import permalink
from chorus_sandbox.linkedin.wording import Words
from chorus_sandbox.world.calls import Call, Refusal
from chorus_sandbox.world.ids import PostNumbers
from chorus_sandbox.world.people import Post
from chorus_sandbox.world.view import View
from chorus_sandbox.world.website import Session

TEXT_LIMIT = 3000
_TWISTS = frozenset({"not_permitted", "already_reposted", "toast_missing", "toast_lies"})
_REFUSING = frozenset({"not_permitted", "already_reposted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    urn: str
    text: str


def repost(context: SiteContext) -> Call:
    wish = _wish(context.request, with_text=True)

    def run(session: Session, view: View) -> Answer:
        shown = _post(context, wish.urn)
        target = to_repost(shown)
        twist = view.twist or twist_of(visit_of(context), shown) or target.twist
        if twist in _REFUSING or not target.permissions.can_share:
            raise Refusal(twist if twist in _REFUSING else "not_permitted", "Refused by the site.")
        _, words = context.words(session.account)
        if twist == "toast_lies":
            return _lie(context, session, target, wish, words)
        made = _have_effect(context, session, target, wish)
        if twist == "toast_missing":
            return _created(made.numbers, {"silent": True})
        return _created(made.numbers, _toast(context, permalink(made), wish, words))

    return context.write("repost", run, post_id=wish.urn, twists=_TWISTS)


def _wish(request: Request, *, with_text: bool) -> _Wish:
    """The body: `{parentUrn, commentary: {text}}`; raises Refusal when it is not that."""
    try:
        body = orjson.loads(request.body)
        urn, text = body["parentUrn"], body["commentary"]["text"] if with_text else ""
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Refusal("malformed_request", "Needed: parentUrn, commentary.text.") from error
    if not isinstance(urn, str) or not isinstance(text, str):
        raise Refusal("malformed_request", "parentUrn and commentary.text are texts.")
    if len(text) > TEXT_LIMIT:
        raise Refusal("malformed_request", f"At most {TEXT_LIMIT} characters.")
    return _Wish(urn=urn, text=text)


def _post(context: SiteContext, urn: str) -> Post:
    post = context.sandbox.state.posts_by_reference.get(urn)
    if post is None or post.gone:
        raise Refusal("post_not_displayed", "No such post.")
    return post


def _have_effect(context: SiteContext, session: Session, target: Post, wish: _Wish) -> Post:
    sandbox = context.sandbox
    made = sandbox.state.add_post(
        author=session.account.person,
        text=sandbox.shown(wish.text),
        created_ms=sandbox.now_ms(),
        written=sandbox.landing(),
        original=target,
    )
    sandbox.truth.record(
        kind="repost",
        account_id=session.account.id,
        target=target.social_id,
        post_id=target.social_id,
        text=wish.text,
        request_id=context.request.request_id,
        request_headers=context.request.headers,
    )
    return made


def _lie(context: SiteContext, session: Session, target: Post, wish: _Wish, words: Words) -> Answer:
    """Success is said, nothing has happened: the link leads to a tombstone."""
    sandbox = context.sandbox
    sandbox.truth.refuse(
        kind="repost",
        why="toast_lies",
        status=200,
        account_id=session.account.id,
        post_id=target.social_id,
        request_id=context.request.request_id,
    )
    numbers = sandbox.state.ids.post_numbers(sandbox.now_ms())
    link = f"/feed/update/{numbers.urn('share')}/"
    return _created(numbers, _toast(context, link, wish, words))


def _toast(context: SiteContext, link: str, wish: _Wish, words: Words) -> dict[str, object]:
    toast: dict[str, object] = {"text": words["done"]}
    if wish.text or context.website.settings.toast_link:
        word = "view_post" if wish.text else "view_repost"
        toast["link"] = {"text": words[word], "href": link}
    return {"toast": toast}


def _created(numbers: PostNumbers, more: dict[str, object]) -> Answer:
    share: dict[str, object] = {"status": "CREATED", "shareUrn": numbers.urn("share")}
    return json_answer(200, {"data": {"createShare": share | more}})


def undo(context: SiteContext) -> Call:
    """Take back every instant repost of the post. It is counted, and not in the truth."""
    wish = _wish(context.request, with_text=False)

    def run(session: Session, _view: View) -> Answer:
        target = to_repost(_post(context, wish.urn))
        for own in session.account.person.posts:
            if own.original is target and own.instant_repost:
                own.gone = True
        _, words = context.words(session.account)
        return json_answer(200, {"toast": {"text": words["undone"]}})

    return context.write(None, run, post_id=wish.urn)
