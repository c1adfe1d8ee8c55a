"""Where the pages are."""

from typing import Final

JOIN: Final = "/join/"
"""What follows is a token: it stands in no log and in no address that is kept."""
ME: Final = "/me"
SIGN_IN: Final = "/sign-in"
STYLE: Final = "/me/style.css"
SCRIPT: Final = "/me/zone.js"
