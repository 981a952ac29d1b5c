"""A long word stays on the page, in its line, its cell and its window, and is read as it was."""

import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any
from unicodedata import normalize
from uuid import UUID

import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st
from pypdf import PdfReader

from api.documents.address import NAGA_3, Window, address_sheet_pdf
from api.documents.certificate import certificate_pdf
from api.documents.letters import letter_pdf
from ledger.cases.events.measures import ItemAnswered
from ledger.cases.letters.contents import (
    CorrectionLetter,
    LetterMeasure,
    LetterWithholding,
    MeasureAnswer,
    MeasuresLetter,
    MethodChange,
    NotExist,
    PaperFault,
    Partial,
    Supplement,
)
from ledger.cases.letters.letter import Addressee, Issuer, Letter
from ledger.cases.letters.lines import lines_of
from ledger.streams.history import HistoryEntry, entry_of
from tests.documents import others, plans, replies
from tests.documents.boxes import Run, boxes_of, cut_or_covered
from tests.documents.read_letters import SHEET
from tests.ledger import given
from tests.rounds import rounds

MM = 72 / 25.4
WORDS = {
    "an id of a device": "5f8a3c0e9b7d46f1a2c4e6b8d0f1a3c5e7092b4d6f8a0c1e3b5d7f9a1c2e4f60",
    "the widest letters": "W" * 120,
    "what a line holds but no cell": "W" * 29,
    "letters with accents": "ÀÉÎÕÜ" * 24,
    "letters among kanji": "株式会社" + "A" * 60 + "商事",
    "closing signs": "）" * 60,
    "full stops": "。" * 60,
    "half-width kana": "ｧｰ" * 30,
    "kanji held together": "日\u00a0" * 60 + "日",
    "a kanji behind an opening sign": "‑「日/\u00a0「「‑」ッッ",
    "kanji behind dashes": "‑日…‑日……‑‑",
    "closing signs behind spaces": "） ・/・ ）・/））））・",
    "nothing but closing signs and spaces": "） " * 20 + "）",
    "a kana between signs": "@」、％「あ・〒…¥（）～’？@",
    "repeat marks of kana": "ゝ』ゝゝ』々』ゝ",
}


def entry(number: int, content: dict[str, Any]) -> HistoryEntry:
    facts = given.facts([given.recorded(content)], UUID(int=number), number)
    made = entry_of(facts, lambda _: True)
    assert made is not None
    return made


def with_records(word: str) -> Letter:
    party = replies.party(word, address=word, representative=word)
    who = {"scheme": "member", "id": word, "name": word}
    more: dict[str, Any] = {"counterparty": party, "principals": [who], "items": [word, "氏名"]}
    opted: dict[str, Any] = {"basis": "opt_out_27_2", "notice_id": "OO", "consent": None}
    entries = [
        entry(1, given.data(**more)),
        entry(2, given.data(**more, **opted)),
        entry(3, {**given.received(**more), "acquisition": word}),
    ]
    lines = lines_of(entries, withheld={entries[1].transfer: None}, current_name="今 の名")
    why = LetterWithholding("ART33_2_I", word, provided=1)
    return replies.letter(Partial(lines, "paper", (why,)))


def with_addressee(word: str) -> Letter:
    place = replies.ISSUER.desk
    desk = replace(place, name=word, address=word, email=word)
    return replace(
        replies.NOT_EXIST,
        addressee=Addressee("100-0001", word, word, word),
        issuer=Issuer(word, word, word, desk),
    )


def with_answer(word: str) -> Letter:
    told = (ItemAnswered("purposes", word),)
    said = MeasureAnswer("taken_in_part", (), told, ("public_duty",), word)
    return replies.letter(said, asked=others.PURPOSE)


def with_measures(word: str) -> Letter:
    said = MeasuresLetter(
        "taken_in_part", (LetterMeasure("provision_stopped", others.DAY, word),), word
    )
    return replies.letter(said, asked=others.STOP)


LETTERS_OF: dict[str, Callable[[str], Letter]] = {
    "records": with_records,
    "addressee and issuer": with_addressee,
    "measures": with_measures,
    "answer": with_answer,
    "method": lambda word: replies.letter(MethodChange(word)),
    "correction": lambda word: replies.letter(
        CorrectionLetter((PaperFault("MY_NUMBER_SHOWN", word),), others.DAY, (word,))
    ),
    "supplement": lambda word: replies.letter(Supplement(word, others.DAY, word, word, NotExist())),
}
"""Where the word stands → the letter with it in every such place."""
FEW = (
    "an id of a device",
    "the widest letters",
    "what a line holds but no cell",
    "full stops",
    "kanji held together",
)
PLACES = [(what, word) for what in LETTERS_OF for word in (WORDS if what == "records" else FEW)]


def squeezed(text: str) -> str:
    """Without white space. Some signs share a glyph, which is read as one of them."""
    return re.sub(r"\s", "", normalize("NFKC", text)).replace("\u2010", "-")


def assert_whole(pdf: bytes, word: str, least: int) -> None:
    reader = PdfReader(BytesIO(pdf), strict=True)
    text = squeezed("".join(page.extract_text() for page in reader.pages))
    assert [found for page in reader.pages for found in cut_or_covered(page)] == []
    assert text.count(squeezed(word)) >= least


@pytest.mark.parametrize(("what", "word"), PLACES)
def test_a_long_word_stays_in_its_place_and_is_read_as_it_was(what: str, word: str) -> None:
    assert_whole(letter_pdf(LETTERS_OF[what](WORDS[word])), WORDS[word], 1)


SIGNS = st.sampled_from("Wié0-./@_:（）。「」、ーッ々…・―‑\u00a0日あ ")


@settings(max_examples=rounds(20))
@every(st.text(SIGNS, min_size=10, max_size=120).map(str.strip).filter(bool))
def test_no_text_at_all_leaves_its_place(text: str) -> None:
    assert_whole(letter_pdf(with_records(text)), text, 1)


@pytest.mark.parametrize("word", FEW)
def test_a_long_name_of_a_ledger_stays_in_its_place(word: str) -> None:
    made = plans.certified(plans.facts(plans.keys(1), plans.keys(1)), ledger=WORDS[word])
    assert_whole(certificate_pdf(made), WORDS[word], 2)


@pytest.mark.parametrize("window", [NAGA_3, Window(100, 60, 80, 40)])
@pytest.mark.parametrize("word", [*map(WORDS.get, FEW), "千代田区" * 50])
def test_a_long_address_stays_in_the_window(word: str, window: Window) -> None:
    to = Addressee("100-0001", word, word)
    made = address_sheet_pdf(replace(SHEET, addressee=to, window=window))
    page = PdfReader(BytesIO(made), strict=True).pages[0]
    # The runs of the window come first: behind it there is room before the title.
    below = float(page.mediabox.height) - (window.top + window.height) * MM
    head = float(page.mediabox.height) - window.top * MM
    shown = [one for one in boxes_of(page) if isinstance(one, Run) and below - 20 < one.y < head]

    assert_whole(made, word, 2)
    assert len(shown) >= 4
    for run in shown:
        assert run.y >= below
        assert run.left >= window.left * MM - 0.1
        assert run.right - run.size / 2 <= (window.left + window.width) * MM + 0.1
