"""The runner itself: what it runs, what it refuses, and that a wrong expectation fails."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from tests.acceptance.reading import (
    OWN_FOLDER,
    RUNNING_KINDS,
    STORY_KINDS,
    CaseError,
    Folder,
    first_keys,
    read_folder,
)
from tests.acceptance.running import differences, outcome_of

ROOT = Path(__file__).parents[2]
OWN_CASES = [json.loads(line) for line in (OWN_FOLDER / "public.jsonl").read_text().splitlines()]


def own_case(id_: str) -> dict[str, Any]:
    return next(json.loads(json.dumps(case)) for case in OWN_CASES if case["id"] == id_)


def folder_with(tmp_path: Path, *cases: dict[str, Any]) -> Path:
    lines = [json.dumps(case, ensure_ascii=False) for case in cases]
    (tmp_path / "some.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def test_the_public_file_has_so_many_cases_of_each_kind() -> None:
    assert Counter(case["kind"] for case in OWN_CASES) == {
        "classify": 67,
        "retention": 22,
        "malformed": 6,
        "joint_use_change": 2,
        "identity": 18,
        "deadline": 11,
        "timeline": 30,
        "masking": 7,
    }


def test_every_file_of_the_folder_is_read() -> None:
    own = read_folder(OWN_FOLDER)
    lines = [one for file in OWN_FOLDER.glob("*.jsonl") for one in file.read_text().splitlines()]
    assert len(own.running) + len(own.stories) == len([one for one in lines if one.strip()])


def test_the_messages_of_a_series_are_one_record_under_the_key_of_the_first() -> None:
    def recorded(key: str, series: str | None) -> dict[str, Any]:
        return {"do": "record", "key": key, "transfer": {"series_id": series} if series else {}}

    steps = [recorded("R1", "S1"), recorded("R2", None), {"do": "purge"}, recorded("R3", "S1")]
    assert first_keys(steps) == {"R1": "R1", "R2": "R2", "R3": "R1"}


def test_every_case_of_the_folder_either_asks_or_is_a_story(
    folder: Folder, record_property: Callable[[str, object], None]
) -> None:
    assert {case.kind for case in folder.running} <= set(RUNNING_KINDS)
    assert {case.kind for case in folder.stories} <= set(STORY_KINDS)
    record_property("cases run", len(folder.running))
    record_property("cases that are played", len(folder.stories))


def mutated(value: object) -> list[object]:
    """Values that differ from an expected one, in ways a careless comparison would miss."""
    match value:
        case bool():
            return [not value, None]
        case list():
            stated = cast("list[str]", value)
            return [[*stated, "X"], stated[1:]] if stated else [["X"]]
        case int():
            return [value + 1, None]
        case None:
            return ["2024-01-01"]
        case _:
            return ["2024-01-01", None, ""]


def test_every_mutated_expectation_of_every_case_is_reported() -> None:
    fields: set[tuple[str, str]] = set()
    for case in read_folder(OWN_FOLDER).running:
        outcome = outcome_of(case)
        for field, value in case.expect.items():
            fields.add((case.kind, field))
            for wrong in mutated(value):
                assert len(differences({**case.expect, field: wrong}, outcome)) == 1, (
                    f"{case.id}: {field} = {wrong!r} was taken for {value!r}"
                )
    assert len(fields) == 9 + 2 + 2 + 1 + 2 + 5 + 10 + 1


def test_the_order_of_statutory_items_is_compared_and_that_of_findings_is_not() -> None:
    outcome = {"statutory_items": ["DATE", "ITEMS"], "findings": ["A", "B"]}
    assert differences({"statutory_items": ["ITEMS", "DATE"]}, outcome)
    assert not differences({"findings": ["B", "A"]}, outcome)


def unknown_step() -> dict[str, Any]:
    case = next(json.loads(json.dumps(one)) for one in OWN_CASES if one["kind"] == "timeline")
    case["given"]["steps"][0]["do"] = "conjure"
    return case


def changed(part: str, **more: object) -> dict[str, Any]:
    case = own_case("A01-1")
    return case | {part: case[part] | more}


UNKNOWN: dict[str, tuple[list[dict[str, Any]], str]] = {
    "a kind": ([own_case("A01-1") | {"kind": "classified"}], "unknown kind"),
    "a field of what is given": ([changed("given", surprise=1)], "surprise"),
    "a field of what is expected": ([changed("expect", surprise=1)], "surprise"),
    "a step": ([unknown_step()], "conjure|steps"),
    "a finding": ([changed("expect", findings=["NO_SUCH_FINDING"])], "NO_SUCH_FINDING"),
    "a case that stands twice": ([own_case("A01-1"), own_case("A01-1")], "twice"),
}


@pytest.mark.parametrize("what", UNKNOWN)
def test_what_the_runner_does_not_know_is_an_error(tmp_path: Path, what: str) -> None:
    cases, said = UNKNOWN[what]
    with pytest.raises(CaseError, match=said):
        read_folder(folder_with(tmp_path, *cases))


def test_a_folder_without_cases_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"no \*\.jsonl"):
        read_folder(tmp_path)


def run_pytest(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "tests/acceptance/test_cases.py", "-q"]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", "--cases", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_another_folder_is_run_by_option_and_its_wrong_case_fails(tmp_path: Path) -> None:
    wrong = own_case("D01")
    wrong["expect"]["retain_through"] = "2027-02-27"
    done = run_pytest(folder_with(tmp_path, own_case("A01-1"), wrong))
    assert done.returncode == 1, done.stdout
    assert "1 failed, 1 passed" in done.stdout


def test_another_folder_may_bring_its_own_notices(tmp_path: Path) -> None:
    case = own_case("A02-1")
    notice = next(
        one
        for one in json.loads((OWN_FOLDER.parent / "notices.json").read_text())["notices"]
        if one["notice_id"] == "EX-OPTOUT-1"
    )
    own = {"notices": [notice | {"items": ["氏名"]}]}
    (tmp_path / "notices.json").write_text(json.dumps(own), encoding="utf-8")
    (read,) = read_folder(folder_with(tmp_path, case)).running
    assert outcome_of(read)["findings"] == ["OPT_OUT_ITEM_NOT_FILED"]
