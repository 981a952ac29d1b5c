"""What an audit says in Japanese, and its report."""

from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from uuid import UUID

from pypdf import PdfReader

from api.case_replies.answer_audit import AnswerCheck, AuditFinding, AuditKind, LostBy
from api.case_replies.audit_words import AuditRemark, UnfoundLink, japanese_of, outcome_of
from api.case_replies.letter_audit import LetterCheck, LetterOutcome
from api.documents.audit_report import SHOWN_MAX, AuditReport, audit_pdf
from ledger.retention.early_ends import EarlyEnd, KeyEnd
from ledger.retention.kept_ends import UnkeptRecord
from projections.log.event_check import LogFault
from tests.matrix import every

STREAM = UUID(int=8)
DAY = date(2026, 4, 10)
REMARKS: list[AuditRemark] = [
    *(AuditFinding(12_345, kind, 7) for kind in AuditKind),
    EarlyEnd(STREAM, 8, date(2029, 4, 11), DAY, 20),
    UnkeptRecord(STREAM, 9, 3, KeyEnd(21, DAY, is_planned=True)),
    UnfoundLink(10),
    LetterCheck(11, LetterOutcome.DIFFERS),
    LogFault(None, None, "a tile is gone"),
]
CHECKS = [
    AnswerCheck(1, 2),
    AnswerCheck(2, 1),
    AnswerCheck(3, is_before=True),
    AnswerCheck(4),
    *(AnswerCheck(5, lost=lost) for lost in LostBy),
]
REPORT = AuditReport(
    ledger="見本台帳",
    at=datetime(2026, 12, 3, 1, 2, 3, tzinfo=UTC),
    events=12_345,
    bag=str(STREAM),
    checks=["署名: ledger.example.jp/main、イベント 12300 件まで"],
    is_signed_for=True,
    counts={outcome_of(one).japanese: n for n, one in enumerate(CHECKS, 1)},
    letters={one.japanese: n for n, one in enumerate(LetterOutcome, 1)},
    remarks=[japanese_of(one) for one in REMARKS],
    named=len(REMARKS),
)


def text_of(report: AuditReport) -> str:
    pages = PdfReader(BytesIO(audit_pdf(report))).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


@every("one", REMARKS)
def test_all_that_is_named_has_a_japanese_sentence_with_its_position(one: AuditRemark) -> None:
    position, text = japanese_of(one)
    assert position == one.position
    assert text.endswith("。")
    assert str(STREAM) not in text


def test_all_that_may_come_of_an_answer_has_words_of_its_own() -> None:
    assert len({outcome_of(one).japanese for one in CHECKS}) == len(CHECKS)
    assert len({outcome_of(one).text for one in CHECKS}) == len(CHECKS)


def test_a_report_says_what_was_audited_what_came_of_it_and_what_is_named() -> None:
    text = text_of(REPORT)
    for one in ("見本台帳", f"袋{STREAM}", "12300件まで", "位置1から位置12,345まで"):
        assert one in text
    for position, sentence in REPORT.remarks:
        assert ("－" if position is None else f"{position:,}") + sentence in text
    assert f"{len(REMARKS)}件の食い違い等がありました" in text
    for name in (*REPORT.counts, *REPORT.letters):
        assert "".join(name.split()) in text
    assert audit_pdf(REPORT) == audit_pdf(REPORT)


def test_a_report_without_findings_a_bag_or_a_key_says_so() -> None:
    clean = replace(REPORT, remarks=[], named=0, is_signed_for=False)
    text = text_of(clean)
    assert "食い違いは見つかりませんでした" in text
    assert "この袋が誰の署名によるものかは、確かめていません" in text
    own = text_of(replace(clean, bag=None, checks=[], counts={}, letters={}))
    assert "書面の記載が、固定された内容のとおりであること" in own
    assert "書面の照合の結果" not in own
    assert "袋の確認" not in own
    assert "記録に基づく承認済みの回答はありません" in own


def test_of_more_than_is_printed_the_report_says_where_the_rest_is() -> None:
    text = text_of(replace(REPORT, named=SHOWN_MAX + 1))
    assert "最初の1,000件を記載しています" in text
