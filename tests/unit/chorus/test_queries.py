"""Named SQL."""

import pytest

from chorus.outbox.store import QUERIES
from chorus.postgres.queries import Queries, filled, parse


def test_blocks_are_found_by_name() -> None:
    """By key and by attribute; comments within a block stay in it."""
    text = "-- A file.\n\n-- name: one\nselect 1\n\n-- name: two\n-- Why.\nselect %(a)s\n"
    queries = Queries(parse(text, "f"))
    assert dict(queries) == {"one": "select 1", "two": "-- Why.\nselect %(a)s"}
    assert queries.one == queries["one"]
    assert len(queries) == 2
    with pytest.raises(AttributeError, match="three"):
        _ = queries.three


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("-- name: a\nselect 1\n-- name: a\nselect 2", "f:3: the name 'a' is used twice"),
        ("-- name: a\n-- name: b\nselect 1", "the query 'a' is empty"),
        ("-- name: a\n-- only words", "the query 'a' is empty"),
        ("select 1", "f:1: SQL before"),
    ],
)
def test_what_is_unclear_is_refused(text: str, fault: str) -> None:
    """A query that silently replaces another would be found in production."""
    with pytest.raises(ValueError, match=fault):
        parse(text, "f")


def test_what_queries_share_stands_once() -> None:
    """A part is named in braces; what Postgres writes in braces is not touched."""
    parts = parse("-- name: waits\n-- Of `a`.\na.state = 'scheduled'\nand a.due", "p")
    queries = parse("-- name: q\nselect '{}', '{1,2}' from t a where {waits}", "f")
    assert filled(queries, parts, "f") == {
        "q": "select '{}', '{1,2}' from t a where a.state = 'scheduled'\nand a.due"
    }
    with pytest.raises(ValueError, match="f: there is no part 'waits'"):
        filled(queries, {}, "f")


def test_a_package_brings_its_own() -> None:
    """Loaded from the installed package, not from the working directory."""
    assert {"append", "oldest", "remove"} <= set(QUERIES)
