"""Which of somebody's accounts a page is about: its address says so, and each form of it."""

from uuid import UUID

from starlette.responses import Response

from chorus_gateway.actions import onboarding
from chorus_gateway.member_pages.markup import Markup, el
from chorus_gateway.member_pages.paths import ME
from chorus_gateway.member_pages.visit import Visit
from chorus_gateway.problems import Problem
from chorus_gateway.store.accounts import Account


def address(path: str, account: Account) -> str:
    """A page about this account."""
    return f"{path}?account={account.id}"


def named(account: Account) -> Markup:
    """What a form about this account carries."""
    return el("input", type="hidden", name="account", value=str(account.id))


async def shown(visit: Visit) -> Account | Response:
    """The account that the address names; where it names none, the only one, or where to go on."""
    given = visit.query.get("account")
    if given is not None:
        return await onboarding.account_of(visit.caller, _uuid(given))
    way = await onboarding.way(visit.caller, visit.known.session)
    if len(way.accounts) == 1:
        return way.accounts[0]
    return visit.go(ME if way.accounts else "/me/connect")


async def said(visit: Visit) -> Account:
    """The account that a form names: theirs still."""
    return await onboarding.account_of(visit.caller, _uuid(visit.said("account")))


def _uuid(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise Problem("account_not_found") from None
