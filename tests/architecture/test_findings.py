"""`docs/findings.md` names a test for each fault, and each test that it names is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/findings.md").read_text()
ROWS = {
    cells[1].strip(): cells[3] for line in PAGE.splitlines() if len(cells := line.split("|")) == 6
}


def test_every_finding_has_a_test() -> None:
    """F: a promise is what a test holds."""
    ids = [each for each in ROWS if re.fullmatch(r"[A-F]\d*[a-c]?", each)]
    assert len(ids) > 60
    assert [each for each in ids if "::" not in ROWS[each]] == []


def test_every_test_that_it_names_is_there() -> None:
    """F: a name that leads nowhere is worse than none."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / path).exists() or f"def {name}(" not in (ROOT / path).read_text()
    ]
    assert missing == []
