"""How letters are worded since: which consent, what of whom, for reference; and as they were."""

import json
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from api.documents import annexes, process
from api.documents.annexes import annexes_of
from api.documents.letters import annex_pdf, document_of, letter_pdf, set_letter
from api.documents.process import Renderer
from ledger.cases.letters.assembly import LetterIdentity, reply_letter
from ledger.cases.letters.contents import (
    CorrectionLetter,
    Full,
    Interim,
    MethodChange,
    NotExist,
    PaperFault,
    ReceiptNotice,
)
from ledger.cases.letters.faults import age_notes
from ledger.cases.letters.files import content, csv_of, records_csv
from ledger.cases.letters.fold import folded
from ledger.cases.letters.letter import Letter
from ledger.cases.letters.lines import ReplyLine, lines_of
from ledger.cases.letters.words import NOT_ASKED, WORDING, ground_text, items_text, party_texts
from ledger.law.procedure.policy_2022 import PUBLISHED
from ledger.policies.deadlines import valid_through
from tests.documents import replies
from tests.documents.golden import stored
from tests.ledger import given as made
from tests.rounds import is_thorough

FIRST = "記録事項でないため記録なし"
ABROAD = {"basis": "consent_28_1", "consent": {"obtained": True}}


def told(*data: dict[str, Any], days: bool = False) -> tuple[ReplyLine, ...]:
    entries = [replies.entry(number, one) for number, one in enumerate(data, 1)]
    return lines_of(entries, wording=WORDING, tells_days=days)


def reworded(lines: tuple[ReplyLine, ...]) -> Letter:
    return replies.letter(Full(lines, "paper"), wording=WORDING)


def text_of(pdf: bytes) -> str:
    pages = PdfReader(BytesIO(pdf)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


# -- which consent --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (made.data(), "法第27条第1項の本人の同意を得ている"),
        (made.received(), "法第27条第1項の本人の同意を得ている"),
        (made.data(**ABROAD), "法第28条第1項の本人の同意を得ている"),
        (made.received(**ABROAD), "法第28条第1項の本人の同意を得ている"),
    ],
)
def test_a_line_tells_under_which_article_consent_was_given(
    data: dict[str, Any], words: str
) -> None:
    letter = reworded(told(data))
    assert ground_text(letter.lines[0]) == words
    assert words in text_of(letter_pdf(letter))
    assert words in records_csv(letter).decode()


def test_a_consent_that_is_withheld_tells_no_article_either() -> None:
    entry = replies.entry(1, made.data(**ABROAD))
    line = lines_of([entry], withheld={entry.transfer: {"CONSENT"}}, wording=WORDING)[0]
    assert (line.consent, ground_text(line)) == (None, "開示しません")


def test_two_consents_are_no_repeats_of_each_other() -> None:
    lines = told(made.data(), made.data(**ABROAD))
    assert [row.lines[0].consent for row in folded(lines)] == ["27(1)", "28(1)"]


# -- items of personally referable information ----------------------------------------------------


def referable() -> dict[str, Any]:
    more = {"data_kind": "personally_referable", "acquired_as_personal_data": True}
    return made.received(basis="personally_referable_31_1", items=["閲覧履歴"], **more)


def test_the_items_of_personally_referable_information_are_called_so() -> None:
    line, other = told(referable(), made.received())
    assert items_text(line) == "個人関連情報の項目：閲覧履歴"
    assert "個人関連情報" not in items_text(other)
    letter = replies.letter(Full((replace(line, number=1),), "paper"), wording=WORDING)
    assert "個人関連情報の項目：閲覧履歴" in records_csv(letter).decode()
    assert "個人データ又は個人関連情報の項目" in text_of(letter_pdf(letter))


# -- what the law does not ask for ----------------------------------------------------------------


def test_what_the_law_does_not_ask_for_is_not_said_to_be_unrecorded() -> None:
    letter = reworded(told(made.data()))
    text, table = text_of(letter_pdf(letter)), records_csv(letter).decode()
    assert NOT_ASKED == "法定の記録事項ではないため記載していません"
    assert NOT_ASKED in text
    assert NOT_ASKED in table
    assert FIRST not in text + table


def test_days_are_told_for_reference_only_where_the_operator_says_so() -> None:
    silent, telling = reworded(told(made.data())), reworded(told(made.data(), days=True))
    day = date.fromisoformat(made.data()["transferred_on"])
    japanese = f"{day.year}年{day.month}月{day.day}日"
    assert "参考" not in text_of(letter_pdf(silent))
    text = text_of(letter_pdf(telling))
    table, reference = text.split("参考（法定の記録事項ではありません）")
    assert NOT_ASKED in table.split("別紙1")[-1]
    assert japanese in reference
    head, row, *_ = records_csv(telling).decode().split("\r\n")
    assert head.endswith("（法定の記録事項ではありません）")
    assert row.endswith(japanese)
    assert "参考" not in records_csv(silent).decode()
    assert csv_of(content(telling)) == records_csv(telling)


def test_a_day_that_is_a_statutory_item_is_told_once() -> None:
    lines = lines_of(replies.opted_out([date(2026, 4, 1)]), wording=WORDING, tells_days=True)
    assert lines[0].reference is None
    assert "参考" not in text_of(letter_pdf(reworded(lines)))


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


# -- there is none --------------------------------------------------------------------------------


def test_the_letter_that_there_is_none_is_true_of_a_provision_abroad_too() -> None:
    text = text_of(letter_pdf(replies.letter(NotExist(), wording=WORDING)))
    assert "第28条第1項の規定による外国にある第三者への提供に当たる場合は、この限り" in text
    # Nothing in it sounds as if something were left out (Order 11).
    assert not any(word in text for word in ("開示しません", "別紙", "不開示", "除", "件"))
    assert "第27条第1項各号に掲げる場合" in text
    assert "法令に基づく提供、委託、事業の承継" not in text


def test_a_letter_of_before_keeps_its_words() -> None:
    before = replies.full([replies.entry(1, made.data())])
    text = text_of(letter_pdf(before))
    assert "wording" not in json.loads(content(before))
    assert FIRST in text
    assert "本人の同意を得ている" in text
    assert "法第27条第1項の本人" not in text
    nothing = text_of(letter_pdf(replies.letter(NotExist())))
    assert "法令に基づく提供、委託、事業の承継及び共同利用に伴う提供については" in nothing


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


def test_a_request_for_a_correction_says_whose_paper_is_short_and_how_old_it_may_be() -> None:
    notes = age_notes(PUBLISHED[0], SHORT, DUE)
    letter = replies.letter(CorrectionLetter(SHORT, DUE, notes), wording=WORDING)
    text = text_of(letter_pdf(letter))
    for words in (
        "ご本人（ご契約者）の印鑑登録証明書が同封されていません",
        "代理人の方の住民票の原本（発行日から3か月以内のもの）",
        "法定代理人の方の代理権を確認できる書類が同封されていません",
        "ご本人（ご契約者）の委任状が同封されていません",
        "発行日の翌日から数えて、当社に届いた日までに3か月が過ぎていないもの",
    ):
        assert words in text


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


# -- a long search --------------------------------------------------------------------------------


def test_the_notice_of_the_interim_tells_a_day_and_nothing_that_was_found() -> None:
    receipt = replies.letter(ReceiptNotice("", ""), wording=WORDING)
    text = text_of(letter_pdf(replace(receipt, content=Interim("簡易書留郵便", DUE))))
    assert "2026年12月25日までに回答をお送りできるよう" in text
    assert "記録の有無を示すものではありません" in text
    late = text_of(letter_pdf(replace(receipt, content=Interim("簡易書留郵便"))))
    assert "までに回答を" not in late


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


def test_one_that_fits_has_one_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annexes, "ROWS_MAX", 3)
    assert set_letter(whole(3)).parts == 1
    assert set_letter(whole(4)).parts == 2


def test_a_letter_of_before_leaves_what_is_too_long_to_its_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(annexes, "ROWS_MAX", 2)
    before = replies.full(replies.provided(3))
    found = annexes_of(before)
    assert (found.all_printed, found.printed, found.parts) == (False, 2, 1)
    _, document = document_of(before)
    assert [one.name for one in document.attached] == ["records.csv", "records.json"]


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


def test_the_notice_of_the_other_method_names_the_medium_and_the_reason() -> None:
    asked = replace(replies.ASKED, medium="paper")
    change = MethodChange("費用が多額となるためです。", "electronic")
    text = text_of(letter_pdf(replies.letter(change, asked=asked, wording=WORDING)))
    assert "ご請求の方法（書面）による開示は次の理由により困難であるため、電磁的記録により" in text
    assert "第33条第5項において準用する同条第3項の規定に基づき" in text
    assert "費用が多額となるためです。" in text


def test_a_reply_says_on_which_day_the_person_agreed_to_its_medium() -> None:
    lines = told(made.data())
    letter = replies.letter(Full(lines, "electronic", agreed_on=DUE), wording=WORDING)
    assert "この方法は、2026年12月25日にご了承いただいたものです。" in text_of(letter_pdf(letter))
