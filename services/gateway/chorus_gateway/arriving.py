"""A person whose account was connected in a session of our pages: known now, and in their pod."""

from datetime import datetime
from uuid import UUID

from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus_gateway.domain.account_links import Link, LinkKind
from chorus_gateway.domain.members import Departure
from chorus_gateway.store import accounts, audit, invitations, members, page_sessions, pods
from chorus_gateway.store.accounts import Account
from chorus_gateway.store.members import Member

_KINDS = ["comment", "like", "repost"]


async def arrive(conn: Connection, link: Link, account_id: UUID, now: datetime) -> None:
    """In the transaction that connects the account. A link of no session changes nothing."""
    if link.session_id is None:
        return
    session = await page_sessions.alive(conn, link.session_id, now)
    if session is None:
        return
    owned = await accounts.owned_by(conn, link.user_id)
    # Another account of theirs was there before: who connects a new one has not shown to be them.
    if link.kind == LinkKind.RECONNECT or owned == [account_id]:
        await page_sessions.prove(conn, session.id, now)
    if session.invitation_id is not None:
        await _enter_pod(conn, session.invitation_id, account_id)


async def _enter_pod(conn: Connection, invitation_id: UUID, account_id: UUID) -> None:
    """The pod that the invitation names, where it still is: its person came for it."""
    invitation = await invitations.find(conn, invitation_id)
    account = await accounts.find(conn, account_id)
    if invitation is None or invitation.pod_id is None or account is None:
        return
    if await pods.lock(conn, invitation.pod_id) is None:
        return
    member = _member(account, invitation.pod_id)
    if not await members.add(conn, member):
        return
    if (await members.departure(conn, member.pod_id, account_id)) != Departure():
        await members.depart(conn, member, Departure())
    await audit.add(
        conn,
        client_id=account.client_id,
        actor=f"user:{account.owner_user_id}",
        actor_id=account.owner_user_id,
        action="member.added",
        subject_id=member.id,
        detail={"pod_id": str(member.pod_id), "invitation_id": str(invitation_id)},
    )


def _member(account: Account, pod_id: UUID) -> Member:
    return Member(
        id=new_id(),
        client_id=account.client_id,
        pod_id=pod_id,
        account_id=account.id,
        owner_user_id=account.owner_user_id,
        provider_account_id=account.provider_account_id,
        account_status=account.status,
        consented_kinds=[],
        name=account.display_name,
        linkedin_url=account.linkedin_url,
        active=True,
        phrases=[],
        cartridge_id=None,
        kinds=_KINDS,
    )
