"""A real Chromium that is installed on this machine; nothing is downloaded."""

import os
import shutil
from pathlib import Path
from typing import Final

VARIABLE: Final = "LEDGER_TEST_CHROMIUM"
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ON_MACOS: Final = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


class NoBrowserError(Exception):
    """No Chromium is installed; the tests of the pages cannot run, so they fail."""


def executable() -> str:
    """Where it is.

    Raises:
        NoBrowserError: says how to get one.
    """
    if named := os.environ.get(VARIABLE):
        if (found := shutil.which(named)) is None:
            raise NoBrowserError(f"{VARIABLE} names no program that can be run: {named}")
        return found
    for name in _NAMES:
        if (found := shutil.which(name)) is not None:
            return found
    for place in _ON_MACOS:
        if Path(place).exists():
            return place
    raise NoBrowserError(
        "the tests of the pages need a Chromium: on Debian, apt-get install chromium fonts-noto-cjk"
        " (./dev test does so as root); elsewhere install Chromium or Google Chrome, or name one in"
        f" {VARIABLE}"
    )
