"""Letters and certificates on paper, read back by somebody else's reader.

What each says is in `golden/papers.json` (see `test_golden_letters` on what a change of it means).
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
from pypdf import PdfReader

from api.documents.address import pages_of
from api.documents.certificate import certificate_pdf
from api.documents.letters import CSV_NAME, JSON_NAME, TEMPLATES, letter_pdf
from ledger.cases.letters.contents import LetterWithholding, Partial
from ledger.cases.letters.files import content, records_csv
from ledger.cases.letters.letter import Addressee, Letter, SearchInstant
from ledger.cases.letters.lines import lines_of
from tests.documents import plans, replies
from tests.documents.boxes import cut_or_covered
from tests.documents.golden import make
from tests.documents.read_letters import DAYS, LETTERS, flat, flat_of, pdf_of, read, read_once
from tests.documents.scanning import codes_in
from tests.ledger import given

CHANGED = "a letter would read otherwise: that needs a decision (see test_golden_letters)"
PRINTED: dict[str, str] = json.loads((make.HERE / "papers.json").read_text("utf-8"))
NO_RECORDS = ("台帳の位置", "存在しません", "別紙")
NEVER: dict[str, tuple[str, ...]] = {
    "NOT_EXIST": ("開示しません", "別紙", "不開示", "除", "件"),
    "letters/not-exist-reworded": ("開示しません", "別紙", "不開示", "除", "件"),
    "NON_DISCLOSURE": ("別紙", "存在しません", "開示する記録"),
    "DISCREET": ("第三者提供", "開示", "マイナンバー", "請求"),
    "PARTIAL, 1 row": ("第1青空商事株式会社", "第2青空商事株式会社", "別紙2"),
    "ANSWER, purposes": ("開示", "理由", "提供しません"),
    "RECEIPT, an erasure": ("開示", "有無"),
    "MEASURES, taken": ("開示", "理由", "検索"),
}


def kinds_of(node: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 -- a PDF object
    """Every structure element below `node` with its kind."""
    inner: Any = node.get("/K", [])
    children = cast("list[Any]", inner if isinstance(inner, list) else [inner])
    for one in children:
        child: Any = one.get_object() if hasattr(one, "get_object") else one
        if isinstance(child, dict) and "/S" in child:
            yield child["/S"], child
            yield from kinds_of(child)


def tables_of(reader: PdfReader) -> list[Counter[str]]:
    """The kinds of elements in each table."""
    root: Any = reader.trailer["/Root"]
    tables = [node for kind, node in kinds_of(root["/StructTreeRoot"]) if kind == "/Table"]
    return [Counter(kind for kind, _ in kinds_of(table)) for table in tables]


@pytest.mark.parametrize("name", make.papers())
def test_what_is_printed_today_is_what_was_printed_then(name: str) -> None:
    text = flat_of(make.papers()[name]())
    assert text == PRINTED[name], CHANGED
    assert [one for one in NEVER.get(name, ()) if one in text] == []
    letter = {**LETTERS, **make.letters()}.get(name)
    if letter is not None and letter.search is None:
        assert [one for one in NO_RECORDS if one in text] == []
        if letter.asked.about not in (None, "provision_records"):
            assert "第三者提供記録" not in text


def test_every_kind_of_letter_is_looked_at() -> None:
    assert PRINTED.keys() == make.papers().keys()
    assert {name.partition(",")[0] for name in LETTERS} == set(TEMPLATES)
    assert NEVER.keys() <= PRINTED.keys()


def is_tagged(reader: PdfReader) -> None:
    """A tagged PDF/A-3a and PDF/UA-1 in Japanese, with every font inside."""
    root: Any = reader.trailer["/Root"]
    assert reader.xmp_metadata is not None
    xmp = reader.xmp_metadata.stream.get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert root["/Lang"] == "ja-JP"
    assert bool(root["/MarkInfo"]["/Marked"])
    kinds = Counter(kind for kind, _ in kinds_of(root["/StructTreeRoot"]))
    assert kinds["/H1"] + kinds["/H2"] >= 1
    assert kinds["/P"] >= 1
    for page in cast("list[Any]", reader.pages):
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            descriptor = inner["/FontDescriptor"].get_object()
            assert "NotoSansCJKjp" in descriptor["/FontName"]
            assert "/FontFile3" in descriptor


def bears(letter: Letter) -> bool:
    return replies.bears_code(letter.content) and not getattr(letter.content, "discreet", False)


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_sound_on_every_page(name: str) -> None:
    letter, pdf, reader = LETTERS[name], pdf_of(name), read_once(name)
    assert letter_pdf(replace(letter)) == pdf, "the same letter has the same bytes"
    is_tagged(reader)
    assert pages_of(pdf) == len(reader.pages)
    assert [found for page in reader.pages for found in cut_or_covered(page)] == []
    for number, page in enumerate(reader.pages, 1):
        text = page.extract_text()
        for words in (
            f"{number} / {len(reader.pages)}",
            "受付番号 2026-000123",
            "検証コード 7H3K-0QZX-M2P9-WV4T-8N6R",
            "作成日時 2026年11月25日 10:02:11（日本時間）",
        ):
            assert words in text
    # A letter that answers has its code as a picture, once; no other has.
    found = [text for _, text in codes_in(pdf)]
    code = f"ppl-letter/1 {letter.verification_code} {replies.LOG}"
    assert found == ([code] if bears(letter) else [])


def test_an_annex_is_one_table_with_a_head_over_all_its_pages() -> None:
    reader = read_once("FULL, 50 rows")
    # Two tables of particulars stand before them.
    assert [(table["/TR"], table["/TH"], table["/TD"]) for table in tables_of(reader)[-2:]] == [
        (31, 7, 210),
        (21, 8, 160),
    ]
    assert len(reader.pages) >= 5


OTHER_CELLS = "本人の同意を得ている記録事項でないため記録なし1"


def test_a_list_of_items_longer_than_a_page_goes_on_and_loses_nothing() -> None:
    items = [f"項目その{n}（細目を含む長い名の項目）" for n in range(1, 121)]
    data = given.data(counterparty=replies.party("長大商事株式会社"), items=items)
    reader = read(replies.full([replies.entry(1, data), *replies.provided(2)]))
    counted = tables_of(reader)[-1]
    texts = [page.extract_text() for page in reader.pages]
    parts = [text.split("件数\n")[-1] for text in texts if "細目を含む" in text]
    cell = re.sub(r"\s", "", "".join(re.sub(r"\d+ / \d+$", "", one) for one in parts))
    assert (counted["/TR"], counted["/TH"], counted["/TD"]) == (4, 7, 21)
    assert len(parts) >= 3
    assert "、".join(items) in cell.replace(OTHER_CELLS, "")


def test_a_cell_that_goes_on_over_the_page_loses_no_day() -> None:
    reader = read(replies.full([*replies.opted_out(DAYS), *replies.provided(1)]))
    pages = [page.extract_text() for page in reader.pages]
    # Between the halves of the cell stand the number of records, the foot and the next head.
    cells = [re.sub(r"(\n400)?\n\d / \d$", "", page).partition("件数\n")[2] for page in pages]
    text = re.sub(r"\s", "", "".join(cells))
    months = Counter((day.year, day.month) for day in DAYS)
    listed = re.findall(r"(\d{4})年(\d+)月：((?:\d+日、?)+)", text)
    assert {(int(y), int(m)): days.count("日") for y, m, days in listed} == months


SCRIPT = """
import sys
from hashlib import sha256
from api.documents import certificate_pdf
from api.documents.letters import letter_pdf
from tests.documents import plans, replies as r
made = letter_pdf(r.partial(r.provided(5), 'electronic')), certificate_pdf(plans.golden())
sys.stdout.write(' '.join(sha256(one).hexdigest() for one in made))
"""


def run(script: str, **environment: str) -> bytes:
    return subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **environment},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=True,
    ).stdout


def test_the_same_document_has_the_same_bytes_in_another_process_and_time_zone() -> None:
    here = letter_pdf(replies.partial(replies.provided(5), "electronic"))
    both = (here, certificate_pdf(plans.golden()))
    elsewhere = run(SCRIPT, TZ="America/Lima", LANG="C").decode()
    assert elsewhere.split() == [sha256(one).hexdigest() for one in both]


MASKED = (*("case_number", "verification_code", "code_salt", "addressee", "at", "asked", "search"),)
"""What two not-exist letters may differ in: the number, the code, the addressee, and the dates (of
the letter, of the arrival, and of the search with the head at that instant)."""


def test_two_not_exist_letters_differ_in_the_masked_list_only() -> None:
    one = replies.NOT_EXIST
    other = replace(
        one,
        at=one.at + timedelta(days=9),
        case_number="2026-000999",
        verification_code="0000-1111-2222-3333-4444",
        code_salt="a5" * 16,
        addressee=Addressee("060-0001", "北海道札幌市中央区北1条西1-1", "見本 次郎"),
        asked=replace(one.asked, arrived_on=date(2026, 12, 1)),
        search=SearchInstant(replies.SEARCH.at + timedelta(days=9), 99_999_999, replies.COVERAGE),
    )
    masked = replace(other, **{name: getattr(one, name) for name in MASKED})
    assert letter_pdf(other) != letter_pdf(one)
    assert letter_pdf(masked) == letter_pdf(one)
    assert _masked(flat(other)) == _masked(flat(one))


def _masked(text: str) -> str:
    for what in (
        r"\d+年\d+月\d+日(\d\d:\d\d:\d\d)?",
        r"2026-000\d{3}",
        r"\w{4}(-\w{4}){4}",
        r"位置[\d,]+",
        r"〒\d{3}-\d{4}(東京都千代田区千代田|北海道札幌市).*?様",
        r"髙橋﨑美|見本次郎",
    ):
        text = re.sub(what, "□", text)
    return text


BIG = """
import sys
from api.documents import annexes, letters
from tests.documents import replies
annexes.ROWS_MAX = letters.ROWS_MAX = 500
sys.stdout.buffer.write(letters.letter_pdf(replies.full(replies.provided(502))))
"""


def test_the_longest_letter_leaves_the_rest_to_the_files() -> None:
    # With a part of the bound, and in a process of its own: what 10,000 rows take, over a
    # gigabyte, a process never gives back.
    reader = PdfReader(BytesIO(run(BIG)))
    first = re.sub(r"\s", "", reader.pages[0].extract_text())
    last = reader.pages[-1].extract_text()
    assert "先頭の500行（記録500件分）を印字しました" in first
    assert "全502件" in first
    assert "第500青空商事株式会社" in last
    assert "501" not in last
    assert f"{len(reader.pages)} / {len(reader.pages)}" in last
    rows = reader.attachments[CSV_NAME][0].decode("utf-8-sig").split("\r\n")
    assert len(rows) == 1 + 502 + 1
    assert "第502青空商事株式会社" in rows[502]


def test_rare_kanji_and_variation_sequences_stand_on_paper_as_written() -> None:
    person = "渡邉\U000e0100 髙﨑 𠮷男"
    data = given.data(counterparty=replies.party(f"{person}商店"))
    data["principals"] = [{"scheme": "member", "id": "P1", "name": person}]
    letter = replace(
        replies.full([replies.entry(1, data)]), addressee=replace(replies.ADDRESSEE, name=person)
    )
    assert flat(letter).count(person.replace(" ", "")) == 4


def test_an_electronic_reply_holds_its_records_and_a_paper_one_does_not() -> None:
    entries = [*replies.provided(3), *replies.opted_out(DAYS[:9], first=10)]
    electronic, paper = replies.full(entries, "electronic"), replies.full(entries)
    attached = read(electronic).attachments
    assert attached == {CSV_NAME: [records_csv(electronic)], JSON_NAME: [content(electronic)]}
    assert not read(paper).attachments
    text = flat(electronic)
    for words in ("電磁的記録により開示します。", "先頭に「'」を付しています。", "1行にまとめ"):
        assert words in text


def test_withheld_parts_of_both_sides_are_named_by_annex_and_number() -> None:
    entries = [*replies.provided(1), *replies.received(3)]
    withheld = {
        entries[1].transfer: {"ACQUISITION"},
        entries[2].transfer: {"ACQUISITION"},
        entries[3].transfer: {"ご利用履歴"},
    }
    parts = ((2, "ACQUISITION"), (3, "ACQUISITION"), (4, "ITEMS"))
    told = (LetterWithholding("ART33_2_I", replies.REASON, parts=parts),)
    text = flat(replies.letter(Partial(lines_of(entries, withheld=withheld), "paper", told)))
    assert "別紙2の番号2～3の「取得の経緯」のうち開示していない部分、" in text
    assert "別紙2の番号4の「個人データの項目」のうち開示していない部分は、" in text
    assert "氏名（ほか1項目は開示しません）" in text
