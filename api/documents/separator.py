"""The sheet between two envelopes (仕切り紙) where several are printed in one run.

It goes into no envelope: whoever sorts the paper reads what belongs to which request. It names
nobody, so that what is left lying at a printer tells of nobody.
"""

from dataclasses import dataclass
from datetime import datetime

from api.documents.renderer import Document, render
from ledger.cases.letters.words import day_text
from ledger.clock import JAPAN
from ledger.values import Json

TEMPLATE = "separator"
TITLE = "仕切り紙"


@dataclass(frozen=True, slots=True, kw_only=True)
class Separator:
    """One sheet.

    Attributes:
        at: when the run was printed.
        number: which envelope of the run, from 1; total: how many there are.
        case_number: of the request that the envelope belongs to.
        what: what the envelope is, in words.
        post: how it is sent.
        contents: (document, sheets of A4 or in words how many) of each thing in the envelope.
        note: what is to be heeded besides; empty: nothing.
    """

    at: datetime
    number: int
    total: int
    case_number: str
    what: str
    post: str
    contents: tuple[tuple[str, str], ...]
    note: str = ""


def separator_pdf(sheet: Separator) -> bytes:
    """The sheet as a tagged PDF/A-3a; the same bytes every time.

    Raises:
        UnprintableError: a text holds what the font cannot print.
    """
    return render(TEMPLATE, document_of(sheet))


def document_of(sheet: Separator) -> Document:
    """What is printed of `sheet`."""
    here = sheet.at.astimezone(JAPAN)
    contents: list[Json] = [[name, count] for name, count in sheet.contents]
    return Document(
        title=TITLE,
        author=TITLE,
        at=sheet.at,
        body={
            "case_number": sheet.case_number,
            "place": f"{sheet.number} / {sheet.total}",
            "particulars": [
                ["封筒", sheet.what],
                ["送付の方法", sheet.post],
                ["印刷した日時", f"{day_text(here.date())} {here:%H:%M}"],
            ],
            "contents": contents,
            "note": sheet.note,
        },
    )
