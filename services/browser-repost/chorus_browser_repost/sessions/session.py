"""Session material: in memory, for one job, in no text that anybody writes.

A Session shows nothing of itself, and cannot be copied, pickled or turned into JSON. Only
`cookies_for` and `user_agent` give its content away, to the browser's context.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, Never, TypedDict
from urllib.parse import urlsplit

from chorus.errors import ChallengeError, PermanentProviderError
from chorus.vocabulary import ErrorType

SIGN_IN_COOKIE: Final = "li_at"
_LANGUAGE_COOKIE: Final = "lang"
_ENGLISH: Final = "v=2&lang=en-us"

SameSite = Literal["Lax", "None", "Strict"]


class CookieParam(TypedDict, total=False):
    """What `BrowserContext.add_cookies` takes; Playwright does not publish its own name for it."""

    name: str
    value: str
    url: str | None
    domain: str | None
    path: str | None
    expires: float | None
    httpOnly: bool | None
    secure: bool | None
    sameSite: SameSite | None
    partitionKey: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """`expires` is Unix seconds; None: it ends with the browser's context."""

    name: str
    value: str = field(repr=False)
    domain: str
    path: str = "/"
    secure: bool = True
    http_only: bool = False
    expires: float | None = None
    same_site: SameSite | None = None

    def reaches(self, host: str) -> bool:
        """Whether a browser would send it to this host (RFC 6265, 5.1.3)."""
        domain = self.domain.lower().lstrip(".")
        return bool(domain) and (host == domain or host.endswith(f".{domain}"))


class Session:
    """Cookies and the user agent that they belong to. Raises ChallengeError without a sign-in."""

    __slots__ = ("_cookies", "_user_agent")

    def __init__(self, *, cookies: Sequence[Cookie], user_agent: str, now: datetime) -> None:
        alive = tuple(
            cookie
            for cookie in cookies
            if cookie.expires is None or cookie.expires > now.timestamp()
        )
        if not any(cookie.name == SIGN_IN_COOKIE and cookie.value for cookie in alive):
            raise no_session("The session has no valid sign-in cookie.")
        self._cookies: tuple[Cookie, ...] | None = alive
        self._user_agent = user_agent

    @property
    def user_agent(self) -> str:
        """The one that the session was made with. Raises RuntimeError once forgotten."""
        self._alive()
        return self._user_agent

    def cookies_for(self, base_url: str) -> list[CookieParam]:
        """The cookies whose domain covers the site's host, for `BrowserContext.add_cookies`.

        The sign-in cookie is secure and httpOnly whatever the source said, and the site is asked
        for English. Raises PermanentProviderError when the sign-in is for another site.
        """
        host = (urlsplit(base_url).hostname or "").lower()
        cookies = [cookie for cookie in self._alive() if cookie.reaches(host)]
        sign_in = [cookie for cookie in cookies if cookie.name == SIGN_IN_COOKIE]
        if not sign_in:
            raise PermanentProviderError(
                "The session is for another site than the one that CHORUS_LINKEDIN_URL names.",
                error_type=ErrorType.API_ERROR,
                code="session_of_another_site",
            )
        wanted = [_as_param(cookie) for cookie in cookies if cookie.name != _LANGUAGE_COOKIE]
        return [*wanted, _english(sign_in[0].domain)]

    def forget(self) -> None:
        """Let go of everything. The memory itself is freed, not overwritten: Python cannot."""
        self._cookies = None
        self._user_agent = ""

    @property
    def forgotten(self) -> bool:
        return self._cookies is None

    def _alive(self) -> tuple[Cookie, ...]:
        if self._cookies is None:
            raise RuntimeError("This session has been forgotten.")
        return self._cookies

    def __repr__(self) -> str:
        return "Session(…)"

    __str__ = __repr__

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError("A session is never written down.")

    def __copy__(self) -> Never:
        raise TypeError("A session is never copied.")

    def __deepcopy__(self, memo: object) -> Never:
        raise TypeError("A session is never copied.")


def no_session(message: str) -> ChallengeError:
    """There is nothing to act with until the account's owner connects it again."""
    return ChallengeError(message, error_type=ErrorType.AUTH_ERROR, code="no_session")


def _as_param(cookie: Cookie) -> CookieParam:
    sign_in = cookie.name == SIGN_IN_COOKIE
    param: CookieParam = {
        "name": cookie.name,
        "value": cookie.value,
        "domain": cookie.domain,
        "path": cookie.path,
        "secure": cookie.secure or sign_in,
        "httpOnly": cookie.http_only or sign_in,
        "expires": -1 if cookie.expires is None else cookie.expires,
    }
    if cookie.same_site is not None:
        param["sameSite"] = cookie.same_site
    return param


def _english(domain: str) -> CookieParam:
    return {
        "name": _LANGUAGE_COOKIE,
        "value": _ENGLISH,
        "domain": domain,
        "path": "/",
        "secure": True,
        "httpOnly": False,
        "expires": -1,
    }
