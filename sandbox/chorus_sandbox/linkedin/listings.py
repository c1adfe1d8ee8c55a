"""The feed, a person's profile, and what a person posted and reposted."""

from collections.abc import Sequence

from chorus_sandbox.asgi import HTML_TYPE, Answer
from chorus_sandbox.linkedin.context import SiteContext
from chorus_sandbox.linkedin.posts import renderer_for
from chorus_sandbox.linkedin.rendering import Renderer
from chorus_sandbox.world.calls import Call, Refusal
from chorus_sandbox.world.people import Post
from chorus_sandbox.world.view import View
from chorus_sandbox.world.website import Session

_SHOWN = 20
_FEED = 5


def feed_page(context: SiteContext) -> Call:
    def run(session: Session, view: View) -> Answer:
        renderer = renderer_for(context, session.account, view)
        newest = [post for post in context.sandbox.state.posts[-_FEED:] if not post.gone]
        return _listing(context, renderer, newest, title="Feed | LinkedIn", author="LinkedIn")

    return context.read(run)


def profile_page(context: SiteContext) -> Call:
    """`/in/me/` leads to the reader's own."""
    return _about_person(context, tail="/")


def activity_page(context: SiteContext) -> Call:
    """Newest first, the latest 20, reposts among them."""
    return _about_person(context, tail="/recent-activity/all/")


def _about_person(context: SiteContext, *, tail: str) -> Call:
    slug = context.params[0]

    def run(session: Session, view: View) -> Answer:
        if slug == "me":
            own = session.account.person.public_identifier
            return Answer(302, b"", HTML_TYPE, ((b"location", f"/in/{own}{tail}".encode()),))
        person = context.sandbox.state.people_by_slug.get(slug)
        if person is None:
            raise Refusal("page_not_found", "No such person.")
        renderer = renderer_for(context, session.account, view)
        return _listing(
            context,
            renderer,
            [post for post in view.listed(person.posts) if not post.gone],
            title=f"Activity | {person.name} | LinkedIn",
            author=person.name,
        )

    return context.read(run)


def _listing(
    context: SiteContext, renderer: Renderer, posts: Sequence[Post], *, title: str, author: str
) -> Answer:
    newest = list(reversed(posts[-_SHOWN:]))
    main = "".join(renderer.update(post, header=renderer.header_of(post)) for post in newest)
    return renderer.page(
        title=title,
        main=main,
        aside=renderer.aside([], author),
        delay_ms=context.website.settings.actions_delay_ms,
    )
