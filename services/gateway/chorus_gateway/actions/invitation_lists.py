"""Many are invited to a pod at once, by a list: all of it or nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus_gateway.caller import Caller
from chorus_gateway.domain.invitation_lists import Invitee, Placed, RowOutcome, outcome_of
from chorus_gateway.domain.invitations import MAX_OPEN, Invitation, Purpose, state_of
from chorus_gateway.identity import secrets
from chorus_gateway.problems import Problem
from chorus_gateway.store import clients, invitations, pods, users

_SLICE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationList:
    """Who is to be invited, to which pod, for how long. A `dry_run` changes nothing."""

    pod_id: UUID
    invitees: Sequence[Invitee]
    days: int
    dry_run: bool


async def invite_all(conn: Connection, caller: Caller, wanted: InvitationList) -> list[Placed]:
    """An invitation for each who has none yet, in the order of the list.

    Who is in the team, or is invited already, is left as they are: the same list once more changes
    nothing. It makes no account, no member and no consent: those are its person's.
    """
    now = caller.gateway.clock.now()
    # Two lists at once, or one sent twice, must not both invite somebody.
    await clients.lock(conn, caller.principal.client_id)
    if await pods.find(conn, wanted.pod_id) is None:
        raise Problem("pod_not_found")
    placed = await _placed(conn, wanted, now)
    fresh = [one for one in placed if one.outcome is RowOutcome.INVITED]
    waiting = await invitations.count_open(conn, now)
    if waiting + len(fresh) > MAX_OPEN:
        raise Problem(
            "too_many_invitations",
            f"{waiting} wait already, and {len(fresh)} are new in the list; a team may have"
            f" {MAX_OPEN}. Revoke some, or wait until they expire.",
        )
    if wanted.dry_run:
        return placed
    for start in range(0, len(fresh), _SLICE):
        some = fresh[start : start + _SLICE]
        made = [(_invitation(caller, wanted, one, now), one.secret or "") for one in some]
        await invitations.add_many(
            conn, [(invitation, secrets.digest(secret)) for invitation, secret in made]
        )
    detail = {"invited": len(fresh), "rows": len(placed)}
    await caller.note(conn, "invitations.imported", wanted.pod_id, **detail)
    return placed


async def _placed(conn: Connection, wanted: InvitationList, now: datetime) -> list[Placed]:
    """What becomes of each row, with the id and the secret of each new invitation."""
    addresses = [one.email for one in wanted.invitees]
    in_team = await users.emails_among(conn, addresses)
    last = {one.email: one for one in await invitations.last_for(conn, addresses)}
    placed: list[Placed] = []
    for start in range(0, len(wanted.invitees), _SLICE):
        for invitee in wanted.invitees[start : start + _SLICE]:
            there = last.get(invitee.email)
            outcome = outcome_of(
                state_of(there, now) if there else None, in_team=invitee.email in in_team
            )
            placed.append(_row(wanted, invitee, outcome, there))
        await asyncio.sleep(0)
    return placed


def _row(
    wanted: InvitationList, invitee: Invitee, outcome: RowOutcome, there: Invitation | None
) -> Placed:
    if outcome is RowOutcome.INVITED:
        made = not wanted.dry_run
        return Placed(
            invitee=invitee,
            outcome=outcome,
            invitation_id=new_id() if made else None,
            pod_id=wanted.pod_id,
            secret=secrets.new_link_secret() if made else None,
        )
    return Placed(
        invitee=invitee,
        outcome=outcome,
        invitation_id=there.id if there else None,
        pod_id=there.pod_id if there else None,
    )


def _invitation(
    caller: Caller, wanted: InvitationList, placed: Placed, now: datetime
) -> Invitation:
    return Invitation(
        id=placed.invitation_id or new_id(),
        client_id=caller.principal.client_id,
        purpose=Purpose.JOIN,
        invited_by=caller.principal.user_id,
        email=placed.invitee.email,
        name=placed.invitee.name,
        pod_id=wanted.pod_id,
        created_at=now,
        expires_at=now + timedelta(days=wanted.days),
        revoked_at=None,
        used_at=None,
        user_id=None,
    )
