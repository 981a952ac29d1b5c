"""Rows become transfers: grouped, split, looked up; what contradicts itself is told."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, cast

import pytest

from api.resources.registers.errors import RegisterError
from api.resources.registers.import_run import CheckedTransfer
from api.resources.registers.problems import SAYINGS, message_for
from tests.registers.writing import (
    HEADINGS,
    MAPPING,
    csv_file,
    looked_at,
    mapping,
    usual_row,
    workbook,
)


def data_of(one: CheckedTransfer) -> dict[str, Any]:
    return cast("dict[str, Any]", one.item.given)["data"]


def codes(results: list[CheckedTransfer]) -> list[tuple[int, str, str]]:
    return [(p.row, p.column, p.code) for one in results for p in one.problems]


def test_a_row_is_one_transfer_carried_over_from_the_register(tmp_path: Path) -> None:
    place = csv_file(tmp_path / "r.csv", [HEADINGS, usual_row(1, 7)])
    [one] = looked_at(place)
    assert one.problems == ()
    assert one.item.command is not None
    assert one.item.given == {
        "source": "https://platform.example.jp/register",
        "id": "R-000001",
        "data": {
            "direction": "provided",
            "basis": "consent_27_1",
            "method": "individual",
            "transferred_on": "2022-04-01",
            "counterparty": {
                "kind": "corporation",
                "name": "ながめカード株式会社",
                "address": "東京都千代田区外神田九丁目99番1号",
                "representative": "代表取締役 見本 一郎",
            },
            "principals": [{"scheme": "member", "id": "M-000007", "name": "見本 7子"}],
            "items": ["氏名", "住所"],
            "consent": {"obtained": True},
            "backfill": {"source_system": "記録簿", "batch": "2022"},
        },
    }


def test_rows_with_one_number_are_one_transfer_of_several_persons(tmp_path: Path) -> None:
    rows = [usual_row(1, 1), usual_row(1, 2), [], usual_row(1, 3), usual_row(2, 4)]
    first, second = looked_at(csv_file(tmp_path / "r.csv", [HEADINGS, *rows]))
    assert [person["id"] for person in data_of(first)["principals"]] == [
        "M-000001",
        "M-000002",
        "M-000003",
    ]
    assert (first.first, first.last, second.first) == (2, 5, 6)
    assert first.problems == second.problems == ()


def test_rows_of_one_transfer_that_differ_are_told(tmp_path: Path) -> None:
    rows = [HEADINGS, usual_row(1, 1), usual_row(1, 2, 住所="大阪府大阪市北区梅田3-1-3")]
    results = looked_at(csv_file(tmp_path / "r.csv", rows))
    assert codes(results) == [(3, "住所", "GROUP_DIFFERS")]


def test_a_number_that_comes_again_later_is_told(tmp_path: Path) -> None:
    rows = [HEADINGS, usual_row(1, 1), usual_row(2, 2), usual_row(1, 3)]
    assert codes(looked_at(csv_file(tmp_path / "r.csv", rows))) == [(4, "管理番号", "ID_TWICE")]


def test_a_person_twice_in_one_transfer_is_told(tmp_path: Path) -> None:
    rows = [HEADINGS, usual_row(1, 1), usual_row(1, 1)]
    assert codes(looked_at(csv_file(tmp_path / "r.csv", rows))) == [(3, "会員番号", "PERSON_TWICE")]


def test_only_the_first_row_of_a_transfer_need_state_what_all_share(tmp_path: Path) -> None:
    below = [None, None, None, None, None, "M-000002", "見本 2子", None, None]
    rows = [HEADINGS, usual_row(1, 1), below, usual_row(2, 3)]
    given = mapping(id={"column": "管理番号", "blank": "above"})
    first, second = looked_at(csv_file(tmp_path / "r.csv", rows), given)
    assert len(data_of(first)["principals"]) == 2
    assert first.problems == second.problems == ()
    assert codes(looked_at(csv_file(tmp_path / "r.csv", rows)))[0] == (3, "管理番号", "ID_MISSING")


def test_cells_merged_over_the_rows_of_one_transfer_count_for_each(tmp_path: Path) -> None:
    rows = [HEADINGS, usual_row(1, 1), [*[None] * 5, "M-000002", "見本 2子", None, None]]
    merged = ["A2:A3", "B2:B3", "C2:C3", "D2:D3", "E2:E3", "H2:H3", "I2:I3"]
    [one] = looked_at(workbook(tmp_path / "r.xlsx", rows, merged=merged))
    assert one.problems == ()
    assert len(data_of(one)["principals"]) == 2


def test_a_cell_merged_over_two_transfers_is_told_or_repeated(tmp_path: Path) -> None:
    rows = [HEADINGS, usual_row(1, 1), usual_row(2, 2)]
    place = workbook(tmp_path / "r.xlsx", rows, merged=["C2:C3"])
    assert codes(looked_at(place)) == [(3, "提供先", "CELL_MERGED")]
    _, second = looked_at(place, mapping(merged="repeat"))
    assert second.problems == ()
    assert data_of(second)["counterparty"]["name"] == "ながめカード株式会社"


def test_more_persons_than_a_transfer_holds_are_told_once(tmp_path: Path) -> None:
    rows = [HEADINGS, *(usual_row(1, n) for n in range(1_005))]
    [one] = looked_at(csv_file(tmp_path / "r.csv", rows))
    assert codes([one]) == [(1_002, "会員番号", "PERSONS_TOO_MANY")]
    assert len(data_of(one)["principals"]) == 1_005


def test_several_persons_may_stand_in_one_cell(tmp_path: Path) -> None:
    row = usual_row(1, 1, 会員番号="M-1、M-2", 氏名="見本 一子、見本 二子")
    columns = {
        "会員番号": {"field": "principals.id", "separator": ["、"]},
        "氏名": {"field": "principals.name", "separator": ["、"]},
    }
    [one] = looked_at(csv_file(tmp_path / "r.csv", [HEADINGS, row]), mapping(columns=columns))
    assert data_of(one)["principals"] == [
        {"scheme": "member", "id": "M-1", "name": "見本 一子"},
        {"scheme": "member", "id": "M-2", "name": "見本 二子"},
    ]


def test_without_a_number_the_content_is_the_id_and_the_same_row_twice_is_two(
    tmp_path: Path,
) -> None:
    given = mapping(id={"content": True})
    rows = [HEADINGS, usual_row(1, 1), usual_row(1, 2), usual_row(1, 1)]
    results = looked_at(csv_file(tmp_path / "r.csv", rows), given)
    ids = [cast("dict[str, str]", one.item.given)["id"] for one in results]
    assert ids[0].removesuffix("-1") == ids[2].removesuffix("-2")
    assert len(set(ids)) == 3
    later = looked_at(csv_file(tmp_path / "r.csv", [HEADINGS, usual_row(9, 9), *rows[1:]]), given)
    assert [cast("dict[str, str]", one.item.given)["id"] for one in later][1:] == ids


def test_one_word_may_state_several_members(tmp_path: Path) -> None:
    columns = {
        "同意": {
            "values": {
                "同意": {"basis": "consent_27_1", "consent.obtained": True},
                "委託": {"basis": "entrustment_27_5_i"},
            }
        }
    }
    rows = [HEADINGS, usual_row(1, 1, 同意="同意"), usual_row(2, 2, 同意="委託")]
    first, second = looked_at(csv_file(tmp_path / "r.csv", rows), mapping(columns=columns))
    assert (data_of(first)["basis"], data_of(first)["consent"]) == (
        "consent_27_1",
        {"obtained": True},
    )
    assert data_of(second)["basis"] == "entrustment_27_5_i"
    assert "consent" not in data_of(second)
    assert first.problems == second.problems == ()


def test_columns_of_one_row_that_contradict_each_other_are_told(tmp_path: Path) -> None:
    columns = {
        "代表者": {"values": {"有": {"special_care": True}}},
        "同意": {"values": {"有": {"special_care": False, "consent.obtained": True}}},
    }
    rows = [HEADINGS, usual_row(1, 1, 代表者="有")]
    results = looked_at(csv_file(tmp_path / "r.csv", rows), mapping(columns=columns))
    assert (2, "同意", "VALUES_DIFFER") in codes(results)


def test_an_empty_cell_says_unknown_where_the_mapping_says_so(tmp_path: Path) -> None:
    columns = {
        "提供年月日": {"field": "transferred_on", "blank": "unknown"},
        "住所": {"field": "counterparty.address", "blank": "unknown"},
        "同意": {"field": "consent.obtained", "blank": "unknown", "values": {"有": True}},
    }
    row = usual_row(1, 1, 提供年月日=None, 住所=None, 同意=None)
    [one] = looked_at(csv_file(tmp_path / "r.csv", [HEADINGS, row]), mapping(columns=columns))
    data = data_of(one)
    assert one.problems == ()
    assert data["date_not_recorded"] is True
    assert "transferred_on" not in data
    assert data["counterparty"]["address"] is None
    assert data["consent"] == {"obtained": False}


@pytest.mark.parametrize(
    ("cell", "extra", "instant"),
    [
        (datetime(2022, 4, 1, 9, 30), {}, "2022-04-01T09:30:00+09:00"),  # noqa: DTZ001 -- a sheet has no zone
        (date(2022, 4, 1), {"clock": "00:00"}, "2022-04-01T00:00:00+09:00"),
        ("令和4年4月1日 9:30", {}, "2022-04-01T09:30:00+09:00"),
        ("2022-04-01T09:30:00Z", {}, "2022-04-01T09:30:00Z"),
    ],
)
def test_an_instant_is_japans_unless_it_says_otherwise(
    tmp_path: Path, cell: object, extra: dict[str, str], instant: str
) -> None:
    columns = {"代表者": {"field": "consent.at", **extra}}
    constants = mapping()["constants"] | {"counterparty.representative": "見本 一郎"}
    place = workbook(
        tmp_path / "r.xlsx",
        [HEADINGS, usual_row(1, 1, 代表者=cell)],
        day_format="yyyy/mm/dd hh:mm",
    )
    [one] = looked_at(place, mapping(columns=columns, constants=constants))
    assert one.problems == ()
    assert data_of(one)["consent"]["at"] == instant


def test_a_day_alone_is_no_instant(tmp_path: Path) -> None:
    columns = {"代表者": {"field": "consent.at"}}
    constants = mapping()["constants"] | {"counterparty.representative": "見本 一郎"}
    rows = [HEADINGS, usual_row(1, 1, 代表者="2022-03-31")]
    results = looked_at(
        csv_file(tmp_path / "r.csv", rows), mapping(columns=columns, constants=constants)
    )
    assert codes(results) == [(2, "代表者", "TIME_MISSING")]


@pytest.mark.parametrize(
    ("cell", "forms"), [(44652, ["serial"]), (20220401, ["compact"]), ("20220401", ["compact"])]
)
def test_a_number_is_a_day_where_the_mapping_says_so(
    tmp_path: Path, cell: object, forms: list[str]
) -> None:
    columns = {"提供年月日": {"field": "transferred_on", "days": forms}}
    rows = [HEADINGS, usual_row(1, 1, 提供年月日=cell)]
    [one] = looked_at(workbook(tmp_path / "r.xlsx", rows), mapping(columns=columns))
    assert data_of(one)["transferred_on"] == "2022-04-01"


def test_numbers_become_texts_as_the_mapping_says(tmp_path: Path) -> None:
    columns = {
        "管理番号": {"ignore": True, "numbers": "plain"},
        "会員番号": {"field": "principals.id", "digits": 11},
    }
    rows = [HEADINGS, usual_row(1, 1, 管理番号=7.0, 会員番号=9012345678)]
    [one] = looked_at(workbook(tmp_path / "r.xlsx", rows), mapping(columns=columns))
    assert cast("dict[str, str]", one.item.given)["id"] == "7"
    assert data_of(one)["principals"][0]["id"] == "09012345678"


# -- columns -----------------------------------------------------------------------------------


def refused(place: Path, given: object) -> tuple[str, str]:
    with pytest.raises(RegisterError) as caught:
        looked_at(place, given)
    return caught.value.code, caught.value.place


def test_every_column_is_decided_on(tmp_path: Path) -> None:
    place = csv_file(tmp_path / "r.csv", [(*HEADINGS, "備考", "メモ")])
    # By its letters: where the first row is no heading, it is somebody's data.
    assert refused(place, mapping()) == ("COLUMN_NOT_MAPPED", "J、K")
    assert looked_at(place, mapping(ignore=["備考", "@K"])) == []


def test_a_heading_that_is_there_twice_is_chosen_by_its_letters(tmp_path: Path) -> None:
    rows = [(*HEADINGS, "氏名"), [*usual_row(1, 1), "担当 花子"]]
    place = csv_file(tmp_path / "r.csv", rows)
    assert refused(place, mapping()) == ("HEADING_TWICE", "氏名")
    columns = {title: one for title, one in mapping()["columns"].items() if title != "氏名"}
    columns["@G"] = {"field": "principals.name"}
    [one] = looked_at(place, mapping() | {"columns": columns, "ignore": ["@J"]})
    assert data_of(one)["principals"][0]["name"] == "見本 1子"


def test_a_cell_without_a_heading_is_not_left_out_unnoticed(tmp_path: Path) -> None:
    rows = [HEADINGS, usual_row(1, 1), [*usual_row(2, 2), "撤回済み"]]
    place = csv_file(tmp_path / "r.csv", rows)
    assert codes(looked_at(place)) == [(3, "@J", "CELL_OUTSIDE")]
    assert codes(looked_at(place, mapping(ignore=["@J"]))) == []


def test_headings_may_stand_lower_and_hold_line_ends(tmp_path: Path) -> None:
    heading = [text.replace("年月日", "\n年月日") for text in HEADINGS]
    place = workbook(tmp_path / "r.xlsx", [["第三者提供記録簿"], [], heading, usual_row(1, 1)])
    [one] = looked_at(place, mapping(heading_row=3))
    assert (one.first, one.problems) == (4, ())
    assert refused(place, mapping(heading_row=2)) == ("HEADINGS_MISSING", "2")


# -- Broken registers, as data: each fault is told by row, column, pointer, code and article --


CASES: Final = json.loads(Path(__file__).with_name("broken.json").read_bytes())
ELSEWHERE: Final = {
    # Told of rows together (test_transfers), of the file's own kind (test_xlsx), or by the import.
    *(
        "CELL_MERGED",
        "CELL_OUTSIDE",
        "CELL_TOO_LONG",
        "FORMULA_WITHOUT_VALUE",
        "NOT_A_DAY",
        "TIME_MISSING",
    ),
    *("ID_TWICE", "GROUP_DIFFERS", "VALUES_DIFFER", "PERSON_TWICE", "PERSONS_TOO_MANY"),
    *("DUPLICATE_MISMATCH", "ITEM_TOO_LARGE", "UNSTORABLE"),
}


def of_case(case: dict[str, Any]) -> dict[str, Any]:
    return mapping(
        columns=case.get("column", {}), constants=MAPPING["constants"] | case.get("constants", {})
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_broken_row_is_told_and_its_neighbours_are_well(
    tmp_path: Path, case: dict[str, Any]
) -> None:
    rows = [HEADINGS, usual_row(1, 1), usual_row(2, 2, **case["row"]), usual_row(3, 3)]
    if "column" in case or "constants" in case:
        del rows[3], rows[1]  # the neighbours would not be well under this mapping
    place = workbook(tmp_path / "r.xlsx", rows)

    results = looked_at(place, of_case(case))

    [broken] = [one for one in results if one.problems]
    assert [[p.column, p.pointer, p.code, p.article] for p in broken.problems] == case["problems"]
    assert {p.row for p in broken.problems} == {rows.index(usual_row(2, 2, **case["row"])) + 1}
    assert all(p.message for p in broken.problems)
    assert broken.item.command is None
    assert broken.item.error is not None
    # No problem repeats what stands in a cell.
    typed = [text for text in case["row"].values() if isinstance(text, str) and len(text) > 3]
    assert [text for text in (*typed, "ながめ") if text in repr(broken.problems)] == []


def test_every_code_has_a_broken_register() -> None:
    met = {problem[2] for case in CASES for problem in case["problems"]}
    assert set(SAYINGS) <= met | ELSEWHERE
    assert not met & ELSEWHERE
    assert all(message_for(code) for code in met)
