"""The table of routes."""

import pytest

from chorus_sandbox.routing import RouteTable


@pytest.fixture
def table() -> RouteTable[str]:
    table: RouteTable[str] = RouteTable()
    table.add("GET", "/users/{identifier}", "profile")
    table.add("GET", "/users/me", "own")
    table.add("GET", "/posts/{post_id}/comments", "comments")
    table.add("GET", "/posts/{post_id}/{rest}", "rest")
    return table


def test_fixed_paths_win(table: RouteTable[str]) -> None:
    assert table.find("GET", "/users/me") == ("own", ())
    assert table.find("GET", "/users/ada") == ("profile", ("ada",))


def test_the_first_pattern_that_fits_wins(table: RouteTable[str]) -> None:
    assert table.find("GET", "/posts/urn:li:share:1/comments") == (
        "comments",
        ("urn:li:share:1",),
    )
    assert table.find("GET", "/posts/1/likes") == ("rest", ("1", "likes"))


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/users/me"), ("GET", "/users/"), ("GET", "/users"), ("GET", "/posts/1/a/b")],
)
def test_what_fits_nothing_is_not_found(table: RouteTable[str], method: str, path: str) -> None:
    assert table.find(method, path) is None
