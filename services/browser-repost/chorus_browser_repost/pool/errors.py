"""How a job in a browser ends early. Nothing of a page or of its session is in any of them.

ChorusError
├── DependencyUnavailable
│   ├── BrowserUnavailable  no browser, or no place in one, before the deadline: nothing was begun
│   ├── PoolStopping        the pool takes no more jobs: nothing was begun
│   └── BrowserStartFailed  Chromium or its driver did not start
└── BrowserError            the job was under way; whether it had an effect is for it to know
    ├── BrowserLost         its page, context, browser or driver died
    ├── BrowserDeadline     its time was over
    └── BrowserCallFailed   Playwright refused a call, and the job let that pass

Playwright's own messages hold addresses, headers and pieces of pages. None of their text is kept.
"""

from enum import StrEnum

from chorus.errors import ChorusError, DependencyUnavailable


class Level(StrEnum):
    """What died."""

    PAGE = "page"
    CONTEXT = "context"
    BROWSER = "browser"
    DRIVER = "driver"


class BrowserUnavailable(DependencyUnavailable):
    """No browser had a place for the job before its deadline. Nothing was begun."""


class PoolStopping(DependencyUnavailable):
    """The pool is going down and takes no more jobs. Nothing was begun."""


class BrowserStartFailed(DependencyUnavailable):
    """Chromium or its driver did not start."""


class BrowserError(ChorusError):
    """A job in a browser broke off."""


class BrowserLost(BrowserError):
    """What the job ran in died."""

    def __init__(self, level: Level) -> None:
        super().__init__(f"The {level} that the job ran in is gone.")
        self.level = level


class BrowserDeadline(BrowserError):
    """The job's deadline passed while it was under way."""

    def __init__(self) -> None:
        super().__init__("The job's time was over before it ended.")


class BrowserCallFailed(BrowserError):
    """A call to the browser failed. `kind` is the name of Playwright's class."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"A call to the browser failed ({kind}).")
        self.kind = kind
