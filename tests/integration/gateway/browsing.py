"""A browser without a script: cookies, pages, and the forms that stand on them."""

import re
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlsplit

import httpx

from tests.integration.gateway.conftest import Tenant, World, client_of

_FORM = re.compile(r"<form([^>]*)>(.*?)</form>", re.DOTALL)
_INPUT = re.compile(r"<input([^>]*)>")
_AREA = re.compile(r"<textarea([^>]*)>(.*?)</textarea>", re.DOTALL)
_OPTION = re.compile(r"<select([^>]*)>(.*?)</select>", re.DOTALL)


@dataclass(slots=True)
class Form:
    """A form as it stands on a page, with what is filled in already."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)


def forms(page: str) -> dict[str, Form]:
    """The forms of a page by their address; of several with one address the last."""
    found = {}
    for head, body in _FORM.findall(page):
        form = Form(action=_attribute(head, "action") or "")
        for given in _INPUT.findall(body):
            if _attribute(given, "type") == "checkbox" and " checked" not in given:
                continue
            name = _attribute(given, "name")
            if name:
                form.fields.setdefault(name, []).append(_attribute(given, "value") or "")
        for head_of_area, value in _AREA.findall(body):
            form.fields[_attribute(head_of_area, "name") or ""] = [unescape(value)]
        for head_of_list, options in _OPTION.findall(body):
            chosen = re.search(r'value="([^"]*)" selected', options)
            form.fields[_attribute(head_of_list, "name") or ""] = [chosen[1] if chosen else ""]
        found[form.action] = form
    return found


def _attribute(head: str, name: str) -> str | None:
    found = re.search(rf'\b{name}="([^"]*)"', head)
    return unescape(found[1]) if found else None


@dataclass(slots=True)
class Browser:
    """`page` is the last one that was shown."""

    http: httpx.AsyncClient
    page: str = ""
    path: str = ""

    async def open(self, url: str, status: int = 200) -> str:
        """GET, wherever it leads."""
        return self._seen(await self.http.get(url, follow_redirects=True), status)

    async def send(self, action: str, status: int = 200, **said: str | list[str]) -> str:
        """Fill in the form of this address and send it, wherever that leads."""
        form = forms(self.page)[action]
        fields = form.fields | {
            name: value if isinstance(value, list) else [value] for name, value in said.items()
        }
        answer = await self.http.post(action, data=fields, follow_redirects=True)
        return self._seen(answer, status)

    def _seen(self, answer: httpx.Response, status: int) -> str:
        assert answer.status_code == status, (answer.status_code, unescape(answer.text))
        self.page, self.path = unescape(answer.text), urlsplit(str(answer.url)).path
        return self.page


def browser(world: World) -> Browser:
    """A new one, in which nobody is known."""
    return Browser(client_of(world.app))


async def invited(who: Tenant, **wanted: object) -> str:
    """The link of a new invitation."""
    return str((await who.post("/api/invitations", wanted))["url"])


async def joined(
    world: World, url: str, *, email: str = "mia@example.com", name: str = "Mia Berg"
) -> Browser:
    """Somebody has come by a link, and is to connect their account."""
    here = browser(world)
    await here.open(url)
    await here.send(urlsplit(url).path, email=email, name=name)
    return here


async def signed_in_at_provider(world: World, here: Browser, account_id: str) -> str:
    """They go to the provider's page and sign in there; answers our page that leads to it."""
    await here.send("/me/connect")
    page = f"http://chorus.test{here.path}"
    world.hosted.signs_in(account_id)
    await world.connecting.call_back(page, account_id)
    return page


async def member_of(
    world: World, who: Tenant, account_id: str = "acc-mia", **wanted: object
) -> Browser:
    """Somebody is all the way in: connected, hours chosen, agreed to like and comment."""
    here = await joined(world, await invited(who, **wanted))
    page = await signed_in_at_provider(world, here, account_id)
    await here.open(f"{page}/done")
    await here.send("/me/connect/confirm")
    await here.send("/me/hours", zone="Europe/Berlin")
    await here.send("/me/agree", kinds=["like", "comment"])
    return here


async def connects(world: World, here: Browser, account_id: str) -> None:
    """A new account, from the provider's page to the word that it is theirs."""
    await here.open("/me/connect")
    page = await signed_in_at_provider(world, here, account_id)
    await here.open(f"{page}/done")
    await here.send("/me/connect/confirm")


async def signs_in_again(world: World, here: Browser, account_id: str) -> None:
    """The last of their accounts, signed in again."""
    await here.open("/me/connect")
    await here.send("/me/connect")
    page = f"http://chorus.test{here.path}"
    world.hosted.signs_in(account_id)
    await world.connecting.call_back(page, account_id, "RECONNECTED")
    await here.open(f"{page}/done")
    await here.send("/me/connect/confirm")


async def connects_another(world: World, here: Browser, account_id: str) -> str:
    """One more account, by somebody who has one; answers our page that led to the provider's."""
    token = forms(await here.open("/me"))["/me/pause"].fields["form"]
    page = (await here.http.post("/me/connect", data={"form": token})).headers["location"]
    world.hosted.signs_in(account_id)
    await world.connecting.call_back(page, account_id)
    await here.open(f"{page}/done")
    await here.send("/me/connect/confirm")
    return str(page)
