"""A character that the font lacks is printed in the chosen form, and the letter tells it."""

import json
from dataclasses import replace
from io import BytesIO
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from api.documents import AddressSheet, UnprintableTextError, address_sheet_pdf
from api.documents.font import repertoire
from api.documents.forms import lacking
from api.documents.glyphs import Substitutes, TextSplitter, check_printable
from api.documents.letters import letter_pdf, set_letter
from api.documents.substitutes import printed_text, used
from ledger.cases.letters.contents import CorrectionLetter, NotExist
from ledger.cases.letters.files import content, json_of, records_csv
from ledger.cases.letters.letter import Letter
from ledger.policies.substitutes import AS_CODE_POINTS, OTHERS
from tests.documents import hostile, others, replies
from tests.documents.read_letters import flat_text
from tests.ledger import given as made

VARIATION, GAIJI = "邉\U000e010f", "\ue000"
INSTEAD: Substitutes = ((VARIATION, "邉"), (GAIJI, "葛"), ("甲\u200b", "甲"))
NOTE = "文字の表記について"
WHO = replace(
    replies.ADDRESSEE,
    name=f"渡{VARIATION} 花子",
    address="東京都千代田区千代田1-1-1 甲\u200b荘101",
)


def text_of(pdf: bytes) -> str:
    return flat_text(PdfReader(BytesIO(pdf), strict=True))


def to(letter: Letter) -> Letter:
    return replace(letter, addressee=WHO)


LETTERS: dict[str, Letter] = {
    **{name: to(one) for name, one in replies.OTHERS.items()},
    **{name: to(one) for name, one in others.MEASURES.items()},
    "FULL": to(replies.full(replies.provided(2))),
    "PARTIAL": to(replies.partial(replies.provided(2))),
    "SUPPLEMENT": to(replies.supplement(NotExist())),
}


@pytest.mark.parametrize("name", LETTERS)
def test_every_letter_prints_the_form_and_tells_what_was_written(name: str) -> None:
    letter = LETTERS[name]
    with pytest.raises(UnprintableTextError):
        letter_pdf(letter)
    text = text_of(letter_pdf(letter, INSTEAD))
    assert "渡邉花子様" in text
    assert "甲荘101" in text
    assert NOTE in text
    assert "邉U+9089U+E010F甲U+7532U+200B" in text
    assert "U+E000" not in text


def test_an_address_sheet_prints_it_too() -> None:
    sheet = AddressSheet(
        at=replies.AT,
        case_number="2026-000123",
        addressee=WHO,
        issuer=replies.ISSUER,
        post="簡易書留",
        registered_number=None,
        enclosures=(("回答", 2),),
    )
    with pytest.raises(UnprintableTextError):
        address_sheet_pdf(sheet)
    text = text_of(address_sheet_pdf(replace(sheet, substitutes=INSTEAD)))
    assert "渡邉花子様" in text
    assert "邉U+9089U+E010F" in text


OTHERS_TOO = (*INSTEAD, (OTHERS, AS_CODE_POINTS))


def test_what_nobody_chose_a_form_for_is_printed_by_its_code_points() -> None:
    other, variation = "\U000f0000", "\u9089\U000e0110"
    name = f"甲{other}乙{variation}丙{GAIJI}"
    entries = [replies.entry(1, made.data(counterparty=replies.party(name)))]
    letter = replies.full(entries, "electronic")
    with pytest.raises(UnprintableTextError) as refused:
        set_letter(letter, INSTEAD)
    assert {*refused.value.places.values()} == {(other, variation)}
    done = set_letter(letter, OTHERS_TOO)
    text = text_of(done.pdf)
    assert "甲〔U+F0000〕乙〔U+9089U+E0110〕丙葛" in text
    assert NOTE in text
    assert "〔U+…〕〔〕内の文字コードの文字" in text
    assert "葛U+E000" in text
    assert done.json == content(letter), "the files keep what was written"
    assert used(json_of(letter), OTHERS_TOO) == ((GAIJI, "葛"), (OTHERS, AS_CODE_POINTS))


def test_a_letter_without_such_a_character_has_the_same_bytes() -> None:
    letter = replies.full(replies.provided(3))
    assert letter_pdf(letter, INSTEAD) == letter_pdf(letter) == letter_pdf(letter, OTHERS_TOO)
    assert NOTE not in text_of(letter_pdf(letter))


def test_the_files_keep_what_was_written() -> None:
    parties = [VARIATION, GAIJI, "邉"]
    entries = [
        replies.entry(n, made.data(counterparty=replies.party(f"{one}商店")))
        for n, one in enumerate(parties, 1)
    ]
    letter = to(replies.full(entries, "electronic"))
    done = set_letter(letter, INSTEAD)
    assert done.json == content(letter)
    names = [one["items"][1]["value"]["name"] for one in json.loads(done.json)["content"]["lines"]]
    assert names == [f"{one}商店" for one in parties]
    attached = PdfReader(BytesIO(done.pdf)).attachments
    assert attached["records.json"] == [done.json]
    assert attached["records.csv"] == [records_csv(letter)]
    text = text_of(done.pdf)
    assert "添付のrecords.csv及びrecords.jsonには、もとの文字のまま収めています。" in text
    # Two names that look the same on paper are not folded into one row.
    assert text.count("邉商店") == 2
    assert "葛U+E000" in text


def test_what_no_paper_shows_needs_a_choice_and_is_not_told_on_it() -> None:
    row = made.data(counterparty=replies.party(f"{GAIJI}商店"))
    discreet = replace(
        replies.OTHERS["CORRECTION"],
        asked=replace(replies.ASKED, form=f"申請書{GAIJI}"),
    )
    assert isinstance(discreet.content, CorrectionLetter)
    discreet = replace(discreet, content=replace(discreet.content, discreet=True))
    assert NOTE not in text_of(letter_pdf(discreet, INSTEAD))
    letter = replies.full([replies.entry(1, row)])
    assert "葛U+E000" in text_of(letter_pdf(letter, INSTEAD))


def test_a_mark_that_a_form_leaves_out_is_told() -> None:
    name = "i\u0323\u0331甲\u200b"
    letter = replace(replies.NOT_EXIST, addressee=replace(WHO, name=name, address="甲"))
    with pytest.raises(UnprintableTextError) as refused:
        letter_pdf(letter, INSTEAD)
    assert refused.value.places == {"/addressee/name": ("i\u0323\u0331",)}
    text = text_of(letter_pdf(letter, (("i\u0323\u0331", "ị"), *INSTEAD)))
    assert "ị甲様" in text
    assert "ịU+0069U+0323U+0331（うちU+0331の記号は印字しておりません。）甲U+7532U+200B" in text
    assert text.count("の記号は") == 1


def test_a_selector_that_no_choice_names_is_not_given_to_the_form_before_it() -> None:
    # 邉 with U+E0100 is in the font: the text would be another one than anybody chose.
    with pytest.raises(UnprintableTextError) as refused:
        check_printable({"name": f"{GAIJI}\U000e0110\U000e0100"}, ((f"{GAIJI}\U000e0110", "邉"),))
    assert refused.value.places == {"/name": ("\U000e0100",)}


def test_hostile_forms_stay_text_and_those_that_cannot_be_printed_are_refused() -> None:
    text = "".join(hostile.PRINTED.values())
    letter = replace(replies.NOT_EXIST, addressee=replace(WHO, name=f"見本{VARIATION}"))
    shown = text_of(letter_pdf(letter, ((VARIATION, text), *INSTEAD[1:])))
    assert "".join(text.split()) in shown
    for refused, _ in hostile.REFUSED.values():
        with pytest.raises(UnprintableTextError):
            letter_pdf(letter, ((VARIATION, refused), *INSTEAD[1:]))


DOT = "\u0323"
ALPHABET = (
    *("邉", "甲", "A", "\n", "\U000e0100", "\U000e010f", "\u200b", GAIJI, "\ue001", "葛"),
    *("i", DOT, "\u0301", "ị"),
)
TEXTS = st.lists(st.sampled_from(ALPHABET), max_size=12).map("".join)
CHOICES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(ALPHABET), min_size=1, max_size=4).map("".join),
        st.sampled_from(("葛", "邉", "ị", f"i{DOT}")),
    ),
    max_size=6,
    unique_by=lambda one: one[0],
).map(lambda drawn: tuple({**dict(drawn), **dict(INSTEAD)}.items()))
SELECTORS, MARKS, UNSEEN = "\U000e0100\U000e010f", f"{DOT}\u0301", "\n\u200b"


def ends_of(text: str) -> list[int]:
    """Where a character ends: not before its selector, not before a mark of what can be seen."""
    found: list[int] = []
    start = 0
    for at in range(1, len(text) + 1):
        after, first = text[at : at + 1], text[start]
        is_selected = after in SELECTORS and at == start + 1 and first not in SELECTORS
        is_marked = after in MARKS and first not in SELECTORS + UNSEEN
        if not after or not (is_selected or is_marked):
            found.append(at)
            start = at
    return found


def is_printed(text: str) -> bool:
    """Of one character: without a mark; the font knows the place of none of these."""
    if len(text) == 2 and text[1] in SELECTORS:
        return (ord(text[0]), ord(text[1])) in repertoire().variations
    known = repertoire().characters
    return len(text) == 1 and ord(text) in known and text not in SELECTORS + MARKS


def obvious(text: str, substitutes: Substitutes) -> list[tuple[str, str | None]]:
    """At each character the longest choice that ends with a character, or the same text."""
    found: list[tuple[str, str | None]] = []
    at, ends = 0, ends_of(text)
    while at < len(text):
        piece, instead = text[at : min(end for end in ends if end > at)], None
        same = normalize("NFC", piece)
        if "\n" not in piece and not is_printed(piece) and is_printed(same):
            instead = same
        for written, form in sorted(substitutes, key=lambda one: len(one[0])):
            if text.startswith(written, at) and at + len(written) in ends:
                piece, instead = written, normalize("NFC", form)
        found.append((piece, instead))
        at += len(piece)
    return found


@given(TEXTS, CHOICES)
def test_nothing_outside_what_was_chosen_is_changed(text: str, chosen: Substitutes) -> None:
    cut = [*TextSplitter(chosen).of(text)]
    assert cut == obvious(text, chosen)
    assert "".join(piece for piece, _ in cut) == text
    expected = "".join(piece if instead is None else instead for piece, instead in cut)
    assert printed_text(text, chosen) == expected
    assert {one for one, _ in used({"a": [text]}, chosen)} == {
        written for written, _ in chosen if written in {piece for piece, _ in cut}
    }


@given(TEXTS)
def test_a_text_is_printed_exactly_when_what_is_left_of_it_is(text: str) -> None:
    left = {piece for piece, instead in TextSplitter(INSTEAD).of(text) if instead is None}
    bad = lacking(left)
    if bad:
        with pytest.raises(UnprintableTextError) as refused:
            check_printable(text, INSTEAD)
        assert set(refused.value.places[""]) == bad
    else:
        check_printable(text, INSTEAD)
        check_printable(printed_text(text, INSTEAD))
