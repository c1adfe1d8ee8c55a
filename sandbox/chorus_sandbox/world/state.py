"""The state of the outside world, in memory: no clock and no I/O; callers give the instants."""

from chorus_sandbox.world.chats import Chats
from chorus_sandbox.world.ids import FORMS, Form, IdSource, slug_of
from chorus_sandbox.world.people import (
    Account,
    AccountStatus,
    Comment,
    Degree,
    Language,
    Person,
    Post,
    Reaction,
)


class AlreadyThereError(Exception):
    """Something with this id stands in the world already."""


class State:
    """Look-ups are by dictionary. Lists are append-only: an index in one can be a cursor."""

    def __init__(self, seed: int = 1) -> None:
        self.ids = IdSource(seed)
        self.accounts: dict[str, Account] = {}
        self.people: dict[str, Person] = {}
        self.people_by_slug: dict[str, Person] = {}
        self.posts: list[Post] = []
        self.posts_by_social_id: dict[str, Post] = {}
        self.posts_by_reference: dict[str, Post] = {}
        self.comments: dict[str, Comment] = {}
        self.chats = Chats(self.ids)

    def add_person(
        self,
        *,
        name: str,
        public_identifier: str | None = None,
        provider_id: str | None = None,
        headline: str = "",
        degree: Degree = "FIRST_DEGREE",
    ) -> Person:
        person = Person(
            provider_id=provider_id or self.ids.provider_id(),
            public_identifier=public_identifier or f"{slug_of(name)}-{self.ids.serial():04d}",
            name=name,
            headline=headline,
            degree=degree,
        )
        if person.provider_id in self.people or person.public_identifier in self.people_by_slug:
            raise AlreadyThereError(f"person {person.provider_id} / {person.public_identifier}")
        self.people[person.provider_id] = person
        self.people_by_slug[person.public_identifier] = person
        return person

    def add_account(
        self,
        *,
        person: Person,
        created_ms: int,
        account_id: str | None,
        status: AccountStatus = "OK",
        language: Language = "en",
    ) -> Account:
        account_id = account_id or self.ids.token()
        if account_id in self.accounts:
            raise AlreadyThereError(f"account {account_id}")
        account = Account(
            id=account_id,
            person=person,
            created_ms=created_ms,
            status=status,
            language=language,
        )
        self.accounts[account_id] = account
        return account

    def add_post(
        self,
        *,
        author: Person,
        text: str,
        created_ms: int,
        written: float | None = None,
        original: Post | None = None,
        form: Form = "activity",
        attachments: tuple[str, ...] = (),
    ) -> Post:
        numbers = self.ids.post_numbers(created_ms)
        slug = "_".join(part for part in (author.public_identifier, slug_of(text)) if part)
        post = Post(
            numbers=numbers,
            form=form,
            social_id=numbers.urn(form),
            share_url=(
                f"https://www.linkedin.com/posts/{slug}-activity-{numbers.activity}"
                f"-{self.ids.url_tail()}/"
            ),
            author=author,
            text=text,
            created_ms=created_ms,
            written=written,
            original=original,
            attachments=attachments,
        )
        self._register(post)
        return post

    def _register(self, post: Post) -> None:
        self.posts.append(post)
        post.author.posts.append(post)
        self.posts_by_social_id[post.social_id] = post
        self.posts_by_reference[str(post.numbers.activity)] = post
        for form in FORMS:
            self.posts_by_reference[post.numbers.urn(form)] = post
        if post.original is not None:
            post.original.reposts.append(post)

    def add_comment(
        self,
        *,
        author: Person,
        post: Post,
        text: str,
        created_ms: int,
        parent: Comment | None = None,
        written: float | None = None,
    ) -> Comment:
        comment = Comment(
            id=str(self.ids.number(created_ms)),
            author=author,
            text=text,
            post=post,
            parent=parent,
            created_ms=created_ms,
            written=written,
        )
        self.comments[comment.id] = comment
        (post.comments if parent is None else parent.replies).append(comment)
        author.comments.append(comment)
        return comment

    def react(
        self,
        *,
        author: Person,
        post: Post,
        value: str,
        created_ms: int,
        comment: Comment | None = None,
        written: float | None = None,
    ) -> Reaction:
        """Set the one reaction that a person has on a post or comment: a second one replaces it."""
        target = post if comment is None else comment
        reaction = target.reacted.get(author.provider_id)
        if reaction is not None:
            reaction.value = value
            return reaction
        reaction = Reaction(
            author=author,
            value=value,
            post=post,
            comment=comment,
            created_ms=created_ms,
            written=written,
        )
        target.reacted[author.provider_id] = reaction
        target.reactions.append(reaction)
        author.reactions.append(reaction)
        return reaction
