"""Control of what stands on the network without a call: seeded, so not in the truth."""

from chorus_sandbox.asgi import Answer, json_answer
from chorus_sandbox.world.control.body import Body, ControlError
from chorus_sandbox.world.control.context import ControlContext
from chorus_sandbox.world.control.people import account_of, author_of
from chorus_sandbox.world.control.website import forms_of
from chorus_sandbox.world.faults import TWISTS
from chorus_sandbox.world.ids import FORMS
from chorus_sandbox.world.people import Person, Post
from chorus_sandbox.world.sandbox import Sandbox
from chorus_sandbox.world.website import FRONT_ENDS

MOST_AT_ONCE = 100_000


async def create_posts(context: ControlContext) -> Answer:
    """One post, or `count` of them with the same author and text. `repost_of` makes a repost."""
    body = context.body()
    author = author_of(context.sandbox, body)
    count = body.integer("count", low=1)
    text = body.text("text") or ""
    created_ms = body.integer("created_ms")
    form = body.choice("social_form", FORMS) or "activity"
    original_id = body.text("repost_of")
    body.done()
    original = None if original_id is None else post_of(context.sandbox, original_id)
    if (count or 1) > MOST_AT_ONCE:
        raise ControlError(f"count is at most {MOST_AT_ONCE}.")
    posts = [
        context.sandbox.state.add_post(
            author=author,
            text=text,
            created_ms=created_ms or context.sandbox.now_ms(),
            form=form,  # type: ignore[arg-type] # checked by choice()
            original=original,
        )
        for _ in range(count or 1)
    ]
    if count is None:
        return json_answer(201, post_json(posts[0]))
    return json_answer(201, {"items": [post_json(post) for post in posts]})


async def list_posts(context: ControlContext) -> Answer:
    posts = context.sandbox.state.posts
    return json_answer(200, {"items": [post_json(post) for post in posts]})


async def change_post(context: ControlContext) -> Answer:
    post = post_of(context.sandbox, context.params[0])
    body = context.body()
    changes = {
        name: body.flag(name) for name in ("gone", "can_react", "can_share", "can_post_comments")
    }
    page = {
        "front_end": body.choice("front_end", (*FRONT_ENDS, "mixed", "usual")),
        "twist": body.choice("twist", (*sorted(TWISTS), "none")),
    }
    forms = forms_of(body, "tombstone_forms")
    body.done()
    gone = changes.pop("gone")
    post.gone = post.gone if gone is None else gone
    post.tombstone_forms = post.tombstone_forms if forms is None else forms
    for name, chosen in page.items():
        if chosen is not None:
            setattr(post, name, None if chosen in {"usual", "none"} else chosen)
    for name, value in changes.items():
        if value is not None:
            setattr(post.permissions, name, value)
    return json_answer(200, post_json(post))


async def seed_comment(context: ControlContext) -> Answer:
    """Somebody comments on a post, not over the API."""
    post = post_of(context.sandbox, context.params[0])
    body = context.body()
    author = _commenter(context.sandbox, body)
    text = body.needed_text("text")
    parent_id = body.text("comment_id")
    body.done()
    parent = None if parent_id is None else context.sandbox.state.comments.get(parent_id)
    if parent_id is not None and (parent is None or parent.post is not post):
        raise ControlError(f"The post has no comment {parent_id}.", status=404)
    comment = context.sandbox.state.add_comment(
        author=author,
        post=post,
        text=text,
        parent=parent,
        created_ms=context.sandbox.now_ms(),
    )
    return json_answer(201, {"id": comment.id, "provider_id": author.provider_id})


def _commenter(sandbox: Sandbox, body: Body) -> Person:
    name = body.text("name")
    return author_of(sandbox, body) if name is None else sandbox.state.add_person(name=name)


async def seed_message(context: ControlContext) -> Answer:
    """A person writes to an account, as an answer to a direct message."""
    body = context.body()
    account = account_of(context.sandbox, body.needed_text("account_id"))
    person = context.sandbox.state.people.get(body.needed_text("from_provider_id"))
    text = body.needed_text("text")
    body.done()
    if person is None:
        raise ControlError("No person has this from_provider_id.", status=404)
    chats = context.sandbox.state.chats
    message = chats.add_message(
        chat=chats.between(account, person),
        own=False,
        text=text,
        created_ms=context.sandbox.now_ms(),
        written=None,
    )
    return json_answer(201, {"id": message.id, "chat_id": message.chat.id})


def post_of(sandbox: Sandbox, reference: str) -> Post:
    post = sandbox.state.posts_by_reference.get(reference)
    if post is None:
        raise ControlError(f"No post {reference}.", status=404)
    return post


def post_json(post: Post) -> dict[str, object]:
    return {
        "id": post.id,
        "social_id": post.social_id,
        "urns": {form: post.numbers.urn(form) for form in FORMS},
        "share_url": post.share_url,
        "author_provider_id": post.author.provider_id,
        "text": post.text,
        "gone": post.gone,
        "front_end": post.front_end,
        "twist": post.twist,
        "reactions": len(post.reactions),
        "comments": len(post.comments),
        "reposts": len(post.reposts),
    }
