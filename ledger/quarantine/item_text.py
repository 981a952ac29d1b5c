"""A rejected item as the JSON that it was kept as: read without more memory than it may take.

An emitter may send any JSON, and five megabytes of small objects take thirty times as much once
they are parsed. So nobody parses an item who can do without.
"""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Final, TypeVar, cast

import orjson

from ledger.errors import Defect
from ledger.values import Json

VALUES_MAX: Final = 20_000
"""Values of an item that is parsed beside others; 5,000 persons have as many."""
UNOPENED: Final = Defect(
    "",
    "CONTENT_UNOPENED",
    "the stored content does not open: have the item sent again, and discard this one",
)
"""What is wrong with an item that cannot be read as it was kept."""
_ONE_AT_A_TIME: Final = threading.Lock()
_ITEM: Final = b'{"item":'
_WITHIN: Final = b',"within":'

_Found = TypeVar("_Found")


def parts_of(plain: bytes) -> tuple[bytes, dict[str, Json]]:
    """What was sealed of an item: its text, and the members beside it, parsed."""
    # The last place: within a text quotes are escaped, and after it come texts alone.
    end = plain.rindex(_WITHIN)
    members = cast("dict[str, Json]", orjson.loads(b"{" + plain[end + 1 :]))
    return plain[len(_ITEM) : end], members


def values_at_most(text: bytes) -> int:
    """How many values the text has at most: before each but the first stands one of these."""
    return 1 + sum(text.count(one) for one in (b",", b"[", b"{"))


def parsed_for(text: bytes, find: Callable[[Json], _Found]) -> _Found:
    """What `find` finds in the item; items of more than `VALUES_MAX` values are parsed in turn.

    Args:
        find: keeps nothing of what it is given.
    """
    with _ONE_AT_A_TIME if values_at_most(text) > VALUES_MAX else nullcontext():
        return find(cast("Json", orjson.loads(text)))
