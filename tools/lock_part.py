#!/usr/bin/env python3
"""The part of requirements.lock that some of our packages need, hashes and all.

`tools/lock_part.py NAME… < requirements.lock`: NAME is a folder with a pyproject.toml of ours, all
of whose dependencies are wanted, or a package of the lock. The lock
says of each package on whose behalf it is there ("# via"), so nothing is worked out anew and no
index is asked: images get the very files that the tests ran on, and nothing that only tests need.
"""

import re
import sys
from collections.abc import Iterable

_NAME = re.compile(r"^([a-z0-9][a-z0-9._-]*)==", re.MULTILINE)
_VIA = re.compile(r"^    #(?: via)? +(\S+)(?: \((\S+)\))?$", re.MULTILINE)


def part(lock: str, names: Iterable[str]) -> str:
    """Every entry that is named or asked for, directly or through another entry."""
    starts = [match.start() for match in _NAME.finditer(lock)]
    blocks = [lock[start:end] for start, end in zip(starts, [*starts[1:], len(lock)], strict=True)]
    wanted = {form for name in names for form in (name, f"{name}/pyproject.toml")}
    named = {block.partition("==")[0]: block for block in blocks}
    askers = {
        name: {manifest or asker for asker, manifest in _VIA.findall(block)}
        for name, block in named.items()
    }
    while more := {name for name, by in askers.items() if by & wanted} - wanted:
        wanted |= more
    return "".join(block for name, block in named.items() if name in wanted)


if __name__ == "__main__":
    found = part(sys.stdin.read(), sys.argv[1:])
    sys.stdout.write(found)
    sys.exit(0 if found else f"nothing in the lock is for {', '.join(sys.argv[1:])}")
