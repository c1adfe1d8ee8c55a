"""The search for secrets finds them in each of their forms."""

import base64
import html
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.e2e.leaks import search, traces_of

SECRET = "b=VGST:s=V:q9-Zk_T4bW8xYr2LmN6pQs0vUdHeJcAf"  # made up
FORMS = {
    "plain": SECRET.encode(),
    "in an address": quote(SECRET, safe="").encode(),
    "in JSON": json.dumps({"cookie": f'"{SECRET}"'}).encode(),
    "in HTML": html.escape(SECRET).encode(),
    "in base64": base64.b64encode(SECRET.encode()),
    "in base64, further on": base64.b64encode(f"a{SECRET}".encode()),
    "in base64, further on still": base64.urlsafe_b64encode(f"ab{SECRET}".encode()),
    "in hex": SECRET.encode().hex().encode(),
    "in upper hex": SECRET.encode().hex().upper().encode(),
    "in UTF-16": SECRET.encode("utf-16-le"),
    "cut off": SECRET[:30].encode(),
    "its end": SECRET[-20:].encode(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_secret_is_found_in_each_form(form: bytes, tmp_path: Path) -> None:
    """P6: between other bytes, in a folder within the place that is searched."""
    (tmp_path / "deep").mkdir()
    file = tmp_path / "deep" / "file"
    file.write_bytes(b"\x00\xff before " + form + b" after\n")
    assert set(search(traces_of(SECRET), [tmp_path])) == {file}


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    """Neither another secret of the same kind, nor a file that is not there."""
    (tmp_path / "file").write_text(SECRET[::-1])
    assert search(traces_of(SECRET), [tmp_path, tmp_path / "gone"]) == {}


def test_a_secret_too_short_to_be_told_is_refused() -> None:
    """A search that cannot find must not look as if it had."""
    with pytest.raises(ValueError, match="long part"):
        traces_of("short")
