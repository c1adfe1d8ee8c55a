"""Which calls a fault or a hold point is for."""

from dataclasses import asdict, dataclass

from chorus_sandbox.world.calls import Call
from chorus_sandbox.world.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What is None matches everything. `post_id` may be any id of the post."""

    method: str | None = None
    route: str | None = None
    kind: str | None = None
    account_id: str | None = None
    post_id: str | None = None

    def covers(self, call: Call, state: State) -> bool:
        return (
            self.method in {None, call.method}
            and self.route in {None, call.route}
            and self.kind in {None, call.kind}
            and self.account_id in {None, call.account_id}
            and (self.post_id is None or _same_post(self.post_id, call.post_id, state))
        )

    def as_json(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value is not None}


def _same_post(wanted: str, given: str | None, state: State) -> bool:
    if given is None or wanted == given:
        return given is not None
    post = state.posts_by_reference.get(wanted)
    return post is not None and state.posts_by_reference.get(given) is post
