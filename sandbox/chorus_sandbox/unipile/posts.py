"""Creating and reading posts. A repost is a post with `repost`; with empty text an instant one."""

from dataclasses import dataclass

from chorus_sandbox.asgi import Answer, json_answer
from chorus_sandbox.unipile import lookups
from chorus_sandbox.unipile.context import Context
from chorus_sandbox.unipile.fields import at_most, query_account
from chorus_sandbox.unipile.forms import Form
from chorus_sandbox.unipile.rendering import Looks, post_id
from chorus_sandbox.world.calls import Call, Refusal
from chorus_sandbox.world.people import Person, Post
from chorus_sandbox.world.truth import EffectKind
from chorus_sandbox.world.view import View

TEXT_LIMIT = 3000

_TEXTS = frozenset(
    {
        "account_id",
        "text",
        "repost",
        "include_job_posting",
        "mentions",
        "external_link",
        "as_organization",
    }
)
_FILES = frozenset({"attachments", "video_thumbnail"})


@dataclass(slots=True, kw_only=True)
class _Draft:
    account_id: str
    text: str
    repost: str | None
    attachments: tuple[str, ...]


def create_post(context: Context) -> Call:
    draft = _draft(context.form(_TEXTS, _FILES))

    def run() -> Answer:
        return _repost(context, draft, draft.repost) if draft.repost else _publish(context, draft)

    kind: EffectKind = "repost" if draft.repost else "publish"
    return context.write(kind, draft.account_id, run, post_id=draft.repost)


def _draft(form: Form) -> _Draft:
    account_id = form.required("account_id")
    text = form.one("text")
    if text is None:
        raise Refusal("missing_parameters", "Missing field: text (empty for a plain repost).")
    repost = form.one("repost")
    attachments = tuple(name for name, _ in form.files.get("attachments", ()))
    if repost is not None:
        repost = lookups.check_social_id(repost)
    elif not text and not attachments:
        raise Refusal("invalid_parameters", "text may be empty only with repost or attachments.")
    return _Draft(
        account_id=account_id,
        text=at_most(text, "text", TEXT_LIMIT),
        repost=repost,
        attachments=attachments,
    )


def _publish(context: Context, draft: _Draft) -> Answer:
    account = lookups.usable_account(context.sandbox.state, draft.account_id)
    post = _add(context, account.person, draft, original=None)
    _record(context, draft, "publish", target=account.person.provider_id, post_id=post.social_id)
    return _created(post_id(context.sandbox, post))


def _repost(context: Context, draft: _Draft, original_id: str) -> Answer:
    account = lookups.usable_account(context.sandbox.state, draft.account_id)
    original = lookups.post_for_action(context.sandbox.state, original_id)
    if not original.permissions.can_share:
        raise Refusal("insufficient_permissions", "This post cannot be reposted.")
    post = _add(context, account.person, draft, original=original)
    _record(context, draft, "repost", target=original_id, post_id=original_id)
    if not draft.text and not context.sandbox.settings.repost_returns_id:
        return _created(None)
    return _created(post_id(context.sandbox, post))


def _record(
    context: Context, draft: _Draft, kind: EffectKind, *, target: str, post_id: str
) -> None:
    context.sandbox.truth.record(
        kind=kind,
        account_id=draft.account_id,
        target=target,
        post_id=post_id,
        text=draft.text,
        request_id=context.request.request_id,
        request_headers=context.request.headers,
    )


def _add(context: Context, author: Person, draft: _Draft, *, original: Post | None) -> Post:
    return context.sandbox.state.add_post(
        author=author,
        text=context.sandbox.shown(draft.text),
        created_ms=context.sandbox.now_ms(),
        written=context.sandbox.landing(),
        original=original,
        attachments=draft.attachments,
    )


def _created(made: str | None) -> Answer:
    return json_answer(201, {"object": "PostCreated", "post_id": made})


def get_post(context: Context) -> Call:
    account_id = query_account(context.query("account_id"))
    reference = context.params[0]

    def run(view: View) -> Answer:
        account = lookups.usable_account(context.sandbox.state, account_id)
        post = lookups.post_to_read(context.sandbox.state, reference, view)
        looks = Looks(context.sandbox)
        return json_answer(200, looks.post(post, view, account.person.provider_id))

    return context.read(account_id, run, post_id=reference)
