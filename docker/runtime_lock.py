# ruff: noqa: INP001 -- a script of the image, in no package
"""Prints the part of the lock that the running ledger needs, without the tools of its developers.

    python runtime_lock.py requirements.lock

The lock says of each package what asked for it (`# via`): kept is what the project's own
dependencies lead to. Standard library only: it runs before anything is installed.
"""

import re
import sys
from pathlib import Path

PROJECT = "provision-ledger (pyproject.toml)"
_NAME = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==")
_VIA = re.compile(r"^    #(?: via)? +(\S.*)$", re.MULTILINE)


def runtime(lock: str) -> str:
    """The blocks of `lock` that the project's own dependencies lead to."""
    blocks = re.split(r"^(?=\S)", lock, flags=re.MULTILINE)
    named = {found[1]: block for block in blocks if (found := _NAME.match(block))}
    askers = {name: set(_VIA.findall(block)) for name, block in named.items()}
    kept = {PROJECT}
    while more := {name for name, by in askers.items() if by & kept} - kept:
        kept |= more
    return "".join(block for name, block in named.items() if name in kept)


if __name__ == "__main__":
    sys.stdout.write(runtime(Path(sys.argv[1]).read_text("utf-8")))
