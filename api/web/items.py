"""Items, from JSON to commands (steps 2 and 3 of a transfer's path in ARCHITECTURE.md).

Each item stands alone: what is wrong with one is told about that one, and the others go on.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Final, cast
from uuid import UUID

from api.auth import Caller, Scope, is_within
from api.contract import check
from api.contract.bounds import NOT_CHECKED, counted_values
from api.contract.pointers import is_field_name
from api.problems.refusals import ScopeMissingError
from ledger.clock import day_in_japan
from ledger.commands import RecordTransfer, RepeatTransfer
from ledger.crypto.pseudonyms import random_stream
from ledger.errors import DEFECTS_MAX, Defect, LedgerError, MalformedError, SourceNotAllowedError
from ledger.fast_init import fast_init
from ledger.values import Json

MARKING: Scope = "records:exclude"
ORDER_11 = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
# CloudEvents asks receivers for 64 KiB an event in all; half a kilobyte for each name is ample.
SOURCE_BYTES_MAX = 512
ID_BYTES_MAX = 512
_MEMBERS = frozenset({"source", "id", "data", "order_11"})


BATCH_DEFECTS_MAX: Final = 5_000
"""Defects of one body with several items that are named."""
BATCH_VALUES_MAX: Final = 100_000
"""Members and elements of its malformed items, at any depth, in which they are looked for."""


@fast_init
@dataclass(frozen=True, slots=True)
class ParsedItem:
    """One item: the command it became, or why it did not.

    Attributes:
        given: as it came in; kept in quarantine when it is malformed.
        pointer: its place in the body.
        within: the source prefix of who sent it.
        mark: what the body calls the member `order_11`.
        repeat: what it may have been recorded as, where nothing but its data is malformed.
    """

    given: Json
    pointer: str
    within: str | None
    command: RecordTransfer | None
    error: LedgerError | None = None
    mark: str = "order_11"
    repeat: RepeatTransfer | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """On whose word an item comes in.

    Attributes:
        actor: for the event's header.
        within: the source prefix that the sender is bound to; None allows no source.
        may_mark: whether `order_11` may be stated.
    """

    actor: str
    within: str | None
    may_mark: bool

    def owns(self, source: str) -> bool:
        """Whether `source` is the sender's."""
        return self.within is not None and is_within(source, self.within)


def sender_of(caller: Caller) -> Sender:
    """The caller as a sender of items of its own source."""
    return Sender(caller.actor, caller.source_prefix, caller.may(MARKING))


def item_of(
    given: Json, pointer: str, sender: Sender, at: datetime, most: int = DEFECTS_MAX
) -> ParsedItem:
    """The item that `given` states; `pointer` is its place in the body.

    Args:
        most: so many of its defects are named at most; 0: it is only told that there are some.
    """
    try:
        command = _command(given, pointer, sender, at, most)
    except LedgerError as error:
        repeat = _repeat(given, sender) if isinstance(error, MalformedError) else None
        return ParsedItem(given, pointer, sender.within, None, error, repeat=repeat)
    return ParsedItem(given, pointer, sender.within, command)


def _repeat(given: Json, sender: Sender) -> RepeatTransfer | None:
    """The transfer of an item of which the data alone is malformed, if the sender may state it."""
    if not isinstance(given, dict) or _envelope_defects(given, ""):
        return None
    source, data, mark = cast("str", given["source"]), given["data"], given.get("order_11")
    may = sender.owns(source) and (mark is None or sender.may_mark)
    if not may or not isinstance(data, dict):
        return None
    stated = 0 if mark is None else ORDER_11[cast("str", mark)]
    return RepeatTransfer(source, cast("str", given["id"]), data, stated)


def _command(given: Json, pointer: str, sender: Sender, at: datetime, most: int) -> RecordTransfer:
    """Make the command.

    Raises:
        MalformedError: names every defect, with pointers from the root of the body.
        SourceNotAllowedError: the source is not the caller's.
        ScopeMissingError: `order_11` from a caller who may not mark records.
    """
    if not isinstance(given, dict):
        raise MalformedError((Defect(pointer, "SCHEMA", "an item is an object"),))
    defects = _envelope_defects(given, pointer)
    data = given.get("data")
    try:
        checked = check(data, day_in_japan(at), most) if "data" in given else None
    except MalformedError as error:
        defects += [
            Defect(f"{pointer}/data{defect.pointer}", defect.code, defect.detail)
            for defect in error.defects
        ]
        checked = None
    source = given.get("source")
    if isinstance(source, str) and not sender.owns(source):
        raise SourceNotAllowedError
    if defects or checked is None:
        raise malformed(defects, pointer, most)
    mark = given.get("order_11")
    if mark is not None and not sender.may_mark:
        raise ScopeMissingError((MARKING,))
    return RecordTransfer(
        command=random_command(),
        actor=sender.actor,
        source=cast("str", source),
        id=cast("str", given["id"]),
        data=checked,
        order_11=ORDER_11[cast("str", mark)] if mark is not None else 0,
        within=sender.within,
    )


def item_key(given: Json) -> dict[str, str]:
    """`source` and `id` of an item as it came in, as far as it states them as an item may."""
    if not isinstance(given, dict):
        return {}
    wrong = {defect.pointer for defect in _envelope_defects(given, "")}
    members = ("source", "id")
    return {one: cast("str", given[one]) for one in members if f"/{one}" not in wrong}


def malformed(defects: Sequence[Defect], pointer: str, most: int) -> MalformedError:
    """What is wrong with the item at `pointer`, as far as it may be named."""
    named = tuple(defects[:most])
    return MalformedError(named or (replace(NOT_CHECKED, pointer=pointer),))


class DefectBudget:
    """How many defects of the items of one body are named yet, and what looking for them costs.

    Args:
        is_detailed: whether any is named; to name none takes as long as to check valid items.
    """

    def __init__(self, *, is_detailed: bool = True) -> None:
        self._defects = BATCH_DEFECTS_MAX if is_detailed else 0
        self._values = BATCH_VALUES_MAX

    @property
    def most(self) -> int:
        """So many of the next item."""
        return min(self._defects, DEFECTS_MAX) if self._values > 0 else 0

    def counted(self, item: ParsedItem) -> ParsedItem:
        """The item, once what it names is counted."""
        if isinstance(item.error, MalformedError) and self.most:
            self._defects -= len(item.error.defects)
            self._values -= counted_values(item.given)
        return item


def items_of(
    given: Sequence[Json], sender: Sender, at: datetime, naming: DefectBudget
) -> list[ParsedItem]:
    """The items of the body `{"items": […]}`."""
    return [
        naming.counted(item_of(one, f"/items/{n}", sender, at, naming.most))
        for n, one in enumerate(given)
    ]


def _envelope_defects(given: Mapping[str, Json], pointer: str) -> list[Defect]:
    defects = unknown_members(pointer, given, _MEMBERS)
    for member, bytes_max in (("source", SOURCE_BYTES_MAX), ("id", ID_BYTES_MAX)):
        value = given.get(member)
        if not isinstance(value, str) or not value:
            defects.append(Defect(f"{pointer}/{member}", "SCHEMA", "give a string, not empty"))
        elif len(value.encode(errors="surrogatepass")) > bytes_max:
            detail = f"give at most {bytes_max} bytes in UTF-8"
            defects.append(Defect(f"{pointer}/{member}", "SCHEMA", detail))
        elif not value.isprintable():
            detail = "give printable characters only"
            defects.append(Defect(f"{pointer}/{member}", "CONTROL_CHARACTER", detail))
    if "data" not in given:
        defects.append(Defect(f"{pointer}/data", "SCHEMA", "give the transfer as data"))
    mark = given.get("order_11")
    if "order_11" in given and (not isinstance(mark, str) or mark not in ORDER_11):
        defects.append(Defect(f"{pointer}/order_11", "SCHEMA", "give i, ii, iii or iv"))
    return defects


def unknown_members(
    pointer: str, given: Mapping[str, Json], known: Collection[str]
) -> list[Defect]:
    """The defects of members that the contract does not know, `DEFECTS_MAX` at most.

    A name may be somebody's, put into the wrong place: what does not look like a field's name is
    not repeated.
    """
    unknown = islice((member for member in given if member not in known), DEFECTS_MAX)
    detail = "holds a member that the contract does not know"
    places = (f"{pointer}/{one}" if is_field_name(one) else pointer for one in unknown)
    return [Defect(place, "SCHEMA", detail) for place in places]


def random_command() -> UUID:
    """A command id: random, never derived from content (event format, section 1)."""
    return random_stream()
