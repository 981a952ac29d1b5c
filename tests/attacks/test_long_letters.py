"""A reply of many records at the bound of texts is set in documents that the typesetter can hold.

Attack: an emitter records hundreds of transfers about one person, each with texts at the bound of
20,000 characters. Their rows are few, their letter is long: set as one document it takes more
memory than the typesetter may have, each time, and the person gets no reply on paper.

Held off by: a document ends at 10,000 rows or at `api.documents.annexes.CHARACTERS_MAX` characters,
whichever comes first; the next one goes on, in order, in a job of its own. A row that is longer has
a document alone.
"""

from io import BytesIO
from itertools import pairwise
from typing import Any, Final, cast

import pytest
from pypdf import PdfReader

from api.documents import annexes, process
from api.documents.annexes import CHARACTERS_MAX, ROWS_MAX, annexes_of, parts_of
from api.documents.process import Renderer
from ledger.cases.letters.contents import Full, Medium
from ledger.cases.letters.letter import Letter
from ledger.cases.letters.lines import lines_of
from tests.documents import replies
from tests.ledger import given

LONG: Final = "漢字" * 9_900
LINES: Final = "あ\n" * 9_900


def long_letter(texts: list[str], medium: Medium = "paper") -> Letter:
    entries = [
        replies.entry(
            n, given.data(counterparty=replies.party(f"第{n}青空商事株式会社"), items=[one])
        )
        for n, one in enumerate(texts, 1)
    ]
    return replies.letter(Full(lines_of(entries), medium))


def cells_of(letter: Letter, part: int) -> list[list[str]]:
    tables: Any = annexes_of(letter, part).tables
    return [row["cells"] for table in tables for row in table["rows"]]


@pytest.mark.parametrize("medium", ["paper", "electronic"])
def test_no_document_of_a_letter_has_more_characters_than_can_be_set(medium: str) -> None:
    letter = long_letter([f"{LONG}{n}" for n in range(160)], cast("Medium", medium))
    parts = [cells_of(letter, part) for part in range(1, parts_of(letter) + 1)]
    assert len(parts) == 3
    sizes = [sum(len(cell) for row in rows for cell in row) for rows in parts]
    assert max(sizes) <= CHARACTERS_MAX
    assert all(one + other > CHARACTERS_MAX for one, other in pairwise(sizes))
    numbers = [row[0] for rows in parts for row in rows]
    assert numbers == [str(n) for n in range(1, 161)]


def test_lines_count_as_the_room_that_they_take() -> None:
    assert parts_of(long_letter([f"{LINES}{n}" for n in range(14)])) == 2


def test_what_is_printed_by_its_code_points_is_counted_as_it_is_printed() -> None:
    count = CHARACTERS_MAX // 19_000 - 1
    assert parts_of(long_letter(["字" * 19_000] * count)) == 1
    assert parts_of(long_letter(["\U000f0000" * 19_000] * count)) >= 10


def test_a_row_that_is_longer_than_a_document_has_one_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(annexes, "CHARACTERS_MAX", 1_000)
    letter = long_letter(["品目", "字" * 2_000, "所在"])
    numbers = [[row[0] for row in cells_of(letter, part)] for part in range(1, 4)]
    assert (parts_of(letter), numbers) == (3, [["1"], ["2"], ["3"]])


def test_as_many_ordinary_rows_as_a_document_holds_stay_one_document() -> None:
    letter = replies.full([*replies.provided(20), *replies.received(20)])
    rows = cells_of(letter, 1)
    counted = sum(len(cell) + 9 * cell.count("\n") for row in rows for cell in row)
    assert counted / len(rows) * ROWS_MAX < CHARACTERS_MAX


def test_a_long_letter_is_set_as_several_documents_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = (
        "from api.documents import annexes; from api.documents.worker import main;"
        " annexes.CHARACTERS_MAX = 9_000; main()"
    )
    monkeypatch.setattr(process, "_PROGRAM", program)
    monkeypatch.setattr(annexes, "CHARACTERS_MAX", 9_000)
    renderer = Renderer()
    try:
        made = renderer.reply(long_letter([f"{'漢字' * 2_000}{n}" for n in range(5)]))
    finally:
        renderer.close()
    texts = [_text(one) for one in (made.pdf, *made.further)]
    assert "別紙が長いため、別紙を3冊に分けました" in texts[0]
    assert "電磁的記録媒体によりお送りします" not in texts[0]
    assert made.annexes == (
        "別紙1　当社が提供した記録",
        *("別紙1　当社が提供した記録（続き）" for _ in range(2)),
    )
    for n in range(1, 6):
        there = [f"第{n}青空商事株式会社" in text for text in texts]
        assert there == [part == (n - 1) // 2 for part in range(3)]


def _text(pdf: bytes) -> str:
    pages = PdfReader(BytesIO(pdf)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)
