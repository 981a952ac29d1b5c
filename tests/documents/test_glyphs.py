"""What the font cannot print is refused before anything is printed."""

import re
from itertools import pairwise
from pathlib import Path
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.documents import FontError, UnprintableTextError, certificate_pdf
from api.documents.font import path, repertoire, verified
from api.documents.glyphs import check_printable
from tests.documents import plans

PRINTABLE = {
    "kana, kanji, Latin, figures": "第三者提供記録 ABC abc 0123 ａｂｃ ｱｲｳ",
    "rare kanji": "髙橋﨑山德濵栁",
    "beyond the basic plane": "𠮷野家 𡈽𣘺𠀋",
    "a variation sequence of Adobe-Japan1": "渡邉\U000e0100",
    "a standardised compatibility form": "神\ufa19",
    "an ideographic space and a line break": "一　行\n二 行",
    "a letter and a mark that the font has as one": "Thi\u0323 E\u0302\u0323",
    "a letter and a mark that the font draws as one": "か\u309a M\u0300 E\u0302\u0304",
    "a mark over a character as wide as a kanji": "高\u20dd 葛\u302a 々\u3099",
    "nothing": "",
}
UNPRINTABLE = {
    "a character that the font lacks": ("山\U0001f600", ("\U0001f600",)),
    "a variation sequence of another collection": ("渡邉\U000e010f", ("邉\U000e010f",)),
    "a selector behind a letter": ("A\U000e0100", ("A\U000e0100",)),
    "a selector alone": ("\U000e0100", ("\U000e0100",)),
    "two selectors": ("邉\U000e0100\U000e0101", ("\U000e0101",)),
    "an emoji selector": ("\u2764\ufe0f", ("\u2764\ufe0f",)),
    "a letter with a mark that the font lacks": ("Ai\u0331B", ("i\u0331",)),
    "a mark that the font would put over the next letter": ("x\u0301n", ("x\u0301",)),
    "one of two such marks": ("E\u0323\u0301n", ("E\u0323\u0301",)),
    "a mark for kanji beside a narrow letter": ("A\u20dd", ("A\u20dd",)),
    "a mark behind another mark": ("あ\u3099\u302a", ("あ\u3099\u302a",)),
    "a mark alone": ("\u0301A", ("\u0301",)),
    "a mark behind a space": ("A \u0301B", ("\u0301",)),
    "a compatibility ideograph, for its kanji": ("\ufa70", ("\ufa70",)),
    "a character of private use": ("山\ue000", ("\ue000",)),
    "a character that turns the text around": ("甲\u202e乙", ("\u202e",)),
    "an invisible character": ("甲\u200b乙", ("\u200b",)),
    "a control character": ("甲\x00乙", ("\x00",)),
    "a tab": ("甲\t乙", ("\t",)),
    "a character that nobody assigned": ("甲\U0003ffff", ("\U0003ffff",)),
    "several, each once": ("\ue000\ue001\ue000", ("\ue000", "\ue001")),
}


@pytest.mark.parametrize("what", PRINTABLE)
def test_is_printed(what: str) -> None:
    check_printable({"text": PRINTABLE[what]})


@pytest.mark.parametrize("what", UNPRINTABLE)
def test_is_refused(what: str) -> None:
    text, bad = UNPRINTABLE[what]

    with pytest.raises(UnprintableTextError) as refused:
        check_printable({"lines": ["甲", {"name": text}], "count": 3, "open": True})
    assert refused.value.places == {"/lines/1/name": bad}
    assert text not in str(refused.value)


def passes(text: str) -> bool:
    try:
        check_printable(text)
    except UnprintableTextError:
        return False
    return True


@given(st.text(max_size=20))
def test_a_text_passes_only_when_each_of_its_characters_does(text: str) -> None:
    if all(passes(char) for char in text):
        assert passes(text)
    elif passes(text):
        # Only a selector or a mark may need the character before it.
        selectors = {selector for _, selector in repertoire().variations}
        assert all(
            passes(char) or ord(char) in selectors or category(char)[0] == "M" for char in text
        )


PIECES = (
    "山",
    "邉",
    "A",
    "一\n",
    "\U000e0100",
    "\U000e010f",
    "\ufe00",
    "\ue000",
    "\u202e",
    "\U0001f600",
)


@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_a_selector_passes_behind_a_character_that_has_it_and_nothing_else_changes(
    text: str,
) -> None:
    font = repertoire()
    pairs = [one + two for one, two in pairwise(text) if (ord(one), ord(two)) in font.variations]
    # All at once: where one pair goes, what stood around it must not become another.
    left = re.sub("|".join(map(re.escape, pairs)), "", text) if pairs else text
    bad = {*left} - {"山", "邉", "A", "一", "\n"}
    assert passes(text) == (not bad)


def test_a_certificate_of_a_ledger_whose_name_cannot_be_printed_is_refused() -> None:
    made = plans.certified(plans.facts([], []), ledger="台帳\U0001f600")

    with pytest.raises(UnprintableTextError):
        certificate_pdf(made)


def test_the_font_is_the_one_that_was_measured() -> None:
    font = repertoire()

    assert path().name == "NotoSansCJKjp-Regular.otf"
    assert len(font.variations) == 14_787


def test_another_font_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "font.otf"
    other.write_bytes(b"OTTO")

    with pytest.raises(FontError):
        verified(other)
