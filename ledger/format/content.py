"""What the JSON of a sealed part may hold, by type: closed members, told by the header.

Source: `docs/reference/event-format.md`, sections 2, 3 and 5.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import cast

from ledger.errors import CorruptRecordError
from ledger.format.envelope import Header
from ledger.format.json import strict
from ledger.format.types import LINES_MAX, TYPES, EventType
from ledger.values import Json

_HASH = re.compile(r"[0-9a-f]{64}")
_STATEMENT_NEEDS = frozenset(
    {"direction", "basis", "method", "duty", "counterparty", "items", "recorded_on"}
)
# The members of a transfer that its statement shows (event format, section 3); the rest is sealed
# in `record.input`, which is never shown.
SHOWN = (
    "direction",
    "basis",
    "method",
    "counterparty",
    "items",
    "transferred_on",
    "transferred_from",
    "transferred_to",
    "date_not_recorded",
    "acquisition",
    "opt_out_published",
)
_STATEMENT_MAY = _STATEMENT_NEEDS.union(SHOWN, {"consent"})
_LINE_MAY = frozenset({"principal", "verdict", "items", "n"})
_VERDICT_MAY = frozenset({"duty", "findings", "statutory_items", "retain_through"})
_PRINCIPAL_NEEDS = frozenset({"scheme", "id"})
_PRINCIPAL_MAY = _PRINCIPAL_NEEDS | {"name"}
_COPY_MAY = frozenset({"record", "fingerprint", "statement", "statement_salt", "lines", "nodes"})


def check_content(header: Header, members: Mapping[str, Json], *, in_full: bool) -> None:
    """Refuse members that do not go with the header.

    Args:
        in_full: also look into the statement and each line.

    Raises:
        CorruptRecordError: a member is missing, unknown, or of another shape.
    """
    spec = TYPES[header.type]
    lines = members.get("lines")
    if header.copies is not None:
        _check_copy(members)
        carried = [cast("list[Json]", entry)[2] for entry in cast("list[Json]", lines or [])]
        if in_full and carried:
            # Which event is copied is not known here, so a number may stand or not.
            numbered = [line for line in carried if isinstance(line, dict) and "n" in line]
            _check_lines(carried, is_numbered=bool(numbered))
    else:
        _check_members(spec, header, members)
        if in_full and lines is not None:
            _check_lines(cast("list[Json]", lines), is_numbered=spec.is_numbered)
    statement = members.get("statement")
    if in_full and statement is not None:
        _check_names(statement, _STATEMENT_NEEDS, _STATEMENT_MAY)


def check_statement(text: bytes) -> None:
    """Refuse bytes that are no statement.

    Raises:
        CorruptRecordError: they are not the JSON of one, or hold another member.
    """
    _check_names(strict(text), _STATEMENT_NEEDS, _STATEMENT_MAY)


def check_line(text: bytes, *, is_numbered: bool) -> None:
    """Refuse bytes that are no line.

    Args:
        is_numbered: it says its number itself, as a correction's does.

    Raises:
        CorruptRecordError: as `check_statement`.
    """
    _check_lines([strict(text)], is_numbered=is_numbered)


def _check_members(spec: EventType, header: Header, members: Mapping[str, Json]) -> None:
    needs, may = _names(header.type, header.statement is not None, header.lines_root is not None)
    _check_names(members, needs, may)
    _check_record(members.get("record"), is_marked=spec.is_recorded)
    _check_hashes(members, "fingerprint", "salt_key")
    if header.lines_root is not None:
        lines = members["lines"]
        if type(lines) is not list or len(lines) != header.lines_count:
            raise CorruptRecordError("the lines are not as many as the header says")


@lru_cache(maxsize=256)
def _names(
    event_type: str,
    has_statement: bool,  # noqa: FBT001 -- both are keys of a cache
    has_lines: bool,  # noqa: FBT001 -- as above
) -> tuple[frozenset[str], frozenset[str]]:
    """Members that always stand, and all that may."""
    names = {
        "record": event_type != "principals-appended",
        "fingerprint": TYPES[event_type].is_recorded,
        "statement": has_statement,
        "lines": has_lines,
        "salt_key": has_statement or has_lines,
    }
    needs = frozenset(name for name, is_there in names.items() if is_there)
    return needs, needs | {"record"}


def _check_copy(members: Mapping[str, Json]) -> None:
    _check_names(members, frozenset(), _COPY_MAY)
    if ("statement" in members) != ("statement_salt" in members):
        raise CorruptRecordError("a copied statement goes with its salt")
    _check_record(members.get("record"), is_marked="fingerprint" in members)
    _check_hashes(members, "fingerprint", "statement_salt")
    nodes = members.get("nodes", _ABSENT)
    if nodes is not _ABSENT and (
        type(nodes) is not list or not nodes or not all(map(_is_hash, nodes))
    ):
        raise CorruptRecordError("the nodes of a copy are no hashes")
    lines = members.get("lines", _ABSENT)
    if lines is _ABSENT:
        return
    if type(lines) is not list or not 0 < len(lines) <= LINES_MAX:
        raise CorruptRecordError("the lines of a copy are no list")
    last = -1
    for entry in lines:
        if type(entry) is not list or len(entry) != 3 or not _is_hash(entry[1]):  # noqa: PLR2004 -- j, salt, line
            raise CorruptRecordError("a line of a copy is [j, salt, line]")
        j = entry[0]
        if type(j) is not int or not last < j < LINES_MAX:
            raise CorruptRecordError("the lines of a copy do not rise")
        last = j


_ABSENT: list[Json] = []


def _check_record(record: Json, *, is_marked: bool) -> None:
    if record is None:
        return
    if type(record) is not dict:
        raise CorruptRecordError("the record is no object")
    if is_marked and record.get("order_11") not in ("0", "1", "2", "3", "4"):
        raise CorruptRecordError("a recorded transfer says its Order 11 mark, 0 to 4")


def _check_lines(lines: list[Json], *, is_numbered: bool) -> None:
    needs = {"principal", "n"} if is_numbered else {"principal"}
    may = _LINE_MAY if is_numbered else _LINE_MAY - {"n"}
    numbers: set[int] = set()
    for line in lines:
        members = _check_names(line, needs, may)
        _check_names(members["principal"], _PRINCIPAL_NEEDS, _PRINCIPAL_MAY)
        if "verdict" in members:
            _check_names(members["verdict"], {"findings"}, _VERDICT_MAY)
        if is_numbered:
            n = members["n"]
            if type(n) is not int or n < 0 or n in numbers:
                raise CorruptRecordError("a line of a correction has a number of its own")
            numbers.add(n)


def _check_names(
    value: Json | Mapping[str, Json],
    needs: AbstractSet[str],
    may: AbstractSet[str],
) -> Mapping[str, Json]:
    if not isinstance(value, dict) or not needs <= value.keys() <= may:
        raise CorruptRecordError("a sealed object has too few or too many members")
    return value


def _check_hashes(members: Mapping[str, Json], *names: str) -> None:
    for name in names:
        if name in members and not _is_hash(members[name]):
            raise CorruptRecordError("a sealed hash is not 64 lower-case hex digits")


def _is_hash(value: Json) -> bool:
    return type(value) is str and _HASH.fullmatch(value) is not None
