"""A file's name says what is in it."""

from tests.architecture.sources import ROOT, named, python_files

_SAY_NOTHING = {
    "base",
    "common",
    "helper",
    "helpers",
    "manager",
    "managers",
    "misc",
    "util",
    "utilities",
    "utils",
}


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    """INVARIANT: no module is called utils, common, helpers, misc, base or manager."""
    vague = [
        named(path)
        for path in python_files()
        if any(
            word in _SAY_NOTHING
            for part in path.relative_to(ROOT).with_suffix("").parts
            for word in part.lower().split("_")
        )
    ]
    assert vague == []


def test_every_file_of_tests_is_collected() -> None:
    """A file with tests in it is named test_*.py."""
    missed = [
        named(path)
        for path in python_files()
        if not path.name.startswith("test_")
        and any(
            line.startswith(("def test_", "async def test_"))
            for line in path.read_text().splitlines()
        )
    ]
    assert missed == []
