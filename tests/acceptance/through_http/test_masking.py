"""What the comparison of two letters must see: all that they say, and no more than is masked."""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from api.documents import letter_pdf
from ledger.cases.letters.contents import LetterWithholding, NonDisclosure, Partial
from ledger.cases.letters.files import content, records_csv
from ledger.cases.letters.letter import Letter
from tests.acceptance.through_http.desk import File
from tests.acceptance.through_http.documents import CSV_FILE, JSON_FILE, PDF_FILE
from tests.acceptance.through_http.documents import Letter as Sent
from tests.acceptance.through_http.masking import ALWAYS, of_letters
from tests.documents import replies

HIDDEN = LetterWithholding("ART33_2_III", "開示できない理由があるためです。", provided=1)
NONE_SHOWN = replies.letter(NonDisclosure((HIDDEN,)))
PART = replies.partial(replies.provided(2))


def file(letter: Letter) -> File:
    """A case whose only reply is this letter."""
    files = {
        PDF_FILE: letter_pdf(letter),
        JSON_FILE: content(letter),
        CSV_FILE: records_csv(letter),
    }
    return cast("File", SimpleNamespace(replies=[SimpleNamespace(letter=Sent(files))]))


def with_other_reasons(letter: Letter) -> Letter:
    said = cast("Partial", letter.content)
    told = tuple(replace(one, reason="まったく別の理由によるためです。") for one in said.withheld)
    return replace(letter, content=replace(said, withheld=told))


def test_a_letter_is_no_other_than_itself_with_another_code_and_position() -> None:
    search = replace(replies.SEARCH, position=7)
    other = replace(PART, search=search, verification_code="0123-4567-89AB-CDEF-GHJK")
    assert [*of_letters(file(PART), file(other), ALWAYS)] == []


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (replies.NOT_EXIST, NONE_SHOWN),
        (PART, with_other_reasons(PART)),
        (PART, replies.full(replies.provided(2))),
    ],
    ids=["none and none shown", "other reasons", "whole"],
)
def test_letters_that_say_something_else_are_told_apart(left: Letter, right: Letter) -> None:
    assert JSON_FILE in of_letters(file(left), file(right), ALWAYS | {"dates", "addressee"})
