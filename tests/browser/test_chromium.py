"""Where there is no browser, the tests of the pages fail, and say what to do."""

from pathlib import Path

import pytest

from tests.browser import chromium
from tests.browser.chromium import VARIABLE, NoBrowserError, executable


def test_a_machine_without_a_browser_is_told_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(chromium, "_ON_MACOS", ())
    with pytest.raises(NoBrowserError, match="apt-get install chromium fonts-noto-cjk"):
        executable()


def test_a_name_that_is_no_program_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "none"))
    with pytest.raises(NoBrowserError, match=f"{VARIABLE} names no program"):
        executable()


def test_the_browser_that_is_named_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    named = tmp_path / "own-browser"
    named.write_text("#!/bin/sh\n", "utf-8")
    named.chmod(0o755)
    monkeypatch.setenv(VARIABLE, str(named))
    assert executable() == str(named)
