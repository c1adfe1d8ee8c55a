"""What the network does wrong by chance: about one repost in three meets one of these.

Rates are of requests. Nothing here lasts: tried again, or loaded again, it may go well.
"""

from tests.chaos.plan import NetworkFault

_PAGE = {"route": "post_page"}
_BAR = {"route": "action_bar"}
_WRITE = {"route": "repost"}
_LIST = {"route": "activity_page"}
_SESSION = {"route": "session"}


def transient_faults() -> tuple[NetworkFault, ...]:
    """By route: pages, their scripts' calls, the one write, the list that verification reads."""
    return (
        _status(_PAGE, 0.015, "service_unavailable"),
        _status(_PAGE, 0.015, "throttled", retry_after=1),
        _fault("reset_before", _PAGE, 0.01),
        _fault("html_502", _PAGE, 0.01),
        _fault("blank", _PAGE, 0.01),
        _fault("delay", _PAGE, 0.02, ms=1500),
        _status(_BAR, 0.01, "service_unavailable"),
        _fault("reset_before", _BAR, 0.01),
        _status(_WRITE, 0.015, "service_unavailable"),
        _status(_WRITE, 0.01, "throttled", retry_after=1),
        _fault("reset_before", _WRITE, 0.015),
        _fault("reset_after", _WRITE, 0.02),
        _fault("html_502", _WRITE, 0.01),
        _fault("html_502", _WRITE, 0.01, when="after"),
        _fault("timeout_after", _WRITE, 0.01),
        _fault("toast_missing", _WRITE, 0.015),
        _fault("toast_lies", _WRITE, 0.015),
        _fault("delay", _WRITE, 0.02, ms=800, when="after"),
        _fault("html_502", _LIST, 0.02),
        _status(_SESSION, 0.01, "service_unavailable"),
    )


def _status(match: dict[str, str], probability: float, kind: str, **more: object) -> NetworkFault:
    return _fault("status", match, probability, type=kind, **more)


def _fault(kind: str, match: dict[str, str], probability: float, **more: object) -> NetworkFault:
    return NetworkFault(kind=kind, match=match, probability=probability, more=more)
