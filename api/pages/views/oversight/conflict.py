"""Who came first, where a form of a line of a list came second: by whom, when, and what differs.

What such a form asks for is done: it cannot be sent over what stands, and what was typed is told
beside that, to be copied.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from api.pages.steps.differences import Differences, FieldDifference


@dataclass(frozen=True, slots=True)
class Did:
    """What somebody did first.

    Attributes:
        words: what it was; reason: as it was typed, empty where there is none to be shown.
        actor: None: an emitter did it.
        is_own: it was the visitor, in another window.
    """

    at: datetime
    words: str
    actor: str | None
    is_own: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Overtaken:
    """What was done since a form was made, oldest first, and how what was typed differs from it."""

    since: tuple[Did, ...]
    differing: Differences


def overtaken(done: Iterable[Did], label: str, typed: str) -> Overtaken | None:
    """What is told beside the form; None: nobody came first.

    Args:
        label: what the field of the reason is called; typed: what stands in it.
    """
    since = tuple(done)
    if not since:
        return None
    stands = since[-1].reason
    rows = (FieldDifference(label, stands, typed),) if stands != typed else ()
    return Overtaken(since, Differences(rows, is_sendable=False, is_replaced=False))
