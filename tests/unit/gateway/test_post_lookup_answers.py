"""What the gateway makes of the provider's refusals when it looks a post up."""

import httpx
import pytest
from pydantic import SecretStr

from chorus.errors import DependencyUnavailable
from chorus.linkedin import parse_post
from chorus.unipile import PERSON_NEEDED, RESTRICTED
from chorus_gateway.lookup.http import HttpPostLookup
from chorus_gateway.lookup.port import AccountCannotLook, AccountChallenged

POST = parse_post("urn:li:share:7379160923545610000")


async def _refused(status: int, body: object) -> Exception:
    answer = httpx.MockTransport(lambda _: httpx.Response(status, json=body))
    async with httpx.AsyncClient(transport=answer, base_url="http://provider/") as client:
        try:
            await HttpPostLookup(client, SecretStr("k")).resolve(POST, "acc")
        except Exception as error:  # noqa: BLE001 - whichever it is, is what is looked at
            return error
    raise AssertionError


@pytest.mark.parametrize("name", sorted({*PERSON_NEEDED, RESTRICTED}))
async def test_what_only_the_accounts_person_ends_is_a_challenge(name: str) -> None:
    """Finding B2: by the very words by which the executors know it."""
    assert isinstance(await _refused(401, {"type": f"errors/{name}"}), AccountChallenged)


async def test_what_concerns_our_own_key_stops_no_account() -> None:
    """Finding B2: a wrong key must not pause everybody."""
    error = await _refused(401, {"type": "errors/invalid_credentials"})
    assert isinstance(error, DependencyUnavailable)
    other = await _refused(403, {"type": "errors/insufficient_permissions"})
    assert isinstance(other, AccountCannotLook)
    assert not isinstance(other, AccountChallenged)


@pytest.mark.parametrize("odd", [None, 7, ["a"], {"de": "Ada"}])
async def test_what_is_only_shown_tells_no_post(odd: object) -> None:
    """A1: whatever form name and text come in, the post is found."""
    post = {"social_id": "urn:li:activity:7", "text": odd, "author": {"id": "a", "name": odd}}
    answer = httpx.MockTransport(lambda _: httpx.Response(200, json=post))
    async with httpx.AsyncClient(transport=answer, base_url="http://provider/") as client:
        found = await HttpPostLookup(client, SecretStr("k")).resolve(POST, "acc")
    assert found is not None
    assert (found.social_id, found.author_provider_id) == ("urn:li:activity:7", "a")
    assert (found.author_name, found.text) == (None, None)
