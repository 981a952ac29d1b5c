"""What an answer tells a person of each record, so that two answers can be compared.

Source: Act Art. 33(2)(3)(5).
"""

from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import cast
from uuid import UUID

from ledger.cases.case import State
from ledger.cases.events.case import CaseDecided, WithheldPart
from ledger.cases.letters.addressee import addressee_of
from ledger.cases.letters.assembly import method_reason
from ledger.cases.letters.letter import Addressee
from ledger.cases.letters.lines import Withheld, side_of
from ledger.cases.letters.withheld_parts import letter_codes, withheld_of
from ledger.crypto.normal_forms import exact_1
from ledger.format.json import encoded
from ledger.policies.substitutes import OTHERS
from ledger.policies.visual_equality import (
    address_as_read,
    characters_as_read,
    name_as_read,
    postal_code_as_read,
)
from ledger.streams.history import HistoryEntry
from ledger.transfers.statutory import statutory_items
from ledger.values import Json


def lines_read(entries: Collection[HistoryEntry], withheld: Withheld) -> list[bytes]:
    """What the lines of a reply say: side and statutory values of each, in an order of their own.

    A record that was retracted and sent once more reads the same.
    """
    return sorted(
        encoded([side_of(entry), *_values(entry, parts)])
        for entry in entries
        if (parts := withheld.get(entry.transfer, frozenset[str]())) is not None
    )


def answer_read(decision: CaseDecided, entries: Sequence[HistoryEntry]) -> list[bytes]:
    """The same with what is withheld of each record, and of those that have no line.

    A reason reads the same whatever blanks are around it, and in whatever form of Unicode; items
    that are withheld for one reason are told together.

    Args:
        decision: on these records; what it withholds of others, destroyed since, is read over.
    """
    withheld = withheld_of(decision, entries)
    known = {entry.transfer: entry for entry in entries}
    items: dict[tuple[UUID, str, str], set[str]] = {}
    for one in decision.withheld:
        if one.record in known:
            held = items.setdefault((one.record, one.ground, exact_1(one.reason)), set())
            held |= letter_codes(known[one.record], one)
    by_record: dict[UUID, list[Json]] = {}
    for (record, ground, reason), held in items.items():
        by_record.setdefault(record, []).append([ground, reason, [*sorted(held)]])
    read: list[bytes] = []
    for entry in entries:
        parts = withheld.get(entry.transfer, frozenset[str]())
        grounds = sorted(by_record.get(entry.transfer, []), key=encoded)
        values = [] if parts is None else [*_values(entry, parts)]
        read.append(encoded([side_of(entry), parts is None, grounds, values]))
    return sorted(read)


def carried(
    earlier: CaseDecided,
    decision: CaseDecided,
    known: Sequence[HistoryEntry],
    found: Sequence[HistoryEntry],
) -> CaseDecided:
    """The decision over `known`: of what is not found any more, as the earlier one was.

    Args:
        known: the records of the earlier answer as they are known by now.
        found: those that `decision` is on.
    """
    of_now = {one.transfer: entry.transfer for entry in found for one in entry.messages}
    withheld: list[WithheldPart] = []
    for entry in known:
        # Part of a record of several messages may be left: then it is found under another one.
        record = next((of_now[one.transfer] for one in entry.messages if one.transfer in of_now), 0)
        parts = earlier.withheld if record == 0 else decision.withheld
        own = record or entry.transfer
        withheld += [replace(one, record=entry.transfer) for one in parts if one.record == own]
    return replace(decision, withheld=tuple(withheld))


def is_sent_alike(earlier: State, state: State) -> bool:
    """Whether both letters go to the same addressee and print the same characters for others.

    How an addressee is typed is no difference: blanks, width, the form of Unicode. Another
    character of a name is one, a form of the same kanji too: it may be what is to be mended.

    A choice that one of them has alone is none either. No letter goes out with what cannot be
    printed, so the other one lacks that character: what took it away or brought it is compared by
    itself, unless it is an exclusion. One that prints every other character by its code points says
    nothing of which they are: then all choices are compared.

    Raises:
        MalformedError: `ADDRESSEE_MISSING`.
    """
    one, other = _forms(earlier), _forms(state)
    both = one.keys() | other.keys() if OTHERS in {*one, *other} else one.keys() & other.keys()
    prints_alike = all(one.get(written) == other.get(written) for written in both)
    return prints_alike and _as_read(addressee_of(earlier)) == _as_read(addressee_of(state))


def _as_read(to: Addressee) -> Addressee:
    """The addressee as whoever holds two letters to them reads both."""
    represents = None if to.represents is None else name_as_read(to.represents)
    return Addressee(
        postal_code_as_read(to.postal_code),
        address_as_read(to.address),
        name_as_read(to.name),
        represents,
    )


def _forms(state: State) -> dict[str, str]:
    """Character → what is printed for it."""
    return {
        characters_as_read(one.written): characters_as_read(one.printed)
        for one in state.substitutes
    }


def has_same_medium(earlier: State, state: State) -> bool:
    """Whether both are given in the same medium; what discloses nothing is given in none.

    Why it is that medium counts where a letter tells it.
    """
    ways = (_medium_and_reason(earlier), _medium_and_reason(state))
    return None in ways or ways[0] == ways[1]


def _medium_and_reason(state: State) -> tuple[str, str] | None:
    decision = state.decision
    if not isinstance(decision, CaseDecided) or not decision.disclosed:
        return None
    return decision.medium, exact_1(method_reason(state) or "")


def _values(entry: HistoryEntry, parts: AbstractSet[str]) -> Iterator[object]:
    for code, value in statutory_items(entry):
        if code == "ITEMS":
            names = cast("list[str]", value)
            yield [code, [name for name in names if name not in parts and code not in parts]]
        elif code not in parts:
            yield [code, value]
