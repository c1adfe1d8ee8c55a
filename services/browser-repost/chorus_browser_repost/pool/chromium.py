"""Where Chromium is, and how it is started.

The headless shell is preferred to Chromium's own headless mode (`--headless=new`). It is the same
engine without a desktop browser around it. Measured with Chromium 156 on two busy cores, one job
on a page of 400 rows and 20 pictures: 0.67 against 1.87 CPU seconds, 300 against 440 MiB for
driver and browser, 54 against 107 MiB more for each open page.

What is not loaded is mostly decided by flags, which cost nothing for each request. CPU of the same
job, and of our own Python in it: nothing blocked 0.67 s (12 ms); `context.route` for every request
0.76 s (50 ms); `context.route` for some patterns 0.77 s (44 ms), since the driver then stops every
request; `Network.setBlockedURLs` of CDP 0.56 s (18 ms); flags 0.47-0.50 s (11 ms). Media and
trackers on a reachable host have no flag: for those `setBlockedURLs` is added (5 ms).
"""

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import structlog

from chorus.errors import ConfigurationError

_log = structlog.get_logger(__name__)

SHELL_OF_DEBIAN: Final = Path("/usr/lib/chromium/chromium-headless-shell")
"""What `chromium-headless-shell` of Debian starts; the script in between would stay a process."""
SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - asked for its size only
NAMES: Final = (
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
)
_MISSING: Final = (
    "There is no Chromium: install it with `apt-get install chromium-headless-shell` or "
    "`playwright install chromium-headless-shell`, or name one in CHORUS_CHROMIUM."
)
_OF_PLAYWRIGHT: Final = (
    "chromium_headless_shell-*/chrome-linux*/headless_shell",
    "chromium_headless_shell-*/chrome-headless-shell-linux*/chrome-headless-shell",
    "chromium-*/chrome-linux*/chrome",
)

_NEVER: Final = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    # What follows asks somebody on the network something that no job needs.
    "AimEnabled",
    "AutofillServerCommunication",
    "CertificateTransparencyComponentUpdater",
    "DialMediaRouteProvider",
    "InterestFeedContentSuggestions",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "OptimizationGuideModelDownloading",
    "OptimizationHintsFetching",
    "PreconnectToSearch",
    "SafeBrowsing",
    "SegmentationPlatform",
    "Translate",
    "TranslateUI",
)
"""A second `--disable-features` replaces the first, so Playwright's own are named here again."""

_ALWAYS: Final = (
    # One process less, 23 MiB. On Linux the network service has no sandbox that it could lose.
    "NetworkServiceInProcess2",
    # Of a page what is in view is drawn, and next to nothing ahead of it: 4 MiB less a page.
    "SmallerInterestArea:size_in_pixels/1",
    # Playwright's own.
    "CDPScreenshotNewSurface",
    "SkipListAccountsWithoutGaiaCookies",
)

_POINTER: Final = (
    "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4"
)
"""What Playwright says of the pointer; a second `--blink-settings` replaces the first."""

FLAGS: Final = (
    # No traffic of its own. Playwright adds --disable-background-networking, -component-update,
    # -sync, -breakpad, -default-apps, -extensions, --no-first-run, --metrics-recording-only.
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--safebrowsing-disable-auto-update",
    "--no-pings",
    # QUIC sends again by rules of its own; what is sent once is sent over TCP.
    "--disable-quic",
    "--disable-crash-reporter",
    "--disable-field-trial-config",
    f"--disable-features={','.join(_NEVER)}",
    f"--enable-features={','.join(_ALWAYS)}",
    # Pictures and fonts are neither fetched nor decoded; media wait until they are played.
    f"--blink-settings={_POINTER},imagesEnabled=false",
    "--disable-remote-fonts",
    "--autoplay-policy=user-gesture-required",
    "--mute-audio",
    # No GPU, and no imitation of one.
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--disable-3d-apis",
    # The process from which the GPU process would be forked: 9 MiB. That one starts by itself; it
    # sandboxes itself in either case.
    "--no-unsandboxed-zygote",
)
"""Added to Playwright's own. None of them hides that a program is at work: `navigator.webdriver`
stays true."""


def find(setting: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """The executable: the setting, one that Playwright installed, one of the machine's.

    Raises ConfigurationError with one sentence that says what to do.
    """
    if setting is not None:
        if _executable(setting):
            return setting
        raise ConfigurationError(f"CHORUS_CHROMIUM names no executable file: {setting}.")
    for path in _candidates(environment):
        if _executable(path):
            return path
    raise ConfigurationError(_MISSING)


def may_use_sandbox(*, wanted: bool = True) -> bool:
    """Chromium's own sandbox stays on, unless it is not wanted, and except for root, whom it
    refuses.
    """
    if not wanted:
        _log.warning("browser.sandbox_left_off", reason="setting", advice="see docs/deploy.md")
        return False
    if os.geteuid() != 0:
        return True
    _log.warning("browser.sandbox_left_off", reason="root", advice="run as another user")
    return False


def arguments(reachable_hosts: Iterable[str]) -> list[str]:
    """The flags, and the only hosts that a page may reach; every other name does not resolve."""
    excluded = "".join(f", EXCLUDE {host}" for host in reachable_hosts)
    return [*FLAGS, f"--host-resolver-rules=MAP * ~NOTFOUND{excluded}"]


def shared_memory_suffices(folder: Path = SHARED_MEMORY) -> bool:
    """Whether /dev/shm has a gigabyte free; a container's default of 64 MB lets pages crash."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize >= 1024**3


def _candidates(environment: Mapping[str, str]) -> Iterable[Path]:
    home = Path(environment.get("HOME", "/"))
    installed = Path(environment.get("PLAYWRIGHT_BROWSERS_PATH", home / ".cache/ms-playwright"))
    for pattern in _OF_PLAYWRIGHT:
        yield from sorted(installed.glob(pattern), reverse=True)
    search = environment.get("PATH", os.defpath)
    for name in NAMES:
        if found := shutil.which(name, path=search):
            yield _itself(Path(found))


def _itself(found: Path) -> Path:
    is_script = found == Path("/usr/bin/chromium-headless-shell")
    return SHELL_OF_DEBIAN if is_script and _executable(SHELL_OF_DEBIAN) else found


def _executable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
