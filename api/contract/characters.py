"""Characters that no member may hold, that no name may, and texts in which nothing can be seen.

No member may hold what cannot be printed, or turns the reading order around: NUL
and the other C0 and C1 controls but tab, line feed and carriage return; DEL; the bidirectional
controls; lone surrogates, which no UTF-8 text can hold.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import cast

import orjson

from api.contract.bounds import DEFECTS_MAX
from api.contract.pointers import pointer_to
from ledger.errors import Defect
from ledger.policies.blanks import FILLERS, INVISIBLE_CHARACTER, hidden_in, hidden_in_name

CONTROL_CHARACTER = "CONTROL_CHARACTER"
_FORBIDDEN = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls
    "\ud800-\udfff"
)
_SEARCH = re.compile(f"[{_FORBIDDEN}]").search
_DETAIL = (
    "holds a control character (other than tab, line feed, carriage return), a bidirectional "
    "control or half a surrogate pair"
)

# General categories without a shape of their own: white space, controls, formats, marks on nothing.
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Mc", "Me", "Mn", "Zl", "Zp", "Zs"))

Path = tuple[str | int, ...]


def control_characters(data: object) -> tuple[Defect, ...]:
    """One defect for each member of `data` that holds such a character, `DEFECTS_MAX` at most."""
    try:
        text = orjson.dumps(data)
    except TypeError:
        # A lone surrogate, or something too deep or too large for JSON: look at each member.
        return tuple(islice(_located(data), DEFECTS_MAX))
    # JSON writes C0 with a backslash, so one search finds the rest; and most texts need none,
    # because none of what is forbidden is printable.
    if b"\\" not in text:
        decoded = text.decode()
        if decoded.isprintable() or _SEARCH(decoded) is None:
            return ()
    return tuple(islice(_located(data), DEFECTS_MAX))


def hidden_characters(data: Mapping[str, object]) -> Iterator[Defect]:
    """One defect for each identifier or name of a transfer that holds what no reader sees."""
    for path, name in _names(data):
        hidden_of = hidden_in if path[-1] == "id" else hidden_in_name
        if isinstance(name, str) and (hidden := hidden_of(name)):
            detail = f"holds {hidden}, which no reader sees: send it without"
            yield Defect(pointer_to(path), INVISIBLE_CHARACTER, detail)


def _names(data: Mapping[str, object]) -> Iterator[tuple[Path, object]]:
    counterparty = data.get("counterparty")
    if isinstance(counterparty, dict):
        yield ("counterparty", "name"), cast("Mapping[str, object]", counterparty).get("name")
    principals = data.get("principals")
    if isinstance(principals, list):
        for n, one in enumerate(cast("list[object]", principals)):
            if isinstance(one, dict):
                person = cast("Mapping[str, object]", one)
                yield ("principals", n, "id"), person.get("id")
                yield ("principals", n, "name"), person.get("name")


def is_visible(text: str) -> bool:
    """Whether `text` holds a character that can be seen; a lone zero-width space is no answer."""
    return any(
        unicodedata.category(character) not in _UNSEEN and character not in FILLERS
        for character in text
    )


def _located(data: object) -> Iterator[Defect]:
    for path, text in _texts(data):
        if _SEARCH(text) is not None:
            yield Defect(pointer_to(path), CONTROL_CHARACTER, _DETAIL)


def _texts(data: object) -> Iterator[tuple[Path, str]]:
    """Every string of `data` in its order, member names under the path of their object.

    Without recursion: the depth of the input is the sender's choice.
    """
    waiting: list[Iterator[tuple[Path, object]]] = [iter([((), data)])]
    while waiting:
        following = next(waiting[-1], None)
        if following is None:
            waiting.pop()
            continue
        path, value = following
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            members = cast("dict[str, object]", value)
            for name in members:
                yield path, name
            waiting.append(_below(path, members.items()))
        elif isinstance(value, list):
            waiting.append(_below(path, enumerate(cast("list[object]", value))))


def _below(path: Path, of: Iterable[tuple[str | int, object]]) -> Iterator[tuple[Path, object]]:
    return (((*path, token), value) for token, value in of)
