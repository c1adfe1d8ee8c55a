"""What a person says about one activity: their word goes to the scheduler, and is written down."""

from uuid import UUID

from chorus import linkedin
from chorus.documents.activity_commands import (
    ActivityCommand,
    Approve,
    Decide,
    DoneByHand,
    Moved,
    Reword,
)
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind, State
from chorus_gateway.caller import Caller
from chorus_gateway.post_merging import is_sought, point_out, refused_address
from chorus_gateway.problems import Problem
from chorus_gateway.store import accounts, activities
from chorus_gateway.store.activities import Activity

_SPEAKING = (Approve, Reword, Decide, DoneByHand)
"""A yes, words, or what was done, in the name of the account's owner."""
_WITHOUT_ADDRESS = (State.UNKNOWN, State.EXECUTED)
"""In these a publication may be out, and where it is may be known nowhere."""


async def steer(caller: Caller, action: str, command: ActivityCommand) -> Moved:
    """Its account's owner may, and whoever manages the tenant; `action` names it in the audit."""
    async with caller.transaction() as conn:
        found = await require_own(
            conn, caller, command.activity_id, speaks=isinstance(command, _SPEAKING)
        )
        command = await _as_owner(conn, caller, found, command)
    moved = await caller.gateway.scheduler.command(command)
    async with caller.afterwards() as conn:
        await caller.note(conn, action, command.activity_id, state=str(moved.state))
    return moved


async def _as_owner(
    conn: Connection, caller: Caller, activity: Activity, command: ActivityCommand
) -> ActivityCommand:
    """What matters whether it is the account's owner who says it.

    A yes of theirs counts where they want to be asked. What was left to them, they alone say that
    they did: anybody else could not know.
    """
    account = await accounts.find(conn, activity.account_id)
    own = account is not None and account.owner_user_id == caller.principal.user_id
    if isinstance(command, Approve):
        return command.model_copy(update={"by_owner": own})
    if isinstance(command, DoneByHand) and activity.suggested and not own:
        raise Problem("not_allowed", "Only the account's owner says that they did it by hand.")
    return command


async def decide(caller: Caller, command: Decide, url: str | None) -> Moved:
    """It is there, or it is not. Of a post that we published `url` says where (Q1).

    The post is moved where the scheduler has agreed, and else it is not. That it happened stands
    also where nothing of the account's is found at the address: another may be given in the same
    way. Problem `address_refused` says what was wrong.
    """
    async with caller.transaction() as conn:
        activity = await require_own(conn, caller, command.activity_id, speaks=True)
        pointed = command.happened and await _point_out(conn, caller, activity, url)
        if pointed and activity.state == State.EXECUTED:
            moved = Moved.model_validate(activity, from_attributes=True)
        else:
            moved = await caller.gateway.scheduler.command(command)
        await caller.note(conn, "activity.decided", activity.id, state=str(moved.state))
    if pointed:
        await _require_found(caller, activity.post_id)
    return moved


async def require_own(
    conn: Connection, caller: Caller, activity_id: UUID, *, speaks: bool = False
) -> Activity:
    """The activity. 404 where the tenant has none, 403 where it is somebody else's account's.

    `speaks`: it is a yes to what goes out in the owner's name.
    """
    activity = await activities.find(conn, activity_id)
    if activity is None:
        raise Problem("activity_not_found")
    account = await accounts.find(conn, activity.account_id)
    who = caller.principal
    may = who.may_speak_for if speaks else who.may_act_for
    if account is None or not may(account.owner_user_id):
        raise Problem("not_allowed", "This is for the account's owner or an admin.")
    if speaks and who.temporary:
        raise Problem("password_is_temporary")
    return activity


async def _point_out(conn: Connection, caller: Caller, activity: Activity, url: str | None) -> bool:
    """Of a post that we published and do not know of: where it is, so that it goes on. Whether
    there was such a post.
    """
    if activity.kind != Kind.PUBLISH or activity.state not in _WITHOUT_ADDRESS:
        return False
    if activity.state == State.EXECUTED and not await is_sought(conn, activity.post_id):
        return False
    if url is None:
        raise Problem("url_needed")
    try:
        address = linkedin.parse_post(url)
    except linkedin.NotALinkedInAddress as error:
        raise Problem("not_a_post_address", str(error)) from error
    await point_out(conn, activity.post_id, address, caller.gateway.clock.now())
    return True


async def _require_found(caller: Caller, post_id: UUID) -> None:
    """What the look-up says at once of the address; it goes on where it says nothing yet."""
    settled = await caller.gateway.post_identity.at_once(caller.principal.client_id, post_id)
    if settled is not None and settled.code is not None:
        raise refused_address(settled.post.failure_reason, post_id)
