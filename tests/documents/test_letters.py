"""Letters on paper, read back by somebody else's reader."""

import re
from collections import Counter
from dataclasses import replace

import pytest

from api.documents.letters import CSV_NAME, JSON_NAME, TEMPLATES, document_of
from api.documents.renderer import preview
from ledger.cases.letters.contents import LetterWithholding, Partial
from ledger.cases.letters.files import content, records_csv
from ledger.cases.letters.letter import Addressee
from ledger.cases.letters.lines import lines_of
from tests.documents import replies
from tests.documents.must_of_others import MUST_OF_OTHERS, NEVER_OF_OTHERS
from tests.documents.read_letters import DAYS, LETTERS, flat, flat_text, read, read_once

ALWAYS = (
    "株式会社NTTコノキュー",
    "代表取締役社長丸山誠治",
    "privacy@ml.nttqonoq.com",
    "〒100-6150",
)
SEARCHED = ("2026年11月25日現在", "2026年11月25日08:02:11（日本時間）", "台帳の位置18,204,771")
MUST: dict[str, tuple[str, ...]] = {
    "FULL, 1 row": (
        *SEARCHED,
        "第33条第5項において準用する同条第2項の規定に基づき、別紙のとおり開示します。",
        "別紙1当社が提供した記録",
        "青空商事株式会社",
        "書面により開示します。",
    ),
    "PARTIAL, 1 row": (
        *SEARCHED,
        "開示しません",
        "第33条第5項において準用する同条第2項第2号",
        "第33条第5項において準用する同条第2項第1号",
        "業務の適正な実施に著しい支障",
        f"理由：{replies.REASON}",
        "別紙1の番号1の「提供の相手方」のうち開示していない部分",
        "当社が提供した記録1件の全部",
    ),
    "NON_DISCLOSURE": (
        *SEARCHED,
        "開示しません",
        "第33条第5項において準用する同条第2項第3号",
        f"理由：{replies.REASON}",
    ),
    "NOT_EXIST": (
        *SEARCHED,
        "ご請求に係る第三者提供記録は存在しません（2026年11月25日現在）。",
        "法令に基づく提供、委託、事業の承継及び共同利用に伴う提供については、同法上、第三者提供記録の",
        "作成を要しないこととされています。",
    ),
    "PROCEDURAL": (
        "記録の検索は行っていません。",
        "本人確認ができない場合",
        "法37条1項・政令12条3号",
        "マイナンバーの記載があります。",
        "改めてご請求いただけます。",
        "お返しします。",
    ),
    "METHOD": (
        "ご請求の方法（電磁的記録）による開示は次の理由により困難であるため、書面により開示します。",
        "設備がないためです。",
    ),
    "CORRECTION": (
        "2026年12月25日まで",
        "住民票（ご本人）",
        "マイナンバーの記載がない書類をお送りください。",
        "申請書のすべての事項をご記入ください。",
        "手続を終了することがあります。",
    ),
    "DISCREET": ("2026年12月25日までに、次の窓口までご連絡ください。",),
    "RECEIPT": ("受け付けました", "簡易書留郵便(転送不要)により", "手数料はいただいておりません。"),
    "INTERIM": ("2026年12月24日までに", "記録の有無を示すものではありません。"),
    "SUPPLEMENT, 50 rows": (
        "2026-000087",
        "先の回答の全部に代わるものです。",
        "開示した記録に、1件を加えます。",
        "ご旧姓による記録が見つかったためです。",
        "第50青空商事株式会社",
    ),
    "SUPPLEMENT, 0 rows": ("ご請求に係る第三者提供記録は存在しません",),
    "SUPPLEMENT, a refusal": ("第33条第5項において準用する同条第2項第3号",),
    **MUST_OF_OTHERS,
}
NEVER: dict[str, tuple[str, ...]] = {
    "FULL, 1 row": ("開示しません", "records.csv", "1行にまとめ"),
    "PARTIAL, 1 row": ("第1青空商事株式会社", "第2青空商事株式会社", "別紙2"),
    "NON_DISCLOSURE": ("別紙", "存在しません", "開示する記録"),
    "NOT_EXIST": ("開示しません", "別紙", "不開示", "除", "件"),
    "PROCEDURAL": ("台帳の位置", "存在しません"),
    "CORRECTION": ("台帳の位置", "存在しません", "別紙"),
    "DISCREET": ("第三者提供", "開示", "マイナンバー", "請求"),
    "INTERIM": ("台帳の位置", "存在しません", "別紙"),
    "RECEIPT": ("台帳の位置", "存在しません"),
    **NEVER_OF_OTHERS,
}


def test_every_kind_of_letter_is_looked_at() -> None:
    kinds = {name.partition(",")[0] for name in LETTERS}
    assert kinds == set(TEMPLATES)
    assert MUST.keys() | NEVER.keys() <= LETTERS.keys()


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_says_what_it_must_and_not_what_it_must_not(name: str) -> None:
    text = flat_text(read_once(name))

    assert [words for words in (*ALWAYS, *MUST.get(name, ())) if words not in text] == []
    assert [words for words in NEVER.get(name, ()) if words in text] == []
    assert "髙橋﨑美様" in text
    assert "𠮷野荘101" in text


@pytest.mark.parametrize("name", LETTERS)
def test_every_page_has_its_number_the_case_and_the_code(name: str) -> None:
    pages = [page.extract_text() for page in read_once(name).pages]

    for number, text in enumerate(pages, 1):
        assert f"{number} / {len(pages)}" in text
        assert "受付番号 2026-000123" in text
        assert "検証コード 7H3K-0QZX-M2P9-WV4T-8N6R" in text
        assert "作成日時 2026年11月25日 10:02:11（日本時間）" in text


def test_rare_kanji_and_variation_sequences_stand_on_paper_as_written() -> None:
    person = "渡邉\U000e0100 髙﨑 𠮷男"
    data = replies.given.data(counterparty=replies.party(f"{person}商店"))
    data["principals"] = [{"scheme": "member", "id": "P1", "name": person}]
    letter = replace(
        replies.full([replies.entry(1, data)]), addressee=replace(replies.ADDRESSEE, name=person)
    )

    assert flat(letter).count(person.replace(" ", "")) == 4


def test_a_legal_representative_is_addressed_for_the_principal() -> None:
    to = Addressee("100-0002", "東京都千代田区皇居外苑1-1", "親権 守", represents=replies.PERSON)
    text = flat(replace(replies.NOT_EXIST, addressee=to))

    assert "親権守様（髙橋﨑美様の法定代理人）" in text
    assert "ご本人髙橋﨑美様" in text


def test_an_electronic_reply_holds_its_records_and_a_paper_one_does_not() -> None:
    entries = [*replies.provided(3), *replies.opted_out(DAYS[:9], first=10)]
    electronic, paper = replies.full(entries, "electronic"), replies.full(entries)
    attached = read(electronic).attachments

    assert attached[CSV_NAME] == [records_csv(electronic)]
    assert attached[JSON_NAME] == [content(electronic)]
    assert set(attached) == {CSV_NAME, JSON_NAME}
    assert not read(paper).attachments
    text = flat(electronic)
    for words in ("電磁的記録により開示します。", "先頭に「'」を付しています。", "1行にまとめ"):
        assert words in text


def test_a_cell_that_goes_on_over_the_page_loses_no_day() -> None:
    reader = read(replies.full([*replies.opted_out(DAYS), *replies.provided(1)]))
    pages = [page.extract_text() for page in reader.pages]
    # Between the halves of the cell stand the number of records, the foot and the next head.
    cells = [re.sub(r"(\n400)?\n\d / \d$", "", page).partition("件数\n")[2] for page in pages]
    text = re.sub(r"\s", "", "".join(cells))
    months = Counter((day.year, day.month) for day in DAYS)

    listed = re.findall(r"(\d{4})年(\d+)月：((?:\d+日、?)+)", text)
    assert {(int(y), int(m)): days.count("日") for y, m, days in listed} == months


def test_a_period_that_was_asked_for_is_told() -> None:
    asked = replace(replies.ASKED, received=False, first_day=DAYS[0], last_day=DAYS[-1])
    text = flat(replace(replies.NOT_EXIST, asked=asked))

    assert "対象の期間2024年1月1日から2026年3月9日まで" in text
    assert "提供を受けた" not in text


def test_withheld_parts_of_both_sides_are_named_by_annex_and_number() -> None:
    entries = [*replies.provided(1), *replies.received(3)]
    lines = lines_of(
        entries,
        withheld={
            entries[1].transfer: {"ACQUISITION"},
            entries[2].transfer: {"ACQUISITION"},
            entries[3].transfer: {"ご利用履歴"},
        },
    )
    parts = ((2, "ACQUISITION"), (3, "ACQUISITION"), (4, "ITEMS"))
    letter = replies.letter(
        Partial(lines, "paper", (LetterWithholding("ART33_2_I", replies.REASON, parts=parts),))
    )
    text = flat(letter)

    assert "別紙2の番号2～3の「取得の経緯」のうち開示していない部分、" in text
    assert "別紙2の番号4の「個人データの項目」のうち開示していない部分は、" in text
    assert "氏名（ほか1項目は開示しません）" in text


def test_a_letter_can_be_looked_at_as_pictures() -> None:
    pages = preview(*document_of(LETTERS["PARTIAL, 1 row"]))
    assert len(pages) == len(read_once("PARTIAL, 1 row").pages)
