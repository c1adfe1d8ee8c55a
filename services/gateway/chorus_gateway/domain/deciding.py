"""What somebody may say of what waits for a person."""

from uuid import UUID

from chorus.vocabulary import ApprovalMode
from chorus_gateway.domain.principals import Principal


def may_say(
    principal: Principal, owner_user_id: UUID, *, suggested: bool, mode: str | None
) -> tuple[str, ...]:
    """Of what waits for a yes, or is suggested: the words by which they may end it."""
    own = principal.user_id == owner_user_id
    speaks = principal.may_speak_for(owner_user_id) and not principal.temporary
    words = []
    if suggested:
        words += ["done_by_hand"] if speaks and own else []
    elif speaks and (own or mode != ApprovalMode.APPROVE_EACH):
        words.append("approve")
    if principal.may_act_for(owner_user_id):
        words += ["reject", "postpone"]
    return tuple(words)
