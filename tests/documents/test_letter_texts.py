"""Whatever stands in a text of a letter is printed as it is, or the letter is refused by name."""

import re
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from api.documents import UnprintableTextError
from api.documents.letters import letter_pdf
from ledger.cases.letters.contents import (
    LetterWithholding,
    Partial,
    Supplement,
)
from ledger.cases.letters.letter import Addressee, Letter
from ledger.cases.letters.lines import lines_of
from tests.documents import hostile, replies
from tests.documents.read_letters import flat_text, read
from tests.ledger import given as made
from tests.matrix import every


def everywhere(text: str) -> Letter:
    """A letter with `text` in every member that is written by a person or a sender."""
    data = made.received(counterparty=replies.party(text, address=text, representative=text))
    data |= {"acquisition": text, "items": [text, "氏名"]}
    data["principals"] = [{"scheme": "member", "id": "P1", "name": text}]
    entries = [*replies.provided(1), replies.entry(2, data)]
    lines = lines_of(entries, withheld={UUID(int=1): {"ITEMS"}}, current_name=f"{text}。")
    withheld = LetterWithholding("ART33_2_I", text, parts=((1, "ITEMS"),))
    reply = Partial(lines, "electronic", (withheld,))
    return replies.letter(
        Supplement("2026-000087", date(2026, 7, 1), text, text, reply),
        addressee=Addressee("100-0001", text, text, represents=text),
        asked=replace(replies.ASKED, form=text),
    )


PLACES = 15
"""How often `everywhere` prints its text."""


TEXTS = [*hostile.PRINTED.values()]


@every("first", range(0, len(TEXTS), 3))
def test_hostile_texts_are_printed_as_they_are(first: int) -> None:
    texts = TEXTS[first : first + 3]
    reader = read(everywhere("\n".join(texts)))
    shown = flat_text(reader)
    for one in texts:
        assert shown.count(re.sub(r"\s", "", one)) == PLACES, one
    assert set(reader.attachments) == {"records.csv", "records.json"}
    assert all("/Annots" not in page for page in reader.pages)


@pytest.mark.parametrize("what", hostile.REFUSED)
def test_a_letter_with_what_cannot_be_printed_is_refused_by_name(what: str) -> None:
    text, character = hostile.REFUSED[what]

    with pytest.raises(UnprintableTextError) as refused:
        letter_pdf(everywhere(text))
    assert set(refused.value.places.values()) == {(character,)}
    assert "/content/reply/lines/1/items/1/value/name" in refused.value.places
    assert text not in str(refused.value)


def test_a_record_that_only_a_file_holds_blocks_the_letter_too() -> None:
    entries = [replies.entry(n, made.data()) for n in range(1, 4)]
    bad = made.data(counterparty=replies.party("商店\ue000"))
    with pytest.raises(UnprintableTextError) as refused:
        letter_pdf(replies.full([*entries, replies.entry(4, bad)], "electronic"))
    assert list(refused.value.places) == ["/content/lines/3/items/1/value/name"]
