"""Given and received in a pod."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from chorus_gateway.api.fields import View


class ActsView(View):
    """Acts that were done."""

    likes: int
    comments: int
    reposts: int
    total: int


class FairnessLineView(View):
    """One member of the pod."""

    member_id: UUID
    account_id: UUID
    name: str
    active: bool
    given: ActsView = Field(description="By this member's account, to posts of others.")
    received: ActsView = Field(description="By the pod's other accounts, on this member's posts.")
    own_posts: int = Field(description="Posts of theirs that received any.")
    balance: int = Field(description="Given less received: above 0 they give more.")


class FairnessView(View):
    """Of a period: `since` belongs to it, `until` does not."""

    pod_id: UUID
    since: datetime
    until: datetime
    members: list[FairnessLineView]
