"""The files of a reply hold every record, as it is, unfolded."""

import csv
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest

from ledger.cases.letters.contents import Full, LetterWithholding, Partial
from ledger.cases.letters.files import content, csv_of, records_csv
from ledger.cases.letters.lines import LineItem, lines_of
from ledger.cases.letters.words import WORDING
from ledger.format.json import strict
from tests.documents import hostile, replies
from tests.ledger import given as made
from tests.ledger.spreadsheets import unguarded

DAYS = [date(2026, 4, 1) + timedelta(n) for n in range(30)]


def rows(raw: bytes) -> list[dict[str, str]]:
    """As a spreadsheet reads them."""
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(StringIO(raw.decode("utf-8-sig"), newline="")))


def test_files_do_not_fold() -> None:
    letter = replies.full([*replies.opted_out(DAYS), *replies.received(2)])
    read = rows(records_csv(letter))
    said: Any = strict(content(letter))

    assert [row["番号"] for row in read] == [str(n) for n in range(1, 33)]
    assert [row["年月日"] for row in read[:30]] == [f"2026年4月{n}日" for n in range(1, 31)]
    assert [row["提供・受領の別"] for row in read] == ["提供"] * 30 + ["受領"] * 2
    lines = said["content"]["lines"]
    assert [line["number"] for line in lines] == list(range(1, 33))
    assert [line["items"][0]["value"] for line in lines[:30]] == [day.isoformat() for day in DAYS]


def test_what_is_withheld_stands_in_no_file() -> None:
    entries = replies.provided(3)
    letter = replies.partial(entries)
    said: Any = strict(content(letter))
    read = rows(records_csv(letter))

    both = content(letter) + records_csv(letter)
    for hidden in ("第1青空商事株式会社", "第3青空商事株式会社"):
        assert hidden.encode() not in both
    assert "第2青空商事株式会社".encode() in both
    assert said["content"]["lines"][0]["items"][1] == {"code": "COUNTERPARTY", "withheld": 1}
    assert [row["開示しない記録事項"] for row in read] == ["提供の相手方", ""]
    assert read[0]["第三者の氏名又は名称"] == "開示しません"


def test_a_null_of_the_record_stays_and_an_open_period_has_no_end() -> None:
    party = {**made.PARTY, "address": None}
    entry = replies.entry(
        1,
        made.received(
            basis="opt_out_27_2",
            opt_out_published=True,
            consent=None,
            counterparty=party,
            transferred_on=None,
            transferred_from="2026-04-01",
        ),
    )
    line = lines_of([entry])[0]
    opened = replace(
        line, items=(LineItem("DATE", {"from": "2026-04-01", "to": None}), *line.items[1:])
    )
    letter = replies.letter(Full((opened,), "electronic"))
    items: Any = strict(content(letter))
    items = items["content"]["lines"][0]["items"]

    assert items[0] == {"code": "DATE", "value": {"from": "2026-04-01"}}
    assert items[1]["value"]["address"] is None
    assert rows(records_csv(letter))[0]["年月日"] == "2026年4月1日から（継続中）"
    assert csv_of(content(letter)) == records_csv(letter)


@pytest.mark.parametrize("what", hostile.PRINTED)
def test_a_hostile_text_comes_back_from_the_files_as_it_was(what: str) -> None:
    text = hostile.PRINTED[what]
    data = made.received(counterparty=replies.party(text), items=[text])
    data["acquisition"] = text
    entries = [replies.entry(1, data)]
    lines = lines_of(entries, withheld={UUID(int=1): {"PRINCIPAL"}})
    withheld = (LetterWithholding("ART33_2_I", text, parts=((1, "PRINCIPAL"),)),)
    letter = replies.letter(Partial(lines, "electronic", withheld), wording=WORDING)
    said: Any = strict(content(letter))
    read = rows(records_csv(letter))

    assert len(read) == 1
    assert unguarded(read[0]["第三者の氏名又は名称"]) == text
    assert unguarded(read[0]["取得の経緯"]) == text
    assert said["content"]["withheld"][0]["reason"] == text
    values = {one["code"]: one.get("value") for one in said["content"]["lines"][0]["items"]}
    assert values["ACQUISITION"] == text
    assert values["ITEMS"] == [text]
