"""One letter of every kind and size, and how they are read back."""

import re
from datetime import date, timedelta
from functools import cache
from io import BytesIO

from pypdf import PdfReader

from api.documents.address import AddressSheet
from api.documents.letters import letter_pdf
from ledger.cases.letters.contents import Full, NonDisclosure, NotExist
from ledger.cases.letters.letter import Letter
from ledger.cases.letters.lines import lines_of
from tests.documents import others, replies

DAYS = [date(2024, 1, 1) + timedelta(2 * n) for n in range(400)]
REFUSAL = replies.OTHERS["NON_DISCLOSURE"].content
LETTERS: dict[str, Letter] = {
    **replies.OTHERS,
    **others.MEASURES,
    **others.ANSWERS,
    **others.ABOUT,
    "FULL, 1 row": replies.full(replies.provided(1)),
    "FULL, 50 rows": replies.full([*replies.provided(30), *replies.received(20)]),
    "FULL, received only": replies.full(replies.received(1), "electronic"),
    "PARTIAL, 1 row": replies.partial(replies.provided(2)),
    "PARTIAL, 50 rows": replies.partial(replies.provided(51), "electronic"),
    "SUPPLEMENT, 0 rows": replies.supplement(NotExist()),
    "SUPPLEMENT, a refusal": replies.supplement(REFUSAL)
    if isinstance(REFUSAL, NonDisclosure)
    else replies.NOT_EXIST,
    "SUPPLEMENT, 50 rows": replies.supplement(Full(lines_of(replies.provided(50)), "paper")),
}


SHEET = AddressSheet(
    at=replies.AT,
    case_number="2026-000123",
    addressee=replies.ADDRESSEE,
    issuer=replies.ISSUER,
    post=replies.PROCEDURE.reply_media_on(replies.AT.date()).post,
    registered_number="123-45-67890-1",
    enclosures=(("第三者提供記録の開示について", 4), ("開示の方法の変更について", 1)),
)


@cache
def pdf_of(name: str) -> bytes:
    """The PDF of one of `LETTERS`, set once."""
    return letter_pdf(LETTERS[name])


def read(letter: Letter) -> PdfReader:
    return PdfReader(BytesIO(letter_pdf(letter)), strict=True)


def read_once(name: str) -> PdfReader:
    return PdfReader(BytesIO(pdf_of(name)), strict=True)


def flat(letter: Letter) -> str:
    """All text without line breaks and spaces, which the setting of lines moves."""
    return flat_text(read(letter))


def flat_of(pdf: bytes) -> str:
    return flat_text(PdfReader(BytesIO(pdf), strict=True))


def flat_text(reader: PdfReader) -> str:
    return re.sub(r"\s", "", "".join(page.extract_text() for page in reader.pages))
