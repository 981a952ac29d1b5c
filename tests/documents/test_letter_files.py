"""The files of a reply hold every record, as it is, unfolded."""

import csv
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cases.letters.contents import Full, LetterWithholding, Partial
from ledger.cases.letters.files import CSV_COLUMNS, content, csv_of, guarded, records_csv
from ledger.cases.letters.lines import LineItem, lines_of
from ledger.format.json import strict
from tests.documents import hostile, replies
from tests.ledger import given as made

DAYS = [date(2026, 4, 1) + timedelta(n) for n in range(30)]


def rows(raw: bytes) -> list[dict[str, str]]:
    """As a spreadsheet reads them."""
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(StringIO(raw.decode("utf-8-sig"), newline="")))


def test_the_csv_is_what_a_spreadsheet_reads() -> None:
    raw = records_csv(replies.full(replies.provided(1)))

    head, row, end = raw.removeprefix(b"\xef\xbb\xbf").decode().split("\r\n")
    assert head == ",".join(CSV_COLUMNS)
    assert row == (
        "1,提供,記録事項でないため記録なし,第1青空商事株式会社,東京都港区芝1-1-1,"
        "代表取締役 見本一郎,記録事項でないため記録なし,member：P1,,氏名、ご利用履歴,"
        "本人の同意を得ている,"
    )
    assert end == ""


def test_a_letter_calls_kinds_of_identifiers_as_it_says_and_an_older_one_by_their_codes() -> None:
    older = replies.full(replies.provided(1))
    newer = replace(older, kinds={"member": "会員ID"})
    assert [rows(records_csv(one))[0][CSV_COLUMNS[7]] for one in (older, newer)] == [
        "member：P1",
        "会員ID：P1",
    ]
    # Of what was sent the JSON is kept: the table made of it says what it said then.
    for one in (older, newer):
        assert csv_of(content(one)) == records_csv(one)
    said: Any = strict(content(newer))
    assert said.pop("kinds") == {"member": "会員ID"}
    assert said == strict(content(older))


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


def test_the_json_says_what_kind_of_letter_it_is_and_of_when() -> None:
    said: Any = strict(content(replies.supplement(Full(lines_of(replies.provided(1)), "paper"))))

    assert (said["type"], said["v"]) == ("letter", 1)
    assert said["content"]["kind"] == "SUPPLEMENT"
    assert said["content"]["reply"]["kind"] == "FULL"
    assert said["at"] == "2026-11-25T01:02:11.250Z"
    assert said["search"] == {
        "at": "2026-11-24T23:02:11.250Z",
        "position": 18_204_771,
        "coverage": list(replies.COVERAGE),
    }
    assert said["asked"]["arrived_on"] == "2026-11-24"
    assert said["csv_guard"] == "'"


@pytest.mark.parametrize("kind", replies.OTHERS)
def test_every_letter_has_canonical_json(kind: str) -> None:
    said: Any = strict(content(replies.OTHERS[kind]))
    assert said["content"]["kind"] == ("CORRECTION" if kind == "DISCREET" else kind)
    assert "csv_guard" not in said


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


GUARDED = ["=1+1", "+1", "-1", "@a", "\tx", "\rx", "\nx", " =1", "　＝1", "＋1", "－1", "＠a"]


@pytest.mark.parametrize("cell", GUARDED)
def test_a_cell_that_would_be_a_formula_is_guarded(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


@given(st.text(max_size=8))
def test_a_guard_changes_nothing_else(cell: str) -> None:
    made_safe = guarded(cell)
    assert made_safe in (cell, f"'{cell}")
    assert not made_safe.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not made_safe.startswith(("\t", "\r", "\n"))


@pytest.mark.parametrize("what", hostile.PRINTED)
def test_a_hostile_text_comes_back_from_the_files_as_it_was(what: str) -> None:
    text = hostile.PRINTED[what]
    data = made.received(counterparty=replies.party(text), items=[text])
    data["acquisition"] = text
    entries = [replies.entry(1, data)]
    lines = lines_of(entries, withheld={UUID(int=1): {"PRINCIPAL"}})
    withheld = (LetterWithholding("ART33_2_I", text, parts=((1, "PRINCIPAL"),)),)
    letter = replies.letter(Partial(lines, "electronic", withheld))
    said: Any = strict(content(letter))
    read = rows(records_csv(letter))

    assert len(read) == 1
    assert read[0]["第三者の氏名又は名称"] == guarded(text)
    assert read[0]["取得の経緯"] == guarded(text)
    assert said["content"]["withheld"][0]["reason"] == text
    values = {one["code"]: one.get("value") for one in said["content"]["lines"][0]["items"]}
    assert values["ACQUISITION"] == text
    assert values["ITEMS"] == [text]


OF_A_PERSON = [*replies.provided(2), *replies.received(2), *replies.opted_out(DAYS[:2], 50)]
LETTERS = {
    **replies.OTHERS,
    "whole": replies.full(OF_A_PERSON),
    "in part": replies.partial(OF_A_PERSON),
    "supplement": replies.supplement(Full(lines_of(OF_A_PERSON, current_name="新姓"), "paper")),
}


@pytest.mark.parametrize("name", LETTERS)
def test_the_csv_follows_from_the_json_alone(name: str) -> None:
    letter = LETTERS[name]
    assert csv_of(content(letter)) == records_csv(letter)
