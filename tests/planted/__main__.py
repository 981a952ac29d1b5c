"""Plants each fault in a copy of the code, and runs the test that catches it.

    ./dev python -m tests.planted [NAME…]

Ends with 1 if a fault is not caught, or if a test fails without any.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.planted.faults import FAULTS, ROOT, Fault, applied

_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis")


def _passes(root: Path, *tests: str) -> bool:
    given = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'emitter' / 'src'}"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, cwd=root, env=given, capture_output=True, check=False)
    return done.returncode == 0


def _is_caught(fault: Fault) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        root = shutil.copytree(ROOT, Path(folder) / "copy", ignore=_LEFT_OUT)
        return applied(fault, root) and not _passes(root, fault.test)


def main() -> int:
    """Exit code."""
    wanted = [one for one in FAULTS if not sys.argv[1:] or one.name in sys.argv[1:]]
    if not _passes(ROOT, *sorted({one.test for one in wanted})):
        print("a test fails without a fault")  # noqa: T201 -- a script for people
        return 1
    missed = 0
    for one in wanted:
        caught = _is_caught(one)
        missed += not caught
        print("caught" if caught else "NOT CAUGHT", one.name, flush=True)  # noqa: T201 -- as above
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
