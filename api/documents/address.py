"""The address sheet (宛名) that lies on top of a letter, for an envelope with a window.

It is a document of its own: the number of the registered mail is known only when the letter is
posted, and the letter that was approved must not change by a byte for it.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from api.documents.glyphs import Substitutes
from api.documents.renderer import Document, render
from ledger.cases.letters.letter import Addressee, Issuer
from ledger.cases.letters.words import day_text
from ledger.clock import day_in_japan
from ledger.values import Json

TEMPLATE = "address"
TITLE = "書類の送付について"
_REGISTERED_NUMBER = re.compile(r"[0-9]{3}-?[0-9]{2}-?[0-9]{5}-?[0-9]")
_PAGE = re.compile(rb"/Type\s*/Page\b")
_A4_WIDTH_MM, _A4_HEIGHT_MM = 210, 297


@dataclass(frozen=True, slots=True)
class Window:
    """Where the address stands on the sheet, in millimetres from its upper left corner."""

    left: int
    top: int
    width: int
    height: int

    def __post_init__(self) -> None:
        fits = self.left + self.width <= _A4_WIDTH_MM and self.top + self.height <= _A4_HEIGHT_MM
        if min(self.left, self.top) < 0 or min(self.width, self.height) <= 0 or not fits:
            raise ValueError("a window lies on an A4 sheet")


NAGA_3 = Window(left=22, top=24, width=90, height=45)
"""長形3号 (120 × 235 mm), the sheet folded in three; measure the envelope in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressSheet:
    """One sheet.

    Attributes:
        at: its own date.
        post: how the letter is sent, as the procedure publishes it.
        registered_number: 引受番号 of the 簡易書留, 11 digits; None until it is known.
        enclosures: name of each document in the envelope and its number of pages.
        medium: name of the encrypted file on the medium that lies beside them; None: there is none.
        substitutes: what is printed for characters that cannot be; the sheet tells which were.
    """

    at: datetime
    case_number: str
    addressee: Addressee
    issuer: Issuer
    post: str
    registered_number: str | None
    enclosures: tuple[tuple[str, int], ...]
    medium: str | None = None
    window: Window = NAGA_3
    substitutes: Substitutes = ()

    def __post_init__(self) -> None:
        number = self.registered_number
        if number is not None and not _REGISTERED_NUMBER.fullmatch(number):
            raise ValueError("the number of a registered mail has 11 digits")


def address_sheet_pdf(sheet: AddressSheet) -> bytes:
    """The sheet as a tagged PDF/A-3a; the same bytes every time.

    Raises:
        UnprintableError: a text holds what the font cannot print.
    """
    return render(TEMPLATE, document_of(sheet))


def pages_of(pdf: bytes) -> int:
    """How many pages a document of ours has."""
    return len(_PAGE.findall(pdf))


def document_of(sheet: AddressSheet) -> Document:
    """What is printed of `sheet`."""
    to, desk = sheet.addressee, sheet.issuer.desk
    total = sum(pages for _, pages in sheet.enclosures)
    enclosures: list[Json] = [[name, f"{pages:,}ページ"] for name, pages in sheet.enclosures]
    # The password that opens it is in none of these: it goes by another post.
    medium_rows: list[Json] = [] if sheet.medium is None else [[f"媒体（{sheet.medium}）", "1点"]]
    return Document(
        title=TITLE,
        author=sheet.issuer.name,
        at=sheet.at,
        body={
            "case_number": sheet.case_number,
            "addressee": {
                "postal_code": to.postal_code,
                "address": to.address,
                "name": to.name,
            },
            "marks": ["親展", "簡易書留", "転送不要"],
            "mailing": [
                ["日付", day_text(day_in_japan(sheet.at))],
                ["送付の方法", sheet.post],
                ["引受番号", sheet.registered_number or "―"],
            ],
            "enclosures": [*enclosures, ["合計", f"{total:,}ページ"], *medium_rows],
            "desk": {
                "name": desk.name,
                "postal_code": desk.postal_code,
                "address": desk.address,
            },
            "window": {
                "left": sheet.window.left,
                "top": sheet.window.top,
                "width": sheet.window.width,
                "height": sheet.window.height,
            },
        },
        substitutes=sheet.substitutes,
    )
