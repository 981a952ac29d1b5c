"""A process that holds keys and persons leaves no copy of its memory behind when it crashes."""

import ctypes
import resource
import sys
from typing import Final

_PR_SET_DUMPABLE: Final = 4


def forbid_core_dumps() -> None:
    """Let neither this process nor what it starts write core dumps.

    The limit holds for children, too. On Linux a dump is also handed to a program where the
    system has one for it, whatever the limit; so the process is marked not dumpable, and then
    nobody of the same user reads its memory or its environment either. That ends with an `exec`:
    each program of ours calls this itself.

    Source: core(5); prctl(2), PR_SET_DUMPABLE.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # It fails on no Linux; where it did, the limit still holds.
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
