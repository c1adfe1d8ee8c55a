"""The settings of the pool; each from the environment variable CHORUS_BROWSER_<NAME>."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from chorus_browser_repost.domain.recycling import Bounds

_MIB = 1024 * 1024


class BrowserPoolSettings(BaseSettings):
    """How many browsers, how much in each, and for how long."""

    model_config = SettingsConfigDict(
        env_prefix="CHORUS_BROWSER_", extra="ignore", populate_by_name=True, frozen=True
    )

    chromium: Path | None = Field(default=None, validation_alias="CHORUS_CHROMIUM")
    """The executable. None: one that Playwright installed, else one in the path."""
    browsers: int = Field(default=1, ge=1, le=16)
    """Chromium processes. More of them lose fewer jobs with each that dies, at 160-220 MiB each
    with its driver.
    """
    slots: int = Field(default=5, ge=1, le=64)
    """Jobs at once, over all browsers of this process."""
    reachable_hosts: tuple[str, ...] = (
        "linkedin.com",
        "www.linkedin.com",
        "static.licdn.com",
        "static-exp*.licdn.com",
    )
    """All that a page may connect to, beside the host of `CHORUS_LINKEDIN_URL`. Hosts of media,
    advertisements and trackers are not here.
    """
    blocked_urls: tuple[str, ...] = (
        "*.mp4*",
        "*.m3u8*",
        "*.webm*",
        "*.mp3*",
        "*/dms/*",
        "*/px/*",
        "*/li/track*",
    )
    """Media and trackers on hosts that are reachable; Chromium's own patterns."""

    retire_after_uses: int = Field(default=50, ge=1)
    """After so many jobs a browser takes no more."""
    retire_after_seconds: float = Field(default=3_600, gt=0)
    """At this age a browser takes no more jobs."""
    retire_above_mib: int = Field(default=2_048, ge=1)
    """Above this PSS a browser takes no more jobs; with its driver and the pages of its jobs."""
    check_seconds: float = Field(default=15, gt=0)
    """Between two looks at age and memory. A look reads /proc/*/smaps_rollup: some 50 ms of CPU."""

    launch_seconds: float = Field(default=20, gt=0)
    """For the start of a browser."""
    open_seconds: float = Field(default=8, gt=0)
    """A browser that opens no context within this time has hung."""
    close_seconds: float = Field(default=3, gt=0)
    """For each of: a context, a browser, a driver. What is not closed by then is killed."""
    drain_seconds: float = Field(default=35, ge=0)
    """How long jobs under way may go on after `stop()`."""
    backoff_seconds: float = Field(default=0.5, gt=0)
    """After a browser that did not start; doubled each time, up to half a minute."""

    folder: Path | None = None
    """Where profiles are kept while browsers run. None: the machine's folder for temporary files.

    Chromium makes a Unix socket in it, so that its path must be shorter than some 60 characters.
    """
    sandbox: bool = True
    """Whether Chromium keeps its own sandbox; never for root. False only in a container whose
    seccomp profile refuses user namespaces, which then is the only wall around a page.
    """
    use_dev_shm: bool | None = None
    """Whether Chromium may use /dev/shm. None: when a gigabyte of it is free."""

    def bounds(self) -> Bounds:
        return Bounds(
            uses=self.retire_after_uses,
            age_seconds=self.retire_after_seconds,
            pss_bytes=self.retire_above_mib * _MIB,
        )
