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
)
from api.documents.errors import UnprintableTextError
from tests.documents import replies
from tests.documents.read_letters import SHEET

POINTS_PER_MM = 72 / 25.4
A4_HEIGHT_POINTS = 297 * POINTS_PER_MM


def page(sheet: AddressSheet) -> Any:  # noqa: ANN401 -- a PDF object
    reader = PdfReader(BytesIO(address_sheet_pdf(sheet)), strict=True)
    assert len(reader.pages) == 1
    return reader.pages[0]


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
