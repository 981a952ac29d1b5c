"""What a decision withholds: as the lines of a reply lack it, and as a letter tells of it.

Source: Act Art. 33(2), 36.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from uuid import UUID

from ledger.cases.events.case import CaseDecided
from ledger.cases.events.case import WithheldPart as Decided
from ledger.cases.letters.contents import LetterWithholding
from ledger.cases.letters.lines import PROVIDED, RECEIVED, Side, Withheld, numbered, side_of
from ledger.errors import Defect
from ledger.streams.history import HistoryEntry
from ledger.transfers.statutory import statutory_items


def withheld_of(decision: CaseDecided, entries: Sequence[HistoryEntry]) -> Withheld:
    """What the decision withholds, by record: on all grounds together."""
    found: dict[UUID, AbstractSet[str] | None] = {}
    for one in decision.withheld:
        earlier = found.get(one.record, frozenset[str]())
        if earlier is None or not one.items:
            found[one.record] = None
        else:
            found[one.record] = earlier | set(one.items)
    for one in emptied(decision.withheld, entries):
        found[one] = None
    return found


def grouped(
    decision: CaseDecided, entries: Sequence[HistoryEntry], withheld: Withheld
) -> tuple[LetterWithholding, ...]:
    """What is withheld, told once for each ground and reason, in the order of the decision.

    A record that is withheld on several grounds is told with each of them.
    """
    if not decision.withheld:
        return ()
    found = {entry.transfer: entry for entry in entries}
    lines = {entry.transfer: number for number, entry, _ in numbered(entries, withheld)}
    groups: dict[tuple[str, str], list[Decided]] = {}
    for one in decision.withheld:
        groups.setdefault((one.ground, one.reason), []).append(one)
    return tuple(
        _group(ground, reason, held, found, lines) for (ground, reason), held in groups.items()
    )


def _group(
    ground: str,
    reason: str,
    held: Sequence[Decided],
    found: Mapping[UUID, HistoryEntry],
    lines: Mapping[UUID, int],
) -> LetterWithholding:
    """What is withheld on this ground and for this reason.

    Args:
        lines: record → number of its line.
    """
    sides: dict[UUID, Side] = {one.record: _side(found[one.record]) for one in held}
    whole = [sides[one.record] for one in held if not one.items]
    parts: dict[UUID, set[str]] = {}
    for one in held:
        if one.items:
            parts.setdefault(one.record, set()).update(letter_codes(found[one.record], one))
    emptied_counts: Counter[tuple[Side, tuple[str, ...]]] = Counter(
        (sides[record], _ordered(found[record], codes))
        for record, codes in parts.items()
        if record not in lines
    )
    return LetterWithholding(
        ground,
        reason,
        provided=whole.count(PROVIDED),
        received=whole.count(RECEIVED),
        parts=tuple(
            sorted(
                (lines[record], code)
                for record, codes in parts.items()
                if record in lines
                for code in codes
            )
        ),
        emptied=tuple(
            (side, codes, count) for (side, codes), count in sorted(emptied_counts.items())
        )
        or None,
    )


def _ordered(entry: HistoryEntry, codes: AbstractSet[str]) -> tuple[str, ...]:
    """The codes in the order of the Rules."""
    return tuple(code for code in entry.verdict.statutory_items if code in codes)


def _side(entry: HistoryEntry) -> Side:
    side = side_of(entry)
    assert side is not None, "what is withheld belongs to a reply"
    return side


def count_whole_records(decision: CaseDecided, withheld: Withheld) -> int | None:
    """How many records are withheld as a whole, where one of them is told more than once."""
    counts = Counter(one.record for one in decision.withheld)
    whole = [record for record, parts in withheld.items() if parts is None]
    return len(whole) if any(counts[record] > 1 for record in whole) else None


def normalize_withheld(
    withheld: Sequence[Decided], entries: Sequence[HistoryEntry]
) -> tuple[Decided, ...]:
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


def emptied(withheld: Sequence[Decided], entries: Sequence[HistoryEntry]) -> tuple[UUID, ...]:
    """The records of which nothing is left, for what is withheld on several grounds together."""
    whole = {one.record for one in withheld if not one.items}
    parts: dict[UUID, set[str]] = {}
    for one in withheld:
        parts.setdefault(one.record, set()).update(one.items)
    return tuple(
        entry.transfer
        for entry in entries
        if entry.transfer in parts
        and entry.transfer not in whole
        and _is_all(entry, parts[entry.transfer])
    )


def letter_codes(entry: HistoryEntry, held: Decided) -> set[str]:
    """What a letter says is withheld of it: a name of data under the item that lists them."""
    codes = set(entry.verdict.statutory_items)
    return {name if name in codes else "ITEMS" for name in held.items}


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
