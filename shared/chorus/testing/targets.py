"""What a command acts on, where a test knows that it is a post."""

from chorus.events import ActivityDue, PostTarget


def post_of(command: ActivityDue) -> PostTarget:
    """The post. AssertionError where it is none."""
    if not isinstance(command.target, PostTarget):
        raise AssertionError(f"{command.target} is no post")  # noqa: TRY004 - a test's
    return command.target
