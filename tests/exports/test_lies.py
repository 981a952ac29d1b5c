"""Whoever holds the log's key signs a bag that lies: it is refused all the same, in words.

Attack: the holder of the log's key signs a bag that lies.
Held off by: commitments, the log, and sums that the verifier makes itself.
"""

import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.crypto.sealed_parts import SEALED_BYTES_MAX
from ledger.csv_guard import guarded
from ledger.exports import verify
from ledger.exports.exporter import FORMAT
from ledger.exports.tables import STATUSES, TITLES
from ledger.exports.verify import GOOD
from ledger.format.types import HEADER_BYTES_MAX, LINES_MAX
from ledger.law.bases import BASES
from ledger.law.findings import FINDINGS
from tests.database import Database
from tests.exports.fuzz import Fuzz, numbers
from tests.exports.lies import LIES, made
from tests.exports.lying import RECORDS
from tests.exports.test_archives import ON_SCREEN
from tests.exports.world import (
    OLD,
    SIGNER,
    WHY,
    World,
    alone,
    checked,
    copied,
    kinds,
    place_of,
    signed_anew,
    unpacked,
    world,
)
from tests.ledger.given import data
from tests.rounds import rounds

KEY = SIGNER.verifier.text


@pytest.fixture(scope="module")
def bags(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The golden bags, unpacked."""
    folder = tmp_path_factory.mktemp("golden")
    return {kind: unpacked(kind, folder) for kind in kinds()}


def test_golden_bags_are_accepted_packed_unpacked_and_signed_anew(bags: dict[str, Path]) -> None:
    refused: list[str] = []
    for kind, bag in bags.items():
        anew = copied(bag, f"{kind} anew")
        signed_anew(anew)
        for one in (place_of(kind), bag, anew):
            code, said = checked(one, "--key", KEY)
            if code != verify.GOOD:
                refused.append(f"{one}: {said}")
    assert refused == []


def test_every_lie_is_refused_or_named_among_what_is_not_proven(bags: dict[str, Path]) -> None:
    wrong: list[str] = []
    for name, lie in LIES.items():
        bag = made(bags[lie.kind], name)
        code, said = checked(bag, "--key", KEY)
        if code != lie.code or lie.said not in said:
            wrong.append(f"{name}: {code}: {said}")
        *told, verdict, in_english = said.splitlines()
        ends = "全て一致しました。" if code == verify.GOOD else "合格ではありません"
        if not verdict.startswith(ends) or ("not" in in_english) is (code == verify.GOOD):
            wrong.append(f"{name}: the verdict is not told last: {said}")
        if code != verify.GOOD and max(map(len, told)) > ON_SCREEN:
            wrong.append(f"{name}: it fills the screen: {said}")
    assert wrong == []


@pytest.mark.parametrize(
    "option", ["--key", "--checkpoint", "--checkpoint-key", "--witness", "--policy"]
)
@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_value_of_an_option_is_asked_in_a_wrong_way(
    bags: dict[str, Path], monkeypatch: pytest.MonkeyPatch, option: str, value: str
) -> None:
    """Such as a variable of a shell that is not set; in the bag's folder, it would be the bag."""
    monkeypatch.chdir(bags["plain"])
    assert checked(".", option, value)[0] == verify.USAGE
    assert checked("")[0] == verify.USAGE


def test_what_was_asked_for_is_told_with_the_verdict(shared: World) -> None:
    asked: dict[str, Any] = {"bases": ("none",), "source": "https://one.example"}
    _, said = checked(shared.bag("asked", **asked, whole=True, reason=WHY))
    assert "asked for: bases none; source https://one.example (whole)" in said
    assert "抽出の条件: 根拠 none、発信元 https://one.example" in said
    _, said = checked(shared.bag("asked for all"))
    assert "asked for: all records (plain)" in said
    assert "抽出の条件: なし(全ての記録)" in said


def test_findings_of_a_person_are_no_header_s_so_that_none_is_left_out_is_not_proven(
    shared: World,
) -> None:
    _, said = checked(shared.bag("found", findings=("any",), whole=True, reason=WHY))
    assert "nothing is left out is not proven for: findings of a person" in said


UNPROVEN = {
    "台帳からは証明できず": (True, True),
    "not proven by the log, bound by the bag's signature alone, if any: source": (True, True),
    "no record has a later version (a retraction, say), status": (False, True),
    "後の版(訂正、取消し、廃棄)がないこと、状態(status)": (False, True),
    "the ledger itself decided each records-expired, and so what counts as destroyed, is not": (
        True,
        False,
    ),
    "台帳自身が廃棄を決めたこと": (True, False),
}
"""Words of the verifier → whether it says them of a whole bag, and of another one."""


def test_what_a_bag_of_its_kind_does_not_prove_is_always_told(bags: dict[str, Path]) -> None:
    whole = {"asked", "before", "begun", "bulk", "kept", "named", "whole"}
    whole |= {f"{OLD}{kind}" for kind in whole}
    for kind, bag in bags.items():
        _, said = checked(bag)
        told = {words: words in said for words in UNPROVEN}
        assert told == {words: of[kind not in whole] for words, of in UNPROVEN.items()}, kind


@pytest.mark.usefixtures("large_texts")
def test_the_largest_record_of_a_ledger_is_within_the_bounds_of_the_verifier(
    database: Database, tmp_path: Path
) -> None:
    """A quote takes two bytes in the event, four in a line of the bag, and two in its table."""
    with world(database, tmp_path) as made:
        quotes = '"' * (SEALED_BYTES_MAX // 2 - 1_000)
        made.house.record("t1", data("P1", items=[quotes]))
        bag = made.bag("largest")
    code, said = checked(bag)
    assert code == verify.CONSISTENT, said
    assert (bag / RECORDS).stat().st_size > 2 * SEALED_BYTES_MAX - 10_000
    assert (verify.PERSONS_MAX, verify.HEADER_MAX) == (LINES_MAX, HEADER_BYTES_MAX + 1)


def test_whatever_is_no_bag_ends_with_a_code_and_a_sentence(tmp_path: Path) -> None:
    place = tmp_path / "nameless.zip"
    with zipfile.ZipFile(place, "w") as archive:
        entry = zipfile.ZipInfo("x")
        entry.filename = "\0x"  # who reads it ends the name at the zero
        archive.writestr(entry, b"x")
    for arguments, expected in (
        ([place], {verify.HASH, verify.MISSING}),
        ([tmp_path / ("x" * 5_000)], {verify.MISSING}),
        (["line\nbreak"], {verify.MISSING}),
    ):
        code, said = alone(*arguments)
        assert (code in expected, len(said.splitlines())) == (True, 6), said
        assert said.endswith(f"\nnot good: exit code {code}\n")


def test_what_a_bag_says_does_not_move_the_cursor_of_its_reader(shared: World) -> None:
    bag = shared.bag("cursor")
    filters = bag / "data/filters.json"
    text = filters.read_text("utf-8").replace(FORMAT, "\\u001b[2Jall good\\u000a")
    filters.write_text(text, "utf-8")
    signed_anew(bag)
    code, said = checked(bag)
    assert code == verify.VERSION
    assert "\x1b" not in said
    assert "all good\n" not in said


def test_the_verifier_knows_every_code_that_can_be_asked_for() -> None:
    """And what it is called in the table, so that a label is never another one."""
    labels = {code: one.label for code, one in (*BASES.items(), *FINDINGS.items())}
    assert labels == verify.TITLES
    assert {"bases": [*BASES], "findings": ["any", *FINDINGS]} == verify.CODES
    assert verify.STATUSES == STATUSES
    assert list(TITLES) == verify.HEADINGS.split()


FIRST = re.compile("[\t\r\n]|\\s*[=+\\-@＝＋－＠]")


CELLS = st.text(st.sampled_from("=+-@＝＋－＠\t\r\n ';,|\"\xa0　a"), max_size=5)


@given(st.lists(CELLS, max_size=4))
@example(["a;=1", "b"])
@example(["a", "\u3000=1"])
def test_the_verifier_guards_cells_as_the_table_of_each_format_does(cells: list[str]) -> None:
    assert verify.as_tabled(["", *cells], FORMAT) == ["", *map(guarded, cells)]
    for form in verify.FORMATS[:2]:
        at_first = [f"'{one}" if FIRST.match(one) else one for one in cells]
        assert verify.as_tabled(["", *cells], form) == ["", *at_first]


def test_no_case_of_the_first_seed_is_a_finding(tmp_path: Path) -> None:
    fuzz = Fuzz(1)
    assert list(fuzz.run(numbers(0, rounds(400), None), tmp_path)) == []
    accepted = sum(count for how, count in fuzz.ended.items() if how.endswith(f" {GOOD}"))
    assert 0 < accepted < fuzz.ended.total()
