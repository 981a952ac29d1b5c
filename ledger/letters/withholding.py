"""What a decision withholds: as the lines of a reply lack it, and as a letter tells of it.

Source: Act Art. 33(2), 36.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from uuid import UUID

from ledger.errors import Defect
from ledger.events.case import CaseDecided
from ledger.events.case import Withholding as Decided
from ledger.history import HistoryEntry
from ledger.letters.contents import Withholding
from ledger.letters.lines import PROVIDED, RECEIVED, Withheld, numbered, side_of
from ledger.statutory import statutory_items


def withheld_of(decision: CaseDecided) -> Withheld:
    """What the decision withholds, by record."""
    return {one.record: frozenset(one.items) if one.items else None for one in decision.withheld}


def grouped(
    decision: CaseDecided, entries: Sequence[HistoryEntry], withheld: Withheld
) -> tuple[Withholding, ...]:
    """What is withheld, told once for each ground and reason, in the order of the decision."""
    if not decision.withheld:
        return ()
    sides = {entry.transfer: side_of(entry) for entry in entries}
    parts = dict(_parts(entries, withheld))
    groups: dict[tuple[str, str], list[UUID]] = {}
    for one in decision.withheld:
        groups.setdefault((one.ground, one.reason), []).append(one.record)
    return tuple(
        Withholding(
            ground,
            reason,
            provided=sum(withheld[one] is None and sides[one] == PROVIDED for one in records),
            received=sum(withheld[one] is None and sides[one] == RECEIVED for one in records),
            parts=tuple(sorted(part for one in records for part in parts.get(one, ()))),
        )
        for (ground, reason), records in groups.items()
    )


def whole_of(withheld: Sequence[Decided], entries: Sequence[HistoryEntry]) -> tuple[Decided, ...]:
    """The same, with a record of which every item is withheld as one that is withheld as a whole.

    Items that the record does not hold count for nothing: an empty line discloses nothing.
    """
    found = {entry.transfer: entry for entry in entries}
    return tuple(
        replace(one, items=())
        if one.record in found and _is_all(found[one.record], set(one.items))
        else one
        for one in withheld
    )


def _is_all(entry: HistoryEntry, items: AbstractSet[str]) -> bool:
    names = set(entry.items)
    return bool(items) and all(
        code in items or value is None or (code == "ITEMS" and names <= items)
        for code, value in statutory_items(entry)
    )


def _parts(
    entries: Sequence[HistoryEntry], withheld: Withheld
) -> list[tuple[UUID, tuple[tuple[int, str], ...]]]:
    """Record → (line number, item code) of what is withheld inside its line."""
    return [
        (
            entry.transfer,
            # A name of data stands under the item that lists them.
            tuple((number, code) for code in sorted(_codes(entry, names))),
        )
        for number, entry, names in numbered(entries, withheld)
        if names
    ]


def _codes(entry: HistoryEntry, names: AbstractSet[str]) -> set[str]:
    codes = set(entry.verdict.statutory_items)
    return {name if name in codes else "ITEMS" for name in names}


def withheld_defects(
    withheld: Sequence[Decided], entries: Sequence[HistoryEntry]
) -> Iterator[Defect]:
    """The defects of a decision that withholds items which the record does not hold.

    An item is one of the record's statutory items, or one of the names under its `ITEMS`.
    """
    held = {entry.transfer: {*entry.verdict.statutory_items, *entry.items} for entry in entries}
    for n, one in enumerate(withheld):
        if not held.get(one.record, set[str]()).issuperset(one.items):
            detail = "name items that the record holds"
            yield Defect(f"/withheld/{n}/items", "ITEM_UNKNOWN", detail)
