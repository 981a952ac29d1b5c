"""What stands on paper for a rare kanji is that kanji, by its outline and not by a reader's text.

A file says beside its glyphs what they stand for. A wrong glyph with the right word beside it reads
well and shows another person's name.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from fontTools.ttLib import TTFont  # pyright: ignore[reportMissingTypeStubs] -- it ships none
from pypdf import PdfReader

from api.documents import font
from api.documents.letters import letter_pdf
from ledger.policies.substitutes import clusters
from tests.documents import replies
from tests.documents.outlines import Outline, drawn, missing, printed
from tests.documents.read_letters import flat_text

PAIRS = {
    "a ladder": ("髙", "高"),
    "a standing one": ("﨑", "崎"),
    "earth over mouth, beyond the basic plane": ("𠮷", "吉"),
    "a variation of Adobe-Japan1": ("邉\U000e0101", "邉"),
    "another variation of the same": ("邉\U000e0102", "邉\U000e0101"),
    "a variation in daily use": ("葛\U000e0100", "葛"),
    "shinjitai": ("濵", "浜"),
}
USUAL = "邉\U000e0100"
"""With the selector that names the very form which is printed without one."""
ALL = list(dict.fromkeys([*(one for pair in PAIRS.values() for one in pair), USUAL]))
NAME = "".join(ALL)


def letter_to(name: str) -> PdfReader:
    """A reply in which `name` is the addressee's, in the record and another party's."""
    data = replies.given.data(counterparty=replies.party(name))
    data["principals"] = [{"scheme": "member", "id": "P1", "name": name}]
    made = replies.full([replies.entry(1, data)])
    made = replace(made, addressee=replace(replies.ADDRESSEE, name=name))
    return PdfReader(BytesIO(letter_pdf(made)), strict=True)


def looks(reader: PdfReader, name: str) -> list[Mapping[str, Outline]]:
    """Character → how it looks, for each place where the name stands."""
    places = printed(reader, name)
    return [dict(zip(clusters(name), place, strict=True)) for place in places]


@cache
def set_letter() -> PdfReader:
    return letter_to(NAME)


@cache
def on_paper() -> list[Mapping[str, Outline]]:
    """The characters at each of the four places of the name."""
    found = looks(set_letter(), NAME)
    assert len(found) == 4, "a reader does not find the name where it must stand"
    return found


@cache
def of_the_font() -> Mapping[str, Outline]:
    """Character → the outline that the font's own tables have for it; nothing of it is set."""
    with TTFont(font.path(), lazy=True) as known:
        table: Any = known["cmap"]
        usual: dict[int, str] = table.getBestCmap()
        uvs: Any = next(one for one in table.tables if one.format == 14).uvsDict
        glyphs: Any = known.getGlyphSet()
        found: dict[str, Outline] = {}
        for one in ALL:
            base, selector = ord(one[0]), one[1:]
            other = dict(uvs[ord(selector)])[base] if selector else None
            found[one] = drawn(glyphs[other or usual[base]])
        return found


@pytest.mark.parametrize("what", PAIRS)
def test_two_characters_that_are_two_names_look_different_on_paper(what: str) -> None:
    one, other = PAIRS[what]
    lacking = missing(set_letter())

    for place in on_paper():
        assert place[one] != place[other]
        for outline in (place[one], place[other]):
            assert outline
            assert outline not in lacking


@pytest.mark.parametrize("char", ALL)
def test_what_is_drawn_is_what_the_font_has_for_that_character(char: str) -> None:
    for place in on_paper():
        assert place[char] == of_the_font()[char]


def relabelled(reader: PdfReader, char: str, said: str) -> PdfReader:
    """The same glyphs; where a reader found `char`, it finds `said`."""
    old, new = (f"<{one.encode('utf-16-be').hex().upper()}>".encode() for one in (char, said))
    for page in reader.pages:
        resources: Any = page["/Resources"]
        for one in resources["/Font"].values():
            table = one.get_object()["/ToUnicode"].get_object()
            table.set_data(table.get_data().replace(old, new))
    return reader


@pytest.mark.parametrize("what", PAIRS)
def test_a_wrong_glyph_with_the_right_word_beside_it_is_seen_here_and_by_no_reader(
    what: str,
) -> None:
    one, other = PAIRS[what]
    name = f"甲{one}乙"
    wrong = relabelled(letter_to(f"甲{other}乙"), other, one)

    assert flat_text(wrong).count(name) == 4
    for place in looks(wrong, name):
        assert place[one] == of_the_font()[other]
        assert place[one] != of_the_font()[one]
