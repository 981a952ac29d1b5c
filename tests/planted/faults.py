"""The faults, read from the patches beside this file."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_FIRST: Final = "# caught by "


@dataclass(frozen=True, slots=True)
class Fault:
    """A change of the product that breaks a promise.

    Attributes:
        test: the node id of the test that catches it.
    """

    name: str
    test: str
    patch: Path


def applied(fault: Fault, root: Path, *options: str) -> bool:
    """Apply the patch to the tree at `root`; whether it could be applied."""
    command = ["git", "apply", *options, str(fault.patch)]
    return subprocess.run(command, cwd=root, capture_output=True, check=False).returncode == 0


def _read(patch: Path) -> Fault:
    first, _ = patch.read_text("utf-8").split("\n", 1)
    assert first.startswith(_FIRST), f"{patch.name} names no test in its first line"
    return Fault(patch.stem, first.removeprefix(_FIRST).strip(), patch)


FAULTS: Final = tuple(map(_read, sorted(Path(__file__).parent.glob("*.patch"))))
