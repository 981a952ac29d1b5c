"""What a letter cannot be, and which lines a reply has."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cases.letters.contents import (
    CorrectionLetter,
    Full,
    LetterMeasure,
    LetterWithholding,
    MeasuresLetter,
    MethodChange,
    NonDisclosure,
    NotExist,
    PaperFault,
    Partial,
    Procedural,
    Supplement,
)
from ledger.cases.letters.files import content, records_csv
from ledger.cases.letters.letter import Letter, RequestSummary
from ledger.cases.letters.lines import lines_of
from ledger.streams.history import HistoryEntry, entry_of
from tests.documents import replies
from tests.ledger import given as made

LINES = lines_of(replies.provided(2))
GROUND = LetterWithholding("ART33_2_I", replies.REASON, provided=1)
TAKEN = LetterMeasure("provision_stopped", date(2026, 11, 25))
PART = LetterWithholding("ART33_2_I", replies.REASON, parts=((1, "ITEMS"),))
NEVER: dict[str, Callable[[], object]] = {
    "a disclosure of nothing": lambda: Full((), "paper"),
    "numbers with a gap": lambda: Full((LINES[1],), "paper"),
    "received before provided": lambda: Full(
        (replace(LINES[0], side="received"), LINES[1]), "paper"
    ),
    "a partial disclosure that withholds nothing": lambda: Partial(LINES, "paper", ()),
    "a part told as withheld that is there": lambda: Partial(LINES, "paper", (PART,)),
    "a part that is missing and not told": lambda: Full(
        lines_of(replies.provided(1), withheld={UUID(int=1): {"ITEMS"}}), "paper"
    ),
    "a refusal of parts": lambda: NonDisclosure((PART,)),
    "a refusal of nothing": lambda: NonDisclosure(()),
    "another ground": lambda: LetterWithholding("IDENTITY", replies.REASON, provided=1),
    "a withholding without a reason": lambda: LetterWithholding("ART33_2_I", " ", provided=1),
    "a withholding of nothing": lambda: LetterWithholding("ART33_2_I", replies.REASON),
    "a negative count": lambda: LetterWithholding(
        "ART33_2_I", replies.REASON, provided=-1, received=1
    ),
    "an unknown fault": lambda: PaperFault("TOO_SLOW"),
    "a correction of nothing": lambda: CorrectionLetter((), date(2026, 12, 25)),
    "a procedural refusal without a fault": lambda: Procedural("", "", ()),
    "a change of method without a reason": lambda: MethodChange("\n"),
    "a supplement that changes nothing": lambda: Supplement(
        "2026-1", date(2026, 7, 1), "", "理由", NotExist()
    ),
    "an outcome that is none": lambda: MeasuresLetter("perhaps"),
    "measures that are none": lambda: MeasuresLetter("taken"),
    "measures that are not taken": lambda: MeasuresLetter("not_taken", (TAKEN,), "理由"),
    "no measure for no reason": lambda: MeasuresLetter("not_taken", (), " "),
    "measures on a search": lambda: replace(
        replies.letter(MeasuresLetter("taken", (TAKEN,))), search=replies.SEARCH
    ),
    "a request for nothing": lambda: RequestSummary(
        replies.AT.date(), "", provided=False, received=False
    ),
    "a period that ends before it begins": lambda: RequestSummary(
        replies.AT.date(), "", first_day=date(2026, 2, 1), last_day=date(2026, 1, 1)
    ),
    "a case number with a space": lambda: replace(replies.NOT_EXIST, case_number="2026 1"),
    "a short verification code": lambda: replace(replies.NOT_EXIST, verification_code="7H3K"),
    "a code with a letter that looks like a figure": lambda: replace(
        replies.NOT_EXIST, verification_code="OH3K-0QZX-M2P9-WV4T-8N6R"
    ),
    "a result without a search": lambda: replace(replies.NOT_EXIST, search=None),
    "a search where none was made": lambda: replace(
        replies.OTHERS["PROCEDURAL"], search=replies.SEARCH
    ),
    "a line of a side that was not asked for": lambda: replace(
        replies.full(replies.provided(1)), asked=replace(replies.ASKED, provided=False)
    ),
    "an entry that belongs to no reply": lambda: lines_of(
        [replies.entry(1, made.data(basis="exempt_27_1_i", consent=None))]
    ),
    "a record withheld that is not there": lambda: lines_of([], withheld={UUID(int=1): None}),
    "an item withheld that is not there": lambda: lines_of(
        replies.provided(1), withheld={UUID(int=1): {"病歴"}}
    ),
}


@pytest.mark.parametrize("what", NEVER)
def test_there_is_no_such_letter(what: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        NEVER[what]()


def test_lines_stand_in_the_order_of_the_vocabulary() -> None:
    undated = replies.entry(1, made.data(transferred_on=None, date_not_recorded=True))
    late, early = replies.opted_out([date(2026, 5, 2), date(2026, 5, 1)], first=2)
    same_day = replies.opted_out([date(2026, 5, 1)], first=9)
    entries = [*replies.received(1), undated, late, *same_day, early]

    lines = lines_of(entries)

    assert [line.number for line in lines] == [1, 2, 3, 4, 5]
    assert [line.side for line in lines] == ["provided"] * 4 + ["received"]
    days = [item.value if (item := line.item("DATE")) else None for line in lines]
    assert days == ["2026-05-01", "2026-05-01", "2026-05-02", None, None]


def test_a_new_name_is_a_note_and_the_recorded_one_stays() -> None:
    named = made.data()
    named["principals"] = [{"scheme": "member", "id": "P1", "name": "旧姓 花"}]
    entries = [replies.entry(1, named), replies.entry(2, made.data())]
    lines = lines_of(entries, current_name="新姓 花")

    assert [line.current_name for line in lines] == ["新姓 花", None]
    assert [line.current_name for line in lines_of(entries, current_name="旧姓 花")] == [None, None]
    assert "旧姓 花" in repr(lines[0].item("PRINCIPAL"))


# -- Order 11 and other persons ----------------------------------------------------------------


def seen(marks: list[int]) -> list[HistoryEntry]:
    """The entries of one record for each mark of Order 11; 0: not excluded."""
    found: list[HistoryEntry] = []
    for number, mark in enumerate(marks, 1):
        event = made.recorded(made.data(), order_11=mark)
        entry = entry_of(made.facts([event], UUID(int=number), number), replies.is_own)
        found.extend([entry] if entry else [])
    return found


def answered(entries: list[HistoryEntry]) -> Letter:
    lines = lines_of(entries)
    return replies.letter(Full(lines, "electronic") if lines else NotExist())


@given(st.lists(st.integers(0, 4), max_size=8))
def test_an_excluded_record_changes_no_byte_of_a_reply(marks: list[int]) -> None:
    # Positions differ where a record was excluded; no letter tells one of a record.
    with_excluded = answered(seen(marks))
    without = answered(seen([mark for mark in marks if not mark]))

    assert content(with_excluded) == content(without)
    assert records_csv(with_excluded) == records_csv(without)


@given(st.lists(st.sampled_from(["P1", "Q-2", "Q-3", "Q-4"]), min_size=1, max_size=4, unique=True))
def test_nobody_else_of_a_transfer_stands_in_a_reply(people: list[str]) -> None:
    if "P1" not in people:
        people.append("P1")
    reply = answered([replies.entry(1, made.data(*people))])

    assert b"P1" in content(reply)
    assert b"Q-" not in content(reply) + records_csv(reply)
