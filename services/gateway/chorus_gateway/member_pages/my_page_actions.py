"""What is done on My page: stop, go on, a yes, a no."""

from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from chorus.documents.activity_commands import Approve, Cancel, DoneByHand, Reject
from chorus_gateway.actions import activities as actions
from chorus_gateway.actions import onboarding, pauses
from chorus_gateway.api.fields import Comment
from chorus_gateway.member_pages import my_page
from chorus_gateway.member_pages.paths import ME
from chorus_gateway.member_pages.visit import Visit
from chorus_gateway.problems import Problem
from chorus_gateway.scheduler.port import SchedulerRefusal
from chorus_gateway.store import activities

_TEXT: Final[TypeAdapter[str]] = TypeAdapter(Comment)
_PAUSED: Final = "pause_conflict"
_WHY: Final = "The account's owner stopped it on My page."


async def pause(visit: Visit) -> Response:
    """All accounts of mine stop. Asked again, or at once by two tabs, it is the same stop."""
    way = await onboarding.way(visit.caller, visit.known.session)
    for account in way.accounts:
        try:
            await pauses.pause(visit.caller, scope="account", scope_id=account.id, reason=_WHY)
        except SchedulerRefusal as refusal:
            if refusal.code != _PAUSED:
                raise
    return visit.go(f"{ME}?said=paused")


async def resume(visit: Visit) -> Response:
    """My own stops end; what others stopped stays, and the page says whose it is."""
    caller = visit.caller
    way = await onboarding.way(caller, visit.known.session)
    async with caller.reading() as conn:
        held = await activities.all_pauses_of(conn, [one.id for one in way.accounts])
    for found in held:
        if found.paused_by == caller.principal.actor:
            await pauses.resume(caller, found.id)
    return visit.go(f"{ME}?said=resumed")


async def steer(visit: Visit, activity_id: UUID, word: str) -> Response:
    """A word on one activity of mine."""
    await _require_mine(visit, activity_id)
    who: dict[str, Any] = {
        "client_id": visit.known.session.client_id,
        "activity_id": activity_id,
        "actor": visit.caller.principal.actor,
    }
    if word == "reject":
        await actions.steer(visit.caller, "activity.rejected", Reject(**who))
        return visit.go(f"{ME}?said=rejected#yes")
    if word == "cancel":
        await actions.steer(visit.caller, "activity.cancelled", Cancel(**who))
        return visit.go(f"{ME}?said=cancelled#planned")
    if word == "done":
        why = "Its person said so on My page."
        done = DoneByHand(**who, reason=why)
        await actions.steer(visit.caller, "activity.done_by_hand", done)
        return visit.go(f"{ME}?said=done#suggested")
    return await _approve(visit, activity_id, who)


async def _approve(visit: Visit, activity_id: UUID, who: dict[str, Any]) -> Response:
    """A yes to the words that were read, or to those that were typed in their place."""
    text, drafted = visit.said("text"), visit.said("drafted")
    changed: str | None = None
    if text != drafted:
        try:
            changed = _TEXT.validate_python(text)
        except ValidationError as error:
            words = error.errors()[0]["msg"].removeprefix("Value error, ")
            return await my_page.show_fault(visit, activity_id, text, f"{words}.")
    read = visit.said("text_sha256") or None
    command = Approve.model_validate(who | {"text": changed, "text_sha256": read})
    await actions.steer(visit.caller, "activity.approved", command)
    return visit.go(f"{ME}?said=approved#yes")


async def _require_mine(visit: Visit, activity_id: UUID) -> None:
    """My page is for my own accounts, also where somebody could do more elsewhere."""
    way = await onboarding.way(visit.caller, visit.known.session)
    async with visit.caller.reading() as conn:
        found = await activities.find(conn, activity_id)
    if found is None or found.account_id not in {one.id for one in way.accounts}:
        raise Problem("activity_not_found")
