"""A member writes on the network, nobody calls, and the pod acts (A7)."""

from typing import Any

import psycopg

from tests.e2e.team import Team, policy


def test_a_members_new_post_is_amplified_without_anybody_calling(team: Team) -> None:
    """A7: from the network to the pod's likes; what was there before nobody amplifies."""
    team.sandbox.add_post(team.accounts[team.author], "From before anybody asked.")
    team.people[0].consent(team.author, ["detect_posts"])
    team.change_policy(policy(detect_posts=True, on_publish=("like",)))
    team.until(lambda: bool(watches(team)), within_s=30, what="the author is looked after")

    seeded = team.sandbox.add_post(team.accounts[team.author], "Written by hand, just now.")
    the_time_comes(team)
    team.until(lambda: bool(liked(team)), within_s=30, what="the post is found and liked")
    team.until(
        lambda: sorted(liked(team)) == sorted(team.accounts[each] for each in team.others),
        within_s=30,
        what="all others have liked it",
    )
    (post,) = team.gateway.get("/posts")["items"]
    assert (post["social_id"], post["amplify"]) == (seeded["social_id"], True)
    assert post["author_account_id"] == str(team.author)

    (watch,) = watches(team)
    assert (watch["looks"], watch["found"], watch["last_error"]) == (1, 1, None)
    the_time_comes(team)
    team.until(lambda: watches(team)[0]["looks"] == 2, within_s=30, what="it looks once more")
    assert watches(team)[0]["found"] == 1
    assert len(team.gateway.get("/posts")["items"]) == 1
    assert len(liked(team)) == len(team.others)


def watches(team: Team) -> list[dict[str, Any]]:
    found = team.gateway.get("/watches", live=True)["items"]
    return [each for each in found if each["kind"] == "posts_of_account"]


def liked(team: Team) -> list[str]:
    return [effect.account_id for effect in team.effects() if effect.kind == "like"]


def the_time_comes(team: Team) -> None:
    """The watch is due now, and not some minutes from now."""
    with psycopg.connect(team.stack.owner_dsn, autocommit=True) as connection:
        connection.execute(
            "update scheduler.watches set next_at = now() where account_id = %s", (team.author,)
        )
