"""The cookies of our pages: who is here, in which browser a form was shown, and who signed in at
this device before.

Neither is in an address, and no script reads them.
"""

from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.responses import Response
from starlette.types import Scope

from chorus_gateway.domain.invitations import SESSION_LIFE
from chorus_gateway.identity.guessing import KNOWN_FOR

_SESSION: Final = "chorus-session"
_BROWSER: Final = "chorus-browser"
_DEVICE: Final = "chorus-device"


class Cookies:
    """Behind TLS they have the prefix that keeps neighbouring names from setting them."""

    def __init__(self, public_url: str | None) -> None:
        self._secure = (public_url or "").startswith("https://")
        # `__Host-` wants the whole host: where the public address has a path it is ours as well.
        self._prefix = "__Host-" if self._secure else ""

    def session(self, scope: Scope) -> str | None:
        """The secret of the session that a request carries."""
        return self._read(scope, _SESSION)

    def browser(self, scope: Scope) -> str | None:
        """What a browser that nobody is known in is known by."""
        return self._read(scope, _BROWSER)

    def device(self, scope: Scope) -> str | None:
        """By what a device is known again: wrong guesses of others do not slow it down."""
        return self._read(scope, _DEVICE)

    def keep_device(self, response: Response, name: str) -> None:
        """For as long as devices are known."""
        self._set(response, _DEVICE, name, int(KNOWN_FOR.total_seconds()))

    def keep_session(self, response: Response, secret: str) -> None:
        """The browser shows this session from now on."""
        self._set(response, _SESSION, secret, int(SESSION_LIFE.total_seconds()))

    def keep_browser(self, response: Response, name: str) -> None:
        """Until the browser is closed."""
        self._set(response, _BROWSER, name, None)

    def forget_session(self, response: Response) -> None:
        """The browser shows none."""
        self._set(response, _SESSION, "", 0)

    def _set(self, response: Response, name: str, value: str, max_age: int | None) -> None:
        # Lax: who comes back from the provider's page is still known.
        response.set_cookie(
            self._prefix + name,
            value,
            max_age=max_age,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def _read(self, scope: Scope, name: str) -> str | None:
        raw = b"; ".join(value for key, value in scope["headers"] if key == b"cookie")
        try:
            found = SimpleCookie(raw[:8192].decode("latin-1")).get(self._prefix + name)
        except CookieError:
            return None
        return found.value[:200] if found and found.value else None
