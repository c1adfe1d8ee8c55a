"""A person whose account was connected in a session of our pages: known now, and in their pod."""

from datetime import datetime
from uuid import UUID

from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus_gateway.domain.account_links import AccountLink, LinkKind
from chorus_gateway.domain.invitations import Invitation, shows_whose
from chorus_gateway.domain.members import Departure
from chorus_gateway.identity import voided_passwords
from chorus_gateway.store import accounts, audit, invitations, members, page_sessions, pods
from chorus_gateway.store.accounts import Account
from chorus_gateway.store.members import Member

_KINDS = ["comment", "like", "repost"]


async def on_connected(
    conn: Connection, link: AccountLink, account_id: UUID, now: datetime
) -> None:
    """In the transaction that connects the account.

    What it shows, it shows of the session in which it was connected, and of no other.
    """
    if link.kind == LinkKind.CREATE:
        await _end_elsewhere(conn, link, now)
    session = await page_sessions.alive(conn, link.session_id, now) if link.session_id else None
    if session is None or session.proven_at is not None:
        return
    came_by = await invitations.find(conn, session.invitation_id) if session.invitation_id else None
    alone = await accounts.owned_by(conn, link.user_id) == [account_id]
    again = link.kind == LinkKind.RECONNECT
    if not shows_whose(came_by.purpose if came_by else None, again=again, alone=alone):
        return
    await page_sessions.prove(conn, session.id, now)
    if came_by is not None and not again:
        await _enter_pod(conn, came_by, account_id)


async def _end_elsewhere(conn: Connection, link: AccountLink, now: datetime) -> None:
    """Links back and their sessions are of before this account, and know nothing of it."""
    # The links first: one that is being exchanged meanwhile has its session by then.
    for invitation_id in await invitations.revoke_returns(conn, link.user_id, now):
        await audit.add(
            conn,
            client_id=link.client_id,
            actor=f"user:{link.user_id}",
            actor_id=link.user_id,
            action="invitation.revoked",
            subject_id=invitation_id,
            detail={"link_id": str(link.id)},
        )
    await page_sessions.end_of_links(conn, user_id=link.user_id, but=link.session_id, now=now)
    if link.session_id is not None:
        await voided_passwords.end_if_chosen_in_another_session(
            conn, link.user_id, client_id=link.client_id, session_id=link.session_id, now=now
        )


async def _enter_pod(conn: Connection, invitation: Invitation, account_id: UUID) -> None:
    """The pod that the invitation names, where it still is: its person came for it.

    Once, by their first account. Who has left the pod by themselves stays out of it.
    """
    account = await accounts.find(conn, account_id)
    if invitation.pod_id is None or account is None:
        return
    if await pods.lock(conn, invitation.pod_id) is None:
        return
    if await members.departure(conn, invitation.pod_id, account_id) != Departure():
        return
    member = _member(account, invitation.pod_id)
    if not await members.add(conn, member):
        return
    await audit.add(
        conn,
        client_id=account.client_id,
        actor=f"user:{account.owner_user_id}",
        actor_id=account.owner_user_id,
        action="member.added",
        subject_id=member.id,
        detail={"pod_id": str(member.pod_id), "invitation_id": str(invitation.id)},
    )


def _member(account: Account, pod_id: UUID) -> Member:
    return Member(
        id=new_id(),
        client_id=account.client_id,
        pod_id=pod_id,
        account_id=account.id,
        owner_user_id=account.owner_user_id,
        provider_account_id=account.provider_account_id,
        account_status=account.standing,
        consented_kinds=[],
        name=account.display_name,
        linkedin_url=account.linkedin_url,
        active=True,
        phrases=[],
        cartridge_id=None,
        kinds=_KINDS,
    )
