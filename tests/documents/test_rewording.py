"""How letters are worded since: which consent, what of whom, for reference; and as they were."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from api.documents import annexes, process
from api.documents.annexes import annexes_of
from api.documents.letters import annex_pdf, set_letter
from api.documents.process import Renderer
from ledger.cases.letters.assembly import LetterIdentity, reply_letter
from ledger.cases.letters.contents import (
    Full,
    PaperFault,
)
from ledger.cases.letters.faults import age_notes
from ledger.cases.letters.fold import folded
from ledger.cases.letters.letter import Letter
from ledger.cases.letters.lines import ReplyLine, lines_of
from ledger.cases.letters.words import WORDING, ground_text, party_texts
from ledger.law.procedure.policy_2022 import PUBLISHED
from ledger.policies.deadlines import valid_through
from ledger.policies.duty import complete
from tests.documents import replies
from tests.documents.golden import stored
from tests.ledger import given as made
from tests.matrix import every
from tests.rounds import is_thorough

ABROAD = {"basis": "consent_28_1", "consent": {"obtained": True}}


def told(*data: dict[str, Any], days: bool = False) -> tuple[ReplyLine, ...]:
    entries = [replies.entry(number, one) for number, one in enumerate(data, 1)]
    return lines_of(entries, wording=WORDING, includes_days=days)


def reworded(lines: tuple[ReplyLine, ...]) -> Letter:
    return replies.letter(Full(lines, "paper"), wording=WORDING)


def text_of(pdf: bytes) -> str:
    pages = PdfReader(BytesIO(pdf)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


# -- which consent --------------------------------------------------------------------------------


def test_a_consent_that_is_withheld_tells_no_article_either() -> None:
    entry = replies.entry(1, made.data(**ABROAD))
    line = lines_of([entry], withheld={entry.transfer: {"CONSENT"}}, wording=WORDING)[0]
    assert (line.consent, ground_text(line)) == (None, "開示しません")


def test_two_consents_are_no_repeats_of_each_other() -> None:
    lines = told(made.data(), made.data(**ABROAD))
    assert [row.lines[0].consent for row in folded(lines)] == ["27(1)", "28(1)"]


UNFOUNDED = "法の要件を満たす同意等の記録なし"
LATE = "2026-05-01T10:00:00+09:00"
REFERABLE: dict[str, Any] = {
    "direction": "received",
    "basis": "personally_referable_31_1",
    "data_kind": "personally_referable",
    "acquired_as_personal_data": True,
}


def test_a_consent_that_does_not_count_is_neither_denied_nor_told_as_if_it_did() -> None:
    late = {"obtained": True, "at": LATE}
    [provided] = told(made.data(consent=late))
    assert ground_text(provided) == UNFOUNDED
    assert ground_text(provided, 2) == "同意を得ている旨等の記録なし"
    given = made.data(**REFERABLE, consent=late)
    [received] = told(given)
    assert "法第31条第1項の同意が得られている旨の記録なし" in ground_text(received)
    [before] = lines_of([replies.entry(1, given)], wording=2)
    assert "記録なし" not in ground_text(before, 2)
    [in_time] = told({**given, "consent": {"obtained": True, "at": "2026-03-01T10:00:00+09:00"}})
    assert "記録なし" not in ground_text(in_time)


WITHDRAWN_LATER = "同意の撤回後の期間について、法の要件を満たす同意等の記録なし"


@every(
    "days, findings, said",
    [
        (("2026-01-01", "2026-05-14"), ("CONSENT_WITHDRAWN",), WITHDRAWN_LATER),
        (("2026-01-01", None), ("CONSENT_WITHDRAWN",), WITHDRAWN_LATER),
        (("2026-01-01", "2026-01-01"), ("CONSENT_WITHDRAWN",), UNFOUNDED),
        (
            ("2026-01-01", "2026-05-14"),
            ("CONSENT_AFTER_TRANSFER", "CONSENT_WITHDRAWN"),
            UNFOUNDED,
        ),
        (("2026-01-01", "2026-05-14"), ("CONSENT_NOT_OBTAINED",), UNFOUNDED),
    ],
)
def test_a_consent_that_was_withdrawn_within_a_period_is_not_denied_of_the_time_before(
    days: tuple[str, str | None], findings: tuple[str, ...], said: str
) -> None:
    first, last = days
    period = {"transferred_on": None, "transferred_from": first, "method": "collective"}
    given = made.data(**period) | {"transferred_to": last, "series_id": "S"}
    entry = replies.entry(1, given)
    lacking = complete(
        duty="art29",
        findings=findings,
        statutory_items=("DATE", "COUNTERPARTY", "PRINCIPAL", "ITEMS"),
        data_kind="personal_data",
        effective_method="collective",
        retain_through=None,
        law=entry.verdict.law,
        notice_version=None,
    )
    [line] = lines_of([entry.judged(lacking)], wording=WORDING)
    assert ground_text(line) == said
    [before] = lines_of([entry.judged(lacking)], wording=2)
    assert ground_text(before, 2) == "同意を得ている旨等の記録なし"


WITHDRAWN_BEFORE = "同意の撤回後の受領について、法の要件を満たす同意等の記録なし"


@every("given", [made.received(), made.received(basis="consent_28_1"), made.data(**REFERABLE)])
def test_a_receipt_after_the_withdrawal_does_not_state_the_consent_beside_it(
    given: dict[str, Any],
) -> None:
    judged = replies.entry(1, given)
    [before] = told(given)
    assert ground_text(before) in {
        "法第27条第1項の本人の同意を得ている",
        "法第28条第1項の本人の同意を得ている",
        "法第31条第1項の同意が得られている",
    }
    lacking = replace(judged.verdict, findings=("CONSENT_WITHDRAWN",))
    [line] = lines_of([judged.judged(lacking)], wording=WORDING)
    assert ground_text(line) == WITHDRAWN_BEFORE
    assert line.items == before.items
    [earlier] = lines_of([judged.judged(lacking)], wording=2)
    assert ground_text(earlier, 2) == f"同意を得ている旨等の記録なし\n{ground_text(before)}"
    withheld = {judged.transfer: {"CONSENT", "ART31_CONSENT"} & {one.code for one in line.items}}
    [hidden] = lines_of([judged.judged(lacking)], withheld=withheld, wording=WORDING)
    assert ground_text(hidden) == "開示しません"


CONSENTED_LATER = "同意の前の期間について、法の要件を満たす同意等の記録なし"


@every(
    "last, at, said",
    [
        ("2026-05-14", LATE, CONSENTED_LATER),
        ("2026-05-01", LATE, CONSENTED_LATER),
        (None, LATE, CONSENTED_LATER),
        ("2026-04-30", LATE, UNFOUNDED),
        ("2026-04-30", "2026-05-01T00:30:00+09:00", UNFOUNDED),
        ("2026-05-01", "2026-05-01T23:30:00+09:00", CONSENTED_LATER),
    ],
)
def test_a_consent_that_was_given_within_a_period_is_not_denied_of_the_time_after(
    last: str | None, at: str, said: str
) -> None:
    period = {"transferred_on": None, "transferred_from": "2026-01-01", "method": "collective"}
    given = made.data(**period, consent={"obtained": True, "at": at})
    [line] = told(given | {"transferred_to": last, "series_id": "S"})
    assert ground_text(line) == said


def test_a_notice_of_the_interim_says_the_day_on_which_it_was_made_and_no_hour() -> None:
    interim = replies.OTHERS["INTERIM"]
    assert "作成日時2026年11月25日10:02:11（日本時間）" in text_of(set_letter(interim).pdf)
    today = text_of(set_letter(replace(interim, wording=WORDING)).pdf)
    assert "作成日2026年11月25日" in today
    assert "日本時間" not in today


def test_a_refusal_by_the_papers_does_not_say_that_nothing_was_searched() -> None:
    refusal = replies.OTHERS["PROCEDURAL"]
    said = "記録の検索は行っていません"
    assert said in text_of(set_letter(refusal).pdf)
    assert said not in text_of(set_letter(replace(refusal, wording=WORDING)).pdf)


# -- items of personally referable information ----------------------------------------------------


# -- what the law does not ask for ----------------------------------------------------------------


def test_repeats_fold_whatever_their_days_and_every_day_stands_for_reference() -> None:
    days = ["2026-04-01", "2026-04-02", "2026-04-05"]
    lines = told(*(made.data(transferred_on=day) for day in days), days=True)
    letter = reworded(lines)
    found: Any = annexes_of(letter).tables[0]
    assert len(found["rows"]) == 1
    assert found["reference"]["rows"] == [
        ["1～3", "2026年4月1日から2026年4月5日までの次の日\n2026年4月：1～2日、5日"]
    ]


def test_the_version_of_the_procedure_says_whether_days_are_told_for_reference() -> None:
    state = stored.after(stored.DISCLOSURE, "case-decided", 2)
    borne = LetterIdentity(stored.LETTERED, stored.CODE, wording=WORDING)
    readings = replace(stored.PROCEDURE.readings, tells_days_for_reference=True)
    for procedure, tells in (
        (stored.PROCEDURE, False),
        (replace(stored.PROCEDURE, readings=readings), True),
    ):
        lines = reply_letter(state, procedure, borne, stored.entries()).lines
        assert any(line.reference for line in lines) == tells
        # What is a statutory item is told as such, and not once more.
        assert not any(line.reference for line in lines if line.item("DATE"))
    before = LetterIdentity(stored.LETTERED, stored.CODE)
    old = reply_letter(
        state, replace(stored.PROCEDURE, readings=readings), before, stored.entries()
    )
    assert not any(line.reference for line in old.lines)


# -- what is short, of whom, and how old it may be ------------------------------------------------

DUE = date(2026, 12, 25)
SHORT = (
    PaperFault(
        "SEAL_CERTIFICATE_MISSING", "印鑑登録証明書（ご本人）", whose="ご本人（ご契約者）", months=3
    ),
    PaperFault(
        "RESIDENCE_CERTIFICATE_MISSING", "住民票（代理人の方）", whose="代理人の方", months=3
    ),
    PaperFault(
        "AUTHORITY_DOCUMENT_MISSING",
        "代理権を確認できる書類（法定代理人の方）",
        whose="法定代理人の方",
        months=3,
    ),
    PaperFault("MANDATE_MISSING", "委任状（ご本人）", whose="ご本人（ご契約者）"),
)


@pytest.mark.parametrize("due_on", [DUE, date(2027, 2, 28), date(2028, 2, 29), date(2027, 5, 31)])
def test_the_example_is_the_oldest_day_that_still_does(due_on: date) -> None:
    (note,) = age_notes(PUBLISHED[0], SHORT, due_on)
    oldest = next(
        day
        for day in (date.fromordinal(due_on.toordinal() - n) for n in range(100, 0, -1))
        if valid_through(day, 3) >= due_on
    )
    assert f"{oldest.year}年{oldest.month}月{oldest.day}日以後に発行されたもの" in note


def test_where_no_age_counts_none_is_told() -> None:
    assert age_notes(PUBLISHED[0], SHORT[3:], DUE) == ()


# -- paper stays paper ----------------------------------------------------------------------------


def whole(count: int) -> Letter:
    lines = lines_of(replies.provided(count), wording=WORDING)
    return replies.letter(Full(lines, "paper", whole_on_paper=True), wording=WORDING)


def test_a_long_reply_on_paper_goes_on_in_further_documents(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(annexes, "ROWS_MAX", 2)
    entries = [*replies.provided(3), *replies.received(2)]
    lines = lines_of(entries, wording=WORDING)
    letter = replies.letter(Full(lines, "paper", whole_on_paper=True), wording=WORDING)
    first = set_letter(letter)
    assert first.parts == 3
    assert "別紙を3冊に分けました" in text_of(first.pdf)
    assert "電磁的記録媒体" not in text_of(first.pdf)
    texts = [text_of(first.pdf), *(text_of(annex_pdf(letter, part)[0]) for part in (2, 3))]
    titles = [annex_pdf(letter, part)[1] for part in (2, 3)]
    assert titles == [
        ["別紙1　当社が提供した記録（続き）", "別紙2　当社が提供を受けた記録"],
        ["別紙2　当社が提供を受けた記録（続き）"],
    ]
    names = [party_texts(line.item("COUNTERPARTY"))[0] for line in lines]
    for number, name in enumerate(names):
        assert [name in text for text in texts] == [part == number // 2 for part in range(3)]
    assert all("7H3K-0QZX-M2P9-WV4T-8N6R" in text for text in texts)


def test_more_rows_than_one_document_holds_are_set_by_the_process_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # At the true bound it takes 15 s and 1.4 GB, in a process of its own: a thorough run does.
    rows_max = annexes.ROWS_MAX if is_thorough() else 50
    program = (
        "from api.documents import annexes, letters; from api.documents.worker import main;"
        f" annexes.ROWS_MAX = letters.ROWS_MAX = {rows_max}; main()"
    )
    monkeypatch.setattr(process, "_PROGRAM", program)
    monkeypatch.setattr(annexes, "ROWS_MAX", rows_max)
    letter = whole(rows_max + 2)
    renderer = Renderer()
    try:
        made_ = renderer.reply(letter)
    finally:
        renderer.close()
    assert len(made_.further) == 1
    assert made_.annexes == ("別紙1　当社が提供した記録", "別紙1　当社が提供した記録（続き）")
    rest = PdfReader(BytesIO(made_.further[0]))
    last = "".join("".join(page.extract_text().split()) for page in rest.pages)
    assert f"第{rows_max + 1}青空商事株式会社" in last
    assert f"第{rows_max + 2}青空商事株式会社" in last
    assert made_.pages == (len(PdfReader(BytesIO(made_.pdf)).pages) + len(rest.pages),)


# -- another method -------------------------------------------------------------------------------
