"""Broken registers, as data: each fault is told by row, column, pointer, code and article."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from api.resources.registers.problems import SAYINGS, said_of
from tests.registers.writing import HEADINGS, MAPPING, looked_at, mapping, usual_row, workbook

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
    assert all(p.said for p in broken.problems)
    assert broken.item.command is None
    assert broken.item.error is not None


def test_no_problem_repeats_what_stands_in_a_cell(tmp_path: Path) -> None:
    for n, case in enumerate(CASES):
        place = workbook(tmp_path / f"{n}.xlsx", [HEADINGS, usual_row(1, 1, **case["row"])])
        typed = [text for text in case["row"].values() if isinstance(text, str) and len(text) > 3]
        for one in looked_at(place, of_case(case)):
            told = repr(one.problems)
            assert not any(text in told for text in typed), case["name"]
            assert "ながめ" not in told


def test_every_code_has_a_broken_register() -> None:
    met = {problem[2] for case in CASES for problem in case["problems"]}
    assert set(SAYINGS) <= met | ELSEWHERE
    assert not met & ELSEWHERE
    assert all(said_of(code) for code in met)
