"""Letters as PDF: tags, standards, same bytes, the longest one, and two that must not differ."""

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

from api.documents.letters import CSV_NAME, letter_pdf
from ledger.cases.letters.letter import Addressee, SearchInstant
from tests.documents import replies
from tests.documents.read_letters import LETTERS, flat, pdf_of, read, read_once
from tests.ledger import given


def kinds_of(node: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 -- a PDF object
    """Every structure element below `node` with its kind."""
    inner: Any = node.get("/K", [])
    children = cast("list[Any]", inner if isinstance(inner, list) else [inner])
    for one in children:
        child: Any = one.get_object() if hasattr(one, "get_object") else one
        if isinstance(child, dict) and "/S" in child:
            yield child["/S"], child
            yield from kinds_of(child)


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_a_tagged_pdf_a_3a_and_pdf_ua_1(name: str) -> None:
    reader = read_once(name)
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


def test_an_annex_is_one_table_with_a_head_over_all_its_pages() -> None:
    reader = read_once("FULL, 50 rows")
    root: Any = reader.trailer["/Root"]
    tables = [node for kind, node in kinds_of(root["/StructTreeRoot"]) if kind == "/Table"]
    counted = [Counter(kind for kind, _ in kinds_of(table)) for table in tables]

    # Two tables of particulars stand before them.
    assert [(table["/TR"], table["/TH"], table["/TD"]) for table in counted[-2:]] == [
        (31, 7, 210),
        (21, 8, 160),
    ]
    assert len(reader.pages) >= 5


OTHER_CELLS = "本人の同意を得ている記録事項でないため記録なし1"


def test_a_list_of_items_longer_than_a_page_goes_on_and_loses_nothing() -> None:
    items = [f"項目その{n}（細目を含む長い名の項目）" for n in range(1, 121)]
    data = given.data(counterparty=replies.party("長大商事株式会社"), items=items)
    reader = read(replies.full([replies.entry(1, data), *replies.provided(2)]))
    root: Any = reader.trailer["/Root"]
    tables = [node for kind, node in kinds_of(root["/StructTreeRoot"]) if kind == "/Table"]
    counted = Counter(kind for kind, _ in kinds_of(tables[-1]))
    texts = [page.extract_text() for page in reader.pages]
    parts = [text.split("件数\n")[-1] for text in texts if "細目を含む" in text]
    cell = re.sub(r"\s", "", "".join(re.sub(r"\d+ / \d+$", "", one) for one in parts))

    assert (counted["/TR"], counted["/TH"], counted["/TD"]) == (4, 7, 21)
    assert len(parts) >= 3
    assert "、".join(items) in cell.replace(OTHER_CELLS, "")


def test_the_same_letter_has_the_same_bytes_in_another_process_and_time_zone() -> None:
    script = (
        "import sys; from hashlib import sha256; from api.documents.letters import letter_pdf;"
        "from tests.documents import replies as r;"
        "made = letter_pdf(r.partial(r.provided(5), 'electronic'));"
        "sys.stdout.write(sha256(made).hexdigest())"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "TZ": "America/Lima", "LANG": "C"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    here = letter_pdf(replies.partial(replies.provided(5), "electronic"))

    assert elsewhere.stdout == sha256(here).hexdigest()


@pytest.mark.parametrize("name", LETTERS)
def test_the_same_letter_has_the_same_bytes_twice(name: str) -> None:
    assert pdf_of(name) == letter_pdf(replace(LETTERS[name]))


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
annexes.ROWS_MAX = letters.ROWS_MAX = 2_000
sys.stdout.buffer.write(letters.letter_pdf(replies.full(replies.provided(2_002))))
"""


def test_the_longest_letter_leaves_the_rest_to_the_files() -> None:
    # With a fifth of the bound, and in a process of its own: what 10,000 rows take, over a
    # gigabyte, a process never gives back.
    made = subprocess.run(
        [sys.executable, "-c", BIG], cwd=Path(__file__).parents[2], capture_output=True, check=True
    )
    reader = PdfReader(BytesIO(made.stdout))
    first = re.sub(r"\s", "", reader.pages[0].extract_text())
    last = reader.pages[-1].extract_text()

    assert "先頭の2,000行（記録2,000件分）を印字しました" in first
    assert "全2,002件" in first
    assert "2000" in last
    assert "第2000青空商事株式会社" in last
    assert "2001" not in last
    assert f"{len(reader.pages)} / {len(reader.pages)}" in last
    rows = reader.attachments[CSV_NAME][0].decode("utf-8-sig").split("\r\n")
    assert len(rows) == 1 + 2_002 + 1
    assert "第2002青空商事株式会社" in rows[2_002]
