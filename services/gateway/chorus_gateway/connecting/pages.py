"""The pages' words and their HTML: small, for phones first, without a script. Pure."""

from html import escape
from typing import Final

from chorus_gateway.connecting.visits import Shown
from chorus_gateway.domain.account_links import SENTENCES, LinkKind, LinkState

POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_STYLE: Final = (
    "body{font:1.05rem/1.5 system-ui,sans-serif;max-width:34rem;margin:0 auto;padding:1.2rem;"
    "color:#1b1f24;background:#fff}h1{font-size:1.4rem;line-height:1.25}"
    ".go{display:block;width:100%;box-sizing:border-box;margin:1.2rem 0;padding:.9rem;border:0;"
    "border-radius:.5rem;background:#0a5ad1;color:#fff;font:inherit;text-align:center;"
    "text-decoration:none}.back{background:#a3201a}"
)
_SESSION: Final = (
    "To end the sign-in at LinkedIn as well: Settings, Sign in & security, Where you're signed in."
)
_NOT_HERE: Final = (
    "The link is not known, or its time is over. Ask whoever gave it to you for a new one. If an "
    "account of yours was connected by it and you want it back, ask that team."
)
_PASSED_ON: Final = (
    "Did somebody send you here? Then your account was meant to come into their hands, and it did "
    "not."
)
_NOTHING: Final = "Nothing is done with the account."


def gone() -> str:
    """For a link that is unknown or long over."""
    return _page("This page is not here", _text(_NOT_HERE, _SESSION))


def elsewhere() -> str:
    """For whoever comes by the link of somebody's session in another browser than theirs."""
    return _page("Not connected", _text(SENTENCES["other_browser"], _PASSED_ON, _SESSION))


def later() -> str:
    """While a part of ours does not answer."""
    return _page("Not now", _text("A part that this needs does not answer. Try again shortly."))


def page(shown: Shown, *, onward: str, action: str) -> str:
    """What its link has come to. `onward`: the provider's page; `action`: where to take it back."""
    state = shown.link.state
    if state == LinkState.CONNECTED:
        return _connected(shown, action) if shown.connected else _taken_back(shown)
    if state == LinkState.FAILED:
        return _page("Not connected", _text(SENTENCES[shown.link.code or "not_usable"], _NOTHING))
    if state == LinkState.REPORTED:
        return _page("One moment", _text("We ask the provider about your account."), again=True)
    return _page("Too late", _text(SENTENCES["expired"])) if shown.expired else _open(shown, onward)


def _open(shown: Shown, onward: str) -> str:
    team, person = shown.visit.team, shown.visit.person
    again = shown.link.kind == LinkKind.RECONNECT
    title = f"Sign in again for {team}?" if again else f"Connect your account to {team}?"
    said = SENTENCES.get(shown.link.code or "")
    words = [
        *([said] if said else []),
        (
            f"{person} made this link for an account of their own. Whoever signs in on the next "
            f"page lets the team {team} act with that account, as {person} then allows it: react "
            "to posts, comment, repost, publish, write messages, and read. Nothing is done before "
            f"each of these was agreed to by {person}."
        ),
        (
            f"Are you not {person}? Then do not go on. Somebody has passed this link on to you, "
            "and your account would be in their hands."
        ),
        "You can take the account back right after you have signed in, on the page you come to.",
    ]
    link = f'<a class=go id=go rel=noreferrer href="{escape(onward)}">Go on to the sign-in page</a>'
    return _page(title, _text(*words) + link)


def _connected(shown: Shown, action: str) -> str:
    team, person, account = shown.visit.team, shown.visit.person, shown.visit.account_name or ""
    words = (
        f"The account {account} is connected to the team {team}, for {person}.",
        (
            f"What happens next: {person} says in Chorus what may be done with it, kind by kind. "
            "Before that nothing is done."
        ),
        (
            "You did not want this? Take it back here: from then on nothing more is done with the "
            "account, and what is planned is called off."
        ),
    )
    form = (
        f'<form method=post action="{escape(action)}">'
        "<button class='go back'>Take my account back</button></form>"
    )
    keep = "Keep this page: it is good for a week. Later your team disconnects the account for you."
    return _page(f"Connected to {team}", _text(*words) + form + _text(keep))


def _taken_back(shown: Shown) -> str:
    words = f"The account is not in use by the team {shown.visit.team} through this link any more."
    return _page("Not connected any more", _text(words, "What was done stays done.", _SESSION))


def _text(*sentences: str) -> str:
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)


def _page(title: str, body: str, *, again: bool = False) -> str:
    refresh = '<meta http-equiv=refresh content="3">' if again else ""
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport "
        f'content="width=device-width,initial-scale=1">{refresh}<title>{escape(title)}</title>'
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1>{body}</html>"
    )
