"""What several grounds withhold of one record: what is left, what is counted, what is told."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.cases.events.case import CaseDecided, WithheldPart
from ledger.cases.letters.contents import NonDisclosure, Partial
from ledger.cases.letters.lines import ReplyLine, lines_of
from ledger.cases.letters.withheld_parts import (
    count_whole_records,
    emptied,
    grouped,
    normalize_withheld,
    withheld_of,
)
from ledger.cases.steps import Decide
from ledger.errors import MalformedError
from ledger.streams.history import HistoryEntry
from ledger.transfers.statutory import statutory_items
from ledger.values import Json
from tests.documents import replies
from tests.ledger import given as made
from tests.ledger.case_given import IDENTIFY, Desk

ONE, TWO, THREE = "ART33_2_I", "ART33_2_II", "ART33_2_III"
CAUSES = {ONE: (), TWO: ("repetition",), THREE: ()}
ENTRIES = (
    replies.entry(1, made.data(items=["氏名", "住所"])),
    replies.entry(2, made.data(consent={"obtained": False})),
    replies.entry(3, made.received() | {"acquisition": None}),
)
FIRST, SECOND, THIRD = (one.transfer for one in ENTRIES)
HELD_BY: dict[object, list[str]] = {
    one.transfer: [*one.verdict.statutory_items, *one.items] for one in ENTRIES
}


def decided(withheld: Sequence[WithheldPart]) -> CaseDecided:
    """The decision that a door and the domain make of it."""
    withheld = normalize_withheld(withheld, ENTRIES)
    provided, received = (FIRST, SECOND), (THIRD,)
    step = Decide(provided, received, withheld, emptied=emptied(withheld, ENTRIES))
    found = replace(IDENTIFY, provided=provided, received=received)
    desk = Desk().verified().do(found, step)
    decision = desk.case.decision
    assert isinstance(decision, CaseDecided)
    return decision


def reply_of(decision: CaseDecided) -> Partial | NonDisclosure:
    withheld = withheld_of(decision, ENTRIES)
    told = grouped(decision, ENTRIES, withheld)
    whole = count_whole_records(decision, withheld)
    if lines := lines_of(ENTRIES, withheld=withheld):
        return Partial(lines, "paper", told, whole)
    return NonDisclosure(told, whole)


def withholding(
    record: object, ground: str = ONE, *items: str, reason: str = "理由一"
) -> WithheldPart:
    return WithheldPart(cast("Any", record), ground, reason, items, CAUSES[ground])


# -- the slow and obvious form ---------------------------------------------------------------------


def shown(entry: HistoryEntry, withheld: Sequence[WithheldPart]) -> dict[str, Json]:
    """The items of a record less those that any withholding names; empty: nothing is left."""
    own = [one for one in withheld if one.record == entry.transfer]
    if any(not one.items for one in own):
        return {}
    names = {name for one in own for name in one.items}
    left: dict[str, Json] = {}
    for code, value in statutory_items(entry):
        if code in names or value is None:
            continue
        kept = value
        if code == "ITEMS":
            kept = [one for one in cast("list[Json]", value) if one not in names]
        if kept != []:
            left[code] = kept
    return left


def is_twice(withheld: Sequence[WithheldPart]) -> bool:
    """Whether two on one record and ground withhold the same value, or one is the whole record."""
    return any(
        (one.record, one.ground) == (other.record, other.ground)
        and (not one.items or not other.items or bool(values_of(one) & values_of(other)))
        for one, other in combinations(withheld, 2)
    )


def values_of(one: WithheldPart) -> set[str]:
    """Every item and name of data that it takes out of its record, one by one."""
    [entry] = [entry for entry in ENTRIES if entry.transfer == one.record]
    return {*one.items} | ({*entry.items} if "ITEMS" in one.items else set())


def of_line(line: ReplyLine) -> dict[str, Json]:
    return {one.code: one.value for one in line.items if one.value not in (None, [])}


@st.composite
def withholdings(draw: st.DrawFn) -> list[WithheldPart]:
    found: list[WithheldPart] = []
    for _ in range(draw(st.integers(1, 7))):
        record = draw(st.sampled_from(list(HELD_BY)))
        items = draw(
            st.lists(st.sampled_from(HELD_BY[record]), max_size=6, unique=True)
            | st.just(HELD_BY[record])
        )
        ground = draw(st.sampled_from((ONE, TWO, THREE)))
        reason = draw(st.sampled_from(("理由一", "理由二")))
        found.append(withholding(record, ground, *items, reason=reason))
    return found


@given(withholdings())
@settings(deadline=None)
def test_what_is_left_is_what_no_ground_withholds(withheld: list[WithheldPart]) -> None:
    if is_twice(normalize_withheld(withheld, ENTRIES)):
        with pytest.raises(MalformedError) as error:
            decided(withheld)
        assert {one.code for one in error.value.defects} == {"RECORD_TWICE"}
        return
    decision = decided(withheld)
    reply = reply_of(decision)
    lines = reply.lines if isinstance(reply, Partial) else ()
    left = [found for one in ENTRIES if (found := shown(one, withheld))]
    assert [of_line(line) for line in lines] == left
    # Every record is shown, wholly or in part, or withheld; once.
    assert decision.disclosed == len(left)
    assert decision.outcome == ("partial_disclosure" if left else "non_disclosure")
    told = [(one.ground, one.reason) for one in reply.withheld]
    assert told == list(dict.fromkeys((one.ground, one.reason) for one in withheld))
    gone = [one.transfer for one in ENTRIES if not shown(one, withheld)]
    is_again = any(sum(one.record == record for one in withheld) > 1 for record in gone)
    assert reply.whole_records == (len(gone) if is_again else None)
    if not is_again:
        assert sum(one.provided + one.received for one in reply.withheld) == len(gone)


def test_all_records_on_two_grounds_each_are_a_non_disclosure() -> None:
    decision = decided([withholding(record, ground) for record in HELD_BY for ground in (ONE, TWO)])
    assert (decision.outcome, decision.disclosed) == ("non_disclosure", 0)
    reply = reply_of(decision)
    assert isinstance(reply, NonDisclosure)
    assert [(one.provided, one.received) for one in reply.withheld] == [(2, 1), (2, 1)]
    assert reply.whole_records == 3


TWICE: dict[str, tuple[WithheldPart, WithheldPart]] = {
    "the same": (withholding(FIRST), withholding(FIRST)),
    "for another reason": (withholding(FIRST), withholding(FIRST, reason="理由二")),
    "the same items": (
        withholding(FIRST, ONE, "ITEMS", "CONSENT"),
        withholding(FIRST, ONE, "CONSENT", "ITEMS"),
    ),
    "one item of several again": (
        withholding(FIRST, ONE, "ITEMS"),
        withholding(FIRST, ONE, "ITEMS", "COUNTERPARTY", reason="理由二"),
    ),
    "a name of data beside all of them": (
        withholding(FIRST, ONE, "氏名", "CONSENT"),
        withholding(FIRST, ONE, "ITEMS"),
    ),
    "all data beside a name of them": (
        withholding(FIRST, ONE, "ITEMS"),
        withholding(FIRST, ONE, "氏名"),
    ),
    "an item of a whole": (withholding(FIRST), withholding(FIRST, ONE, "ITEMS")),
    "a whole of an item": (withholding(FIRST, ONE, "ITEMS"), withholding(FIRST)),
    "every item is the whole": (
        withholding(FIRST, ONE, "ITEMS"),
        withholding(FIRST, ONE, *HELD_BY[FIRST]),
    ),
}


@pytest.mark.parametrize("name", TWICE)
def test_on_one_ground_nothing_is_withheld_twice(name: str) -> None:
    with pytest.raises(MalformedError) as error:
        decided([withholding(SECOND), *TWICE[name]])
    assert [(one.pointer, one.code) for one in error.value.defects] == [
        ("/withheld/2/record", "RECORD_TWICE")
    ]


def test_other_items_on_one_ground_have_a_reason_of_their_own() -> None:
    apart = (withholding(FIRST, ONE, "氏名"), withholding(FIRST, ONE, "住所", reason="理由二"))
    assert decided([*apart, withholding(FIRST, ONE, "CONSENT")]).disclosed == 3
