"""`SocialProvider` over Unipile v1."""

import aiohttp
import orjson
from yarl import URL

from chorus.errors import PermanentProviderError
from chorus.execution.port import ABSENT, Done, Found, Sighting, Traces
from chorus.vocabulary import ErrorType
from chorus_executor.providers.port import PostInfo
from chorus_executor.providers.unipile import listings
from chorus_executor.providers.unipile.listings import pages, text_of
from chorus_executor.providers.unipile.post_ids import lookup_id, segment
from chorus_executor.providers.unipile.transport import Endpoint, Json, Transport
from chorus_executor.remembered import Remembered

LIST_BOUND = 20
"""Pages of 100 that are read in search of an effect."""


class UnipileProvider:
    def __init__(self, endpoint: Endpoint) -> None:
        self._transport = Transport(endpoint)
        self._reaction_url = self._transport.url("/posts/reaction")
        self._posts_url = self._transport.url("/posts")
        self._own_ids: Remembered[str, str] = Remembered(10_000)

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def resolve(self, reference: str, *, account: str, deadline: float) -> PostInfo:
        post = await self._post(lookup_id(reference), account, deadline)
        social_id = text_of(post, "social_id")
        if social_id is None:
            raise PermanentProviderError(
                "Unipile gave no social_id for the post.",
                error_type=ErrorType.API_ERROR,
                code="no_social_id",
            )
        return PostInfo(
            social_id=social_id,
            url=text_of(post, "share_url"),
            reacted=text_of(post, "user_reacted") is not None,
        )

    async def react(self, post: str, reaction: str, *, account: str, deadline: float) -> Done:
        body = orjson.dumps({"account_id": account, "post_id": post, "reaction_type": reaction})
        answer = await self._transport.post(self._reaction_url, body, deadline=deadline)
        return Done(answer=_shown(answer))

    async def comment(self, post: str, text: str, *, account: str, deadline: float) -> Done:
        body = orjson.dumps({"account_id": account, "text": text})
        url = self._transport.url(f"/posts/{segment(post)}/comments")
        answer = await self._transport.post(url, body, deadline=deadline)
        return Done(id=text_of(answer, "comment_id"), answer=_shown(answer))

    async def repost(self, post: str, text: str, *, account: str, deadline: float) -> Done:
        return await self._create({"account_id": account, "text": text, "repost": post}, deadline)

    async def publish(self, text: str, *, account: str, deadline: float) -> Done:
        return await self._create({"account_id": account, "text": text}, deadline)

    async def find_reaction(self, post: str, *, account: str, deadline: float) -> Sighting:
        seen = await self._post(post, account, deadline)
        if text_of(seen, "user_reacted") is not None:
            return Found()
        # An older instance does not tell `user_reacted`: its silence proves nothing.
        own_id = await self._own_id(account, deadline)
        url = self._transport.url(f"/posts/{segment(post)}/reactions")
        async for items in self._pages(url, account, deadline):
            if any(text_of(item, "author", "id") == own_id for item in items):
                return Found()
        return ABSENT

    async def find_comment(
        self, post: str, traces: Traces, *, account: str, deadline: float
    ) -> Sighting:
        own_id = await self._own_id(account, deadline)
        url = self._transport.url(f"/posts/{segment(post)}/comments")
        async for items in self._pages(url, account, deadline):
            for item in items:
                if listings.is_our_comment(item, own_id, traces):
                    return Found(id=text_of(item, "id"))
        return ABSENT

    async def find_repost(
        self, post: str, traces: Traces, *, account: str, deadline: float
    ) -> Sighting:
        original = await self._post(post, account, deadline)
        ids = {post, text_of(original, "id") or post, text_of(original, "social_id") or post}
        return await self._find_own(
            lambda item: listings.is_repost_of(item, ids, traces), traces, account, deadline
        )

    async def find_post(self, traces: Traces, *, account: str, deadline: float) -> Sighting:
        return await self._find_own(
            lambda item: listings.is_our_post(item, traces), traces, account, deadline
        )

    async def _find_own(
        self, is_ours: listings.Recogniser, traces: Traces, account: str, deadline: float
    ) -> Sighting:
        """Search the account's own posts, newest first, down to what is certainly from before."""
        own_id = await self._own_id(account, deadline)
        url = self._transport.url(f"/users/{segment(own_id)}/posts")
        async for items in self._pages(url, account, deadline):
            for item in items:
                if is_ours(item):
                    return Found(id=text_of(item, "id"), url=text_of(item, "share_url"))
            if items and all(listings.is_older(item, traces.since) for item in items):
                return ABSENT
        return ABSENT

    async def _create(self, fields: dict[str, str], deadline: float) -> Done:
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in fields.items():
            form.add_field(name, value)
        answer = await self._transport.post(self._posts_url, form, deadline=deadline)
        return Done(id=text_of(answer, "post_id"), answer=_shown(answer))

    async def _post(self, post: str, account: str, deadline: float) -> Json:
        url = self._transport.url(f"/posts/{segment(post)}")
        return await self._transport.get(
            url.update_query({"account_id": account}), deadline=deadline
        )

    async def _own_id(self, account: str, deadline: float) -> str:
        known = self._own_ids.get(account)
        if known is not None:
            return known
        url = self._transport.url("/users/me").update_query({"account_id": account})
        own_id = text_of(await self._transport.get(url, deadline=deadline), "provider_id")
        if own_id is None:
            raise listings.cannot_tell("Unipile did not say who the account is.")
        self._own_ids.put(account, own_id)
        return own_id

    def _pages(self, url: URL, account: str, deadline: float) -> listings.Pages:
        return pages(self._transport, url, account=account, deadline=deadline, bound=LIST_BOUND)


def _shown(answer: Json) -> str:
    return orjson.dumps(answer).decode()[:500]
