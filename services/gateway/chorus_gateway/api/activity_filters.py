"""Which activities a request is about."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from chorus.vocabulary import Kind
from chorus_gateway.api.fields import Instant
from chorus_gateway.api.schemas.activities import ShownState
from chorus_gateway.store.activities import Filters


def _filters(  # noqa: PLR0917 - FastAPI passes them by name
    state: Annotated[list[ShownState] | None, Query(max_length=10)] = None,
    kind: Annotated[list[Kind] | None, Query(max_length=8)] = None,
    pod_id: Annotated[UUID | None, Query()] = None,
    post_id: Annotated[UUID | None, Query()] = None,
    member_id: Annotated[UUID | None, Query()] = None,
    account_id: Annotated[UUID | None, Query()] = None,
    since: Annotated[Instant | None, Query(alias="from", description="Scheduled from.")] = None,
    until: Annotated[Instant | None, Query(alias="to", description="Scheduled before.")] = None,
    needs_person: Annotated[
        bool | None, Query(description="true: the manual intervention queue (P7).")
    ] = None,
) -> Filters:
    return Filters(
        states=None if state is None else list(state),
        kinds=None if kind is None else [str(one) for one in kind],
        pod_id=pod_id,
        post_id=post_id,
        member_id=member_id,
        account_id=account_id,
        since=since,
        until=until,
        needs_person=needs_person,
    )


ActivityFilters = Annotated[Filters, Depends(_filters)]
