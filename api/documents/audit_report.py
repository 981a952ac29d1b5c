"""The report of an audit (開示等の回答の監査に関する報告書): what stands in it.

It names positions, days and kinds, and nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.documents.renderer import Document, render
from api.documents.report_counts import number_text
from ledger.cases.letters.words import instant_text

TEMPLATE: Final = "audit"
TITLE: Final = "開示等の回答の監査に関する報告書"
SHOWN_MAX: Final = 1_000
"""So many of what is named are printed; the command prints all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What came of an audit.

    Attributes:
        events: how many were read.
        bag: id of the bag that was audited; None: the ledger was, where it lies.
        checks: what was checked of a bag before, in words.
        is_signed_for: whether the key of the log came another way than the bag.
        counts: what came of the answers → how many; letters: of letters that were made again.
        remarks: position and sentence of what is named, as far as it is printed.
        named: how many there are.
    """

    ledger: str
    at: datetime
    events: int
    bag: str | None
    checks: Sequence[str]
    is_signed_for: bool
    counts: Mapping[str, int]
    letters: Mapping[str, int]
    remarks: Sequence[tuple[int | None, str]]
    named: int


def audit_pdf(report: AuditReport) -> bytes:
    """The report as a tagged PDF/A-3a.

    Raises:
        UnprintableError: the ledger's name holds what the font cannot print.
    """
    return render(TEMPLATE, document_of(report))


def document_of(report: AuditReport) -> Document:
    """What is printed."""
    particulars = [
        ["台帳の名称", report.ledger],
        ["監査の日時", f"{instant_text(report.at)}"],
        ["監査したもの", "台帳（データベース）" if report.bag is None else f"袋 {report.bag}"],
        ["読んだイベント", f"位置1から位置{number_text(report.events)}まで"],
        ["調べた回答", f"{number_text(sum(report.counts.values()))}件"],
    ]
    return Document(
        title=TITLE,
        author=report.ledger,
        at=report.at,
        body={
            "particulars": [[label, value] for label, value in particulars],
            "at": instant_text(report.at),
            "is_of_bag": report.bag is not None,
            "is_signed_for": report.is_signed_for,
            "checks": list(report.checks),
            "counts": [[name, number_text(n)] for name, n in report.counts.items()],
            "letters": [[name, number_text(n)] for name, n in report.letters.items()],
            "named": number_text(report.named),
            "is_clean": report.named == 0,
            "is_cut": report.named > len(report.remarks),
            "remarks": [
                ["－" if position is None else number_text(position), text]
                for position, text in report.remarks
            ],
            "shown_max": number_text(SHOWN_MAX),
        },
    )
