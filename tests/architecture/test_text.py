"""What is in the files holds on every machine."""

import re

from tests.architecture.sources import named, our_files

# In pieces, so that this file does not find itself.
_HOMES = ("wo" + "rk", "ro" + "ot", "ho" + r"me/\w+", "Use" + r"rs/\w+")
_HOME_FOLDERS = re.compile(rf"(?<![\w.$}}~-])/(?:{'|'.join(_HOMES)})/")
_REGISTRIES = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "maven" + ".org",
    "maven.apache" + ".org",
    "npmjs" + ".org",
    "npmjs" + ".com",
    "golang" + ".org",
    "crates" + ".io",
    "debian" + ".org",
)
_UNFINISHED = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")


def test_no_path_of_one_machine() -> None:
    """INVARIANT: no file names a folder that only its author's machine has."""
    assert _lines_with(_HOME_FOLDERS) == []


def test_no_package_registry_is_named() -> None:
    """INVARIANT: where packages come from is for the user's configuration to say."""
    assert _lines_with(re.compile("|".join(re.escape(host) for host in _REGISTRIES))) == []


def test_nothing_is_left_undone() -> None:
    """INVARIANT: no file has a note to finish it later."""
    assert _lines_with(_UNFINISHED) == []


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in our_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # not text
        for number, line in enumerate(text.splitlines(), start=1):
            if match := pattern.search(line):
                found.append(f"{named(path)}:{number}: {match[0]}")
    return found
