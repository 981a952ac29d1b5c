"""Whoever a rejected row of a register states is found there, and shown to who repairs it."""

import tracemalloc
from pathlib import Path
from typing import Any, Final, cast

import pytest

from api.container import Container
from api.resources.quarantine.forms import fields
from api.resources.registers.import_run import CheckedTransfer, batches_of
from api.web.items import Sender, item_of
from ledger.quarantine.item_text import VALUES_MAX
from ledger.quarantine.service import Quarantine
from ledger.values import PrincipalRef
from tests.canary import MEMBER, NAME, OTHER_MEMBER, OTHER_NAME
from tests.registers.conftest import Run
from tests.registers.test_importing import register, written
from tests.registers.writing import (
    AT,
    HEADINGS,
    SOURCE,
    csv_file,
    looked_at,
    mapping,
    usual_row,
    workbook,
)

SEVERAL: Final = {
    "会員番号": {"field": "principals.id", "separator": ["、"]},
    "氏名": {"field": "principals.name", "separator": ["、"]},
}
WORD: Final = {"備考": {"values": {"通常": {"special_care": False}}}}


def given_of(one: CheckedTransfer) -> dict[str, Any]:
    return cast("dict[str, Any]", one.item.given)


def persons_of(one: CheckedTransfer) -> list[dict[str, str]]:
    return cast("list[dict[str, str]]", given_of(one)["data"]["principals"])


def codes(one: CheckedTransfer) -> list[str]:
    return [problem.code for problem in one.problems]


def is_refused(one: CheckedTransfer) -> bool:
    """Whether the item as it is kept would be refused when it is repaired."""
    return item_of(given_of(one), "", Sender("", SOURCE, may_mark=False), AT).command is None


def row_of(tmp_path: Path, columns: dict[str, Any], **cells: object) -> CheckedTransfer:
    row = usual_row(1, 1, **cells)
    headings = [*HEADINGS, *(title for title in columns if title not in HEADINGS)]
    [one] = looked_at(csv_file(tmp_path / "r.csv", [headings, row]), mapping(columns=columns))
    return one


def test_persons_whose_names_differ_in_number_are_kept_each_apart(tmp_path: Path) -> None:
    one = row_of(tmp_path, SEVERAL, 会員番号="M-1、M-2", 氏名="見本 一子")
    assert codes(one) == ["PERSONS_DIFFER"]
    # Whose name it is, nobody knows: as it stands it cannot be recorded by accident.
    assert is_refused(one)
    assert fields.fits(given_of(one))
    assert persons_of(one) == [
        {"scheme": "member", "id": "M-1"},
        {"scheme": "member", "id": "M-2"},
        {"scheme": "member", "name": "見本 一子"},
    ]


def test_a_scheme_that_is_stated_once_is_kept_for_each_of_differing_persons(tmp_path: Path) -> None:
    columns = SEVERAL | {"備考": {"field": "principals.scheme", "separator": ["、"]}}
    one = row_of(tmp_path, columns, 会員番号="M-1、M-2", 氏名="見本 一子", 備考="customer")
    assert {person["scheme"] for person in persons_of(one)} == {"customer"}
    assert len(persons_of(one)) == 3


@pytest.mark.parametrize(
    ("column", "cells", "code"),
    [
        ({}, {"会員番号": "M-1、M-2", "氏名": "見本 一子、見本\ue000 二子"}, "GAIJI"),
        ({"digits": 3}, {"会員番号": "111、22", "氏名": "見本 一子、見本 二子"}, "DIGITS_MISSING"),
    ],
)
def test_one_unfit_value_leaves_the_other_persons_of_its_cell_as_they_are(
    tmp_path: Path, column: dict[str, Any], cells: dict[str, str], code: str
) -> None:
    columns = SEVERAL | {"会員番号": SEVERAL["会員番号"] | column}
    one = row_of(tmp_path, columns, **cells)
    assert codes(one) == [code]
    ids, names = (cells[title].split("、") for title in ("会員番号", "氏名"))
    assert persons_of(one) == [
        {"scheme": "member", "id": number, "name": name}
        for number, name in zip(ids, names, strict=True)
    ]


def test_everybody_of_a_transfer_of_too_many_rows_is_kept(tmp_path: Path) -> None:
    rows = [usual_row(1, n, 住所=f"{n}番地" if n > 1_000 else None) for n in range(1_203)]
    [one] = looked_at(csv_file(tmp_path / "r.csv", [HEADINGS, *rows]))
    assert [person["id"] for person in persons_of(one)] == [f"M-{n:06}" for n in range(1_203)]
    # One fault for all of them.
    assert codes(one).count("PERSONS_TOO_MANY") == 1
    assert len(one.problems) < 10


def test_everybody_of_a_cell_of_too_many_persons_is_kept(tmp_path: Path) -> None:
    ids = [f"M-{n:06}" for n in range(1_003)]
    one = row_of(tmp_path, SEVERAL, 会員番号="、".join(ids), 氏名=None)
    assert codes(one) == ["PERSONS_TOO_MANY"]
    assert [person["id"] for person in persons_of(one)] == ids


def test_a_cell_that_is_too_long_keeps_its_persons(tmp_path: Path) -> None:
    ids = [f"M-{n:06}" for n in range(4_000)]
    one = row_of(tmp_path, SEVERAL, 会員番号="、".join(ids), 氏名=None)
    assert codes(one) == ["CELL_TOO_LONG", "PERSONS_TOO_MANY"]
    assert [person["id"] for person in persons_of(one)] == ids


def test_a_number_that_a_workbook_shows_as_no_day_is_kept(tmp_path: Path) -> None:
    row = usual_row(1, 1, 会員番号={"serial": 90123456})
    [one] = looked_at(workbook(tmp_path / "r.xlsx", [HEADINGS, row]))
    assert codes(one) == ["NOT_A_DAY"]
    assert [person["id"] for person in persons_of(one)] == ["90123456"]


@pytest.mark.parametrize(
    ("columns", "cells", "code", "kept"),
    [
        (WORD, {"備考": "見本 一子"}, "VALUE_UNKNOWN", {"備考": ["見本 一子"]}),
        ({}, {"余白": "見本 一子"}, "CELL_OUTSIDE", {"@J": ["見本 一子"]}),
    ],
)
def test_a_text_that_no_member_can_hold_is_kept_under_its_heading(
    tmp_path: Path,
    columns: dict[str, Any],
    cells: dict[str, str],
    code: str,
    kept: dict[str, list[str]],
) -> None:
    one = row_of(tmp_path, columns, **cells)
    assert codes(one) == [code]
    assert given_of(one)["cells"] == kept
    # Who repairs it sees the whole item, and decides what becomes of them.
    assert is_refused(one)
    assert not fields.fits(given_of(one))


def test_what_the_rows_of_one_transfer_say_besides_is_kept_once(tmp_path: Path) -> None:
    others = [usual_row(1, n, 提供先=name) for n, name in ((2, "甲社"), (3, "乙社"), (4, "甲社"))]
    [one] = looked_at(csv_file(tmp_path / "r.csv", [HEADINGS, usual_row(1, 1), *others]))
    assert set(codes(one)) == {"GROUP_DIFFERS"}
    assert given_of(one)["cells"] == {"提供先": ["甲社", "乙社"]}


def test_a_row_without_such_texts_is_an_item_without_cells(tmp_path: Path) -> None:
    one = row_of(tmp_path, {}, 住所=None)
    assert codes(one) == ["MISSING"]
    assert given_of(one).keys() == {"source", "id", "data"}


CROWD: Final = 15_000


def test_one_number_in_all_rows_takes_no_more_memory_than_an_item_may(tmp_path: Path) -> None:
    rows = (usual_row(1, n, 氏名=f"見本 {n}子" * 10) for n in range(CROWD))
    place = csv_file(tmp_path / "r.csv", [HEADINGS, *rows])
    tracemalloc.start()
    try:
        [one] = looked_at(place)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert VALUES_MAX / 4 < len(persons_of(one)) < VALUES_MAX / 2
    assert peak < 32 << 20


def test_rejected_crowds_fill_a_batch_as_others_do(tmp_path: Path) -> None:
    rows = [usual_row(n // 2_000, n) for n in range(8_000)]
    results = looked_at(csv_file(tmp_path / "r.csv", [HEADINGS, *rows]))
    assert [len(batch) for batch in batches_of(iter(results))] == [3, 1]


# -- In the quarantine, on a real PostgreSQL --


def test_whoever_a_rejected_row_states_is_found_in_the_quarantine(
    tmp_path: Path, run: Run, house: Container
) -> None:
    given = written(tmp_path, mapping(columns=SEVERAL))
    rows = [
        usual_row(1, 1, 会員番号=f"{MEMBER}、{OTHER_MEMBER}", 氏名=NAME),
        usual_row(2, 2, 会員番号="M-7、M-8", 氏名=f"{OTHER_NAME}、見本\ue000 二子"),
        usual_row(3, 3, 会員番号="、".join(f"N-{n}" for n in range(1_004)), 氏名=None),
        [*usual_row(4, 4), "例示 四郎"],
    ]
    done = run(register(tmp_path, *rows), "--mapping", given, "--quarantine")
    assert "4 quarantined" in done.output
    quarantine = Quarantine(house.writer, house.keys, house.secret)

    def found(number: str, *names: str) -> int:
        matching = quarantine.matching([PrincipalRef("member", number)], names)
        assert not matching.is_unreadable
        return len(matching.items)

    for number in (MEMBER, OTHER_MEMBER, "M-7", "M-8", "N-0", "N-1003"):
        assert found(number) == 1, number
    for name in (NAME, OTHER_NAME, "例示 四郎"):
        assert found("absent", name) == 1
    assert found("absent", "無関係 五子") == 0


def test_a_crowd_that_is_too_large_to_compare_may_be_anybodys(
    tmp_path: Path, run: Run, house: Container
) -> None:
    place = csv_file(tmp_path / "r.csv", [HEADINGS, *(usual_row(1, n) for n in range(8_000))])
    run(place, "--mapping", written(tmp_path, mapping()), "--quarantine")
    quarantine = Quarantine(house.writer, house.keys, house.secret)
    for number in ("M-000001", "M-007999"):
        assert quarantine.matching([PrincipalRef("member", number)], []).is_unreadable
