"""The sheet whose address shows in the window of the envelope."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from api.documents.address import (
    NAGA_3,
    AddressSheet,
    Window,
    address_sheet_pdf,
    pages_of,
)
from api.documents.errors import UnprintableTextError
from api.documents.letters import letter_pdf
from tests.documents import replies
from tests.documents.read_letters import LETTERS, pdf_of

POINTS_PER_MM = 72 / 25.4
A4_HEIGHT_POINTS = 297 * POINTS_PER_MM
SHEET = AddressSheet(
    at=replies.AT,
    case_number="2026-000123",
    addressee=replies.ADDRESSEE,
    issuer=replies.ISSUER,
    post=replies.PROCEDURE.reply_media_on(replies.AT.date()).post,
    registered_number="123-45-67890-1",
    enclosures=(("第三者提供記録の開示について", 4), ("開示の方法の変更について", 1)),
)


def page(sheet: AddressSheet) -> Any:  # noqa: ANN401 -- a PDF object
    reader = PdfReader(BytesIO(address_sheet_pdf(sheet)), strict=True)
    assert len(reader.pages) == 1
    return reader.pages[0]


def test_the_sheet_says_to_whom_by_which_post_and_what_is_inside() -> None:
    text = page(SHEET).extract_text()

    for words in (
        "〒100-0001",
        "髙橋 﨑美 様",
        "親展　簡易書留　転送不要",
        "送付の方法 簡易書留郵便(転送不要)",
        "引受番号 123-45-67890-1",
        "開示の方法の変更について 1ページ",
        "合計 5ページ",
        "〒100-6150",
    ):
        assert words in text


def test_a_medium_is_named_among_what_is_enclosed_and_counts_as_no_page() -> None:
    text = page(replace(SHEET, medium="reply-2026-000123.zip")).extract_text()
    assert "媒体（reply-2026-000123.zip） 1点" in text
    assert "合計 5ページ" in text
    assert "媒体" not in page(SHEET).extract_text()


@pytest.mark.parametrize("window", [NAGA_3, Window(24, 30, 100, 50), Window(100, 60, 80, 40)])
def test_the_address_stands_in_the_window(window: Window) -> None:
    places: dict[str, tuple[float, float]] = {}

    def note(text: str, page: Any, line: Any, *_: Any) -> None:  # noqa: ANN401 -- pypdf's
        for words in ("〒100-0001", "転送不要"):
            if words in text and words not in places:
                places[words] = (
                    line[4] * page[0] + line[5] * page[2] + page[4],
                    line[4] * page[1] + line[5] * page[3] + page[5],
                )

    page(replace(SHEET, window=window)).extract_text(visitor_text=note)

    assert set(places) == {"〒100-0001", "転送不要"}
    for x, y in places.values():
        assert window.left <= x / POINTS_PER_MM + 0.1
        assert x / POINTS_PER_MM < window.left + window.width
        from_top = (A4_HEIGHT_POINTS - y) / POINTS_PER_MM
        assert window.top <= from_top <= window.top + window.height


def test_a_sheet_without_a_number_yet_is_another_document_than_the_letter() -> None:
    assert "引受番号 ―" in page(replace(SHEET, registered_number=None)).extract_text()
    assert address_sheet_pdf(SHEET) == address_sheet_pdf(replace(SHEET))
    assert b"123-45-67890-1" not in letter_pdf(replies.NOT_EXIST)


@pytest.mark.parametrize("name", LETTERS)
def test_the_pages_of_a_letter_are_counted(name: str) -> None:
    pdf = pdf_of(name)
    assert pages_of(pdf) == len(PdfReader(BytesIO(pdf)).pages)


NEVER: dict[str, Callable[[], object]] = {
    "a number of ten digits": lambda: replace(SHEET, registered_number="123-45-6789-1"),
    "a number with letters": lambda: replace(SHEET, registered_number="123-45-6789A-1"),
    "a window beside the sheet": lambda: Window(150, 10, 90, 45),
    "a window below the sheet": lambda: Window(10, 280, 90, 45),
    "a window without height": lambda: Window(10, 10, 90, 0),
    "a window above the sheet": lambda: Window(10, -1, 90, 45),
}


@pytest.mark.parametrize("what", NEVER)
def test_there_is_no_such_sheet(what: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        NEVER[what]()


def test_an_address_that_cannot_be_printed_is_refused() -> None:
    bad = replace(replies.ADDRESSEE, name="渡邉\U000e010f")
    with pytest.raises(UnprintableTextError) as refused:
        address_sheet_pdf(replace(SHEET, addressee=bad))
    assert refused.value.places == {"/body/addressee/name": ("邉\U000e010f",)}
