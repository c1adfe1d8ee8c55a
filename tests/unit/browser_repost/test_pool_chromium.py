"""Where Chromium is looked for, and with which flags it starts."""

import os
from pathlib import Path

import pytest

from chorus.errors import ConfigurationError
from chorus_browser_repost.pool import BrowserPoolSettings, chromium
from chorus_browser_repost.pool.processes import process_of, running


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return path


def test_the_setting_wins(tmp_path: Path) -> None:
    """CHORUS_CHROMIUM names one that no search would find."""
    mine = program(tmp_path / "mine")
    assert chromium.find(mine, {"PATH": str(tmp_path)}) == mine


def test_a_setting_that_names_nothing_is_refused(tmp_path: Path) -> None:
    """No other one is taken instead."""
    program(tmp_path / "chromium")
    with pytest.raises(ConfigurationError, match=r"CHORUS_CHROMIUM .*/none\.$"):
        chromium.find(tmp_path / "none", {"PATH": str(tmp_path)})


def test_the_order_of_the_search(tmp_path: Path) -> None:
    """Playwright's own before the machine's, the shell before the whole browser."""
    seen = {"PATH": str(tmp_path / "bin"), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "own")}
    for name in (
        "bin/google-chrome",
        "bin/chromium",
        "bin/chromium-headless-shell",
        "own/chromium-9/chrome-linux/chrome",
        "own/chromium_headless_shell-9/chrome-linux/headless_shell",
    ):
        expected = program(tmp_path / name)
        assert chromium.find(None, seen) == expected


def test_without_a_chromium_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    """`make demo` shows this sentence as it is."""
    with pytest.raises(ConfigurationError) as caught:
        chromium.find(None, {"PATH": str(tmp_path), "HOME": str(tmp_path)})
    text = str(caught.value)
    assert text.startswith("There is no Chromium: install it with ")
    assert text.count(".") == 1


def test_no_flag_hides_that_a_program_is_at_work() -> None:
    """INVARIANT: no detection evasion; and each switch stands once, as a second replaces it."""
    flags = chromium.arguments(("a.example", "b.example"))
    names = [flag.partition("=")[0] for flag in flags]
    assert len(names) == len(set(names))
    for word in ("AutomationControlled", "user-agent", "proxy", "lang=", "window-size", "webgl"):
        assert not any(word in flag for flag in flags)
    assert (
        flags[-1] == "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE a.example, EXCLUDE b.example"
    )


def test_the_sandbox_is_given_up_on_demand_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """K2: a container may refuse user namespaces; anywhere else only root goes without."""
    monkeypatch.setattr(os, "geteuid", lambda: 10_001)
    assert BrowserPoolSettings().sandbox is True
    assert chromium.may_use_sandbox() is True
    assert chromium.may_use_sandbox(wanted=False) is False
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert chromium.may_use_sandbox() is False


def test_small_shared_memory_is_not_used(tmp_path: Path) -> None:
    """What does not exist is small."""
    assert not chromium.shared_memory_suffices(tmp_path / "none")


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names as the README gives them."""
    monkeypatch.setenv("CHORUS_BROWSER_SLOTS", "7")
    monkeypatch.setenv("CHORUS_BROWSER_REACHABLE_HOSTS", '["127.0.0.1"]')
    monkeypatch.setenv("CHORUS_CHROMIUM", "/opt/chromium")
    settings = BrowserPoolSettings()
    assert (settings.slots, settings.reachable_hosts) == (7, ("127.0.0.1",))
    assert settings.chromium == Path("/opt/chromium")


def test_a_process_that_is_not_there() -> None:
    """PID 0 belongs to the kernel."""
    assert process_of(0) is None
    assert not running(0)
