"""Every selector of LinkedIn's pages, for both front ends: artdeco classes, or roles and test ids.

What a person reads is in `wording.py`. Controls are chosen by role and exact accessible name; what
is here only narrows down where to look. The scripts get this table as `arg.select`.
"""

from types import MappingProxyType
from typing import Final

POST: Final = 'main [data-urn="{urn}"]'
MENUS: Final = "[role=menu], .artdeco-dropdown__content--is-open"

SCRIPTS: Final = MappingProxyType(
    {
        "controls": "button, [role=button], [role=menuitem], [role=link], a[href='#']",
        "posts": "main [data-urn]",
        "any_post": "[data-urn]",
        "main": "main",
        "headers": ".update-components-header, [data-testid=update-header]",
        "bodies": ".update-components-text, [data-testid=expandable-text-box]",
        "actors": ".update-components-actor__title [aria-hidden], a[href*='/in/'] p",
        "permalinks": "a[href*='/feed/update/urn:li:'], a[href*='/posts/']",
        "members": "header img[alt]",
        "menus": MENUS,
        "dialogs": "[role=dialog]",
        "editors": "[contenteditable=true][role=textbox]",
        "challenge": '[action*="/checkpoint/challenge"], [href*="/checkpoint/challenge"],'
        ' [src*="/checkpoint/challenge"]',
        "sign_in": "input[type=password], form[action*='/checkpoint/lg/'],"
        " form[action*='/uas/login']",
        "headings": "h1, h2",
        "unfinished": "main [aria-busy=true], [role=dialog] [aria-busy=true],"
        " main [class*=skeleton], [role=dialog] [class*=skeleton], .artdeco-loader",
    }
)

PRIVATE: Final = "input, textarea, select, [contenteditable=true], .global-nav__me, header img"
"""What a picture must not show."""
NAMES: Final = SCRIPTS["members"]
"""Images whose alternative text is the member's own name."""
