"""What a bag holds, and that the verifier accepts what the product made."""

import csv
import json
from pathlib import Path

import pytest

from tests.exports.verifying import checked
from tests.exports.world import SIGNER, WHY, World, alone, rows


def test_a_bag_is_accepted(shared: World) -> None:
    code, said = checked(shared.bag("accepted"), "--key", SIGNER.verifier.text)
    assert (code, "all good" in said) == (0, True), said
    assert "5 records" in said


def test_a_whole_bag_is_accepted(shared: World) -> None:
    code, said = checked(shared.bag("whole", whole=True, reason=WHY))
    assert code == 0, said


def test_a_bag_that_names_persons_is_accepted(shared: World) -> None:
    code, said = checked(shared.bag("named", identified=True, reason=WHY))
    assert code == 0, said


def test_a_bag_without_a_signed_log_says_so(shared: World) -> None:
    code, said = checked(shared.bag("unsigned", log=False))
    assert (code, "nothing is signed" in said) == (0, True), said


def test_a_stranger_checks_the_bag_with_the_verifier_in_it(shared: World) -> None:
    bag = shared.bag("stranger")
    code, said = alone(bag)
    assert code == 0, said
    assert "全て一致しました" in said


@pytest.mark.parametrize("encoding", ["ascii", "cp932"])
def test_a_console_that_lacks_characters_gets_the_same_code(shared: World, encoding: str) -> None:
    bag = shared.bag(f"console {encoding}")
    code, said = alone(bag, encoding=encoding)
    assert (code, "all good" in said) == (0, True)
    (bag / "data/counts.json").unlink()
    code, said = alone(bag, encoding=encoding)
    assert (code, "something is missing: data/counts.json" in said) == (20, True), said


def test_persons_have_pseudonyms_that_another_export_does_not_have(shared: World) -> None:
    first, second = shared.bag("one"), shared.bag("two", seed=bytes(32))
    names = [
        {
            line["pseudonym"]
            for row in rows(bag)
            for e in row["events"]
            for line in e.get("lines", [])
        }
        for bag in (first, second)
    ]
    assert len(names[0]) == len(names[1]) == 5
    assert not names[0] & names[1]


@pytest.mark.parametrize("name", ["P1", "P5", "見本 個人", "京都府京都市見本町1", "誤記", "二重"])
def test_a_bag_with_pseudonyms_says_nothing_of_a_person(shared: World, name: str) -> None:
    bag = shared.bag(f"hidden {name.encode().hex()}", whole=True, reason=WHY)
    # As a JSON text, as one within a text, and as a cell.
    spellings = [f'"{name}"', f'"{name}\\"', f",{name},"]
    for file in bag.rglob("*"):
        content = file.read_text("latin-1") if file.is_file() else ""
        said = [one for one in spellings if one.encode().decode("latin-1") in content]
        assert said == [], file


def test_a_bag_that_names_persons_does(shared: World) -> None:
    bag = shared.bag("told", identified=True, reason=WHY)
    text = (bag / "data/records.ndjson").read_text("utf-8")
    assert all(one in text for one in ("P1", "見本 個人", "誤記", "二重"))


def test_the_same_is_asked_and_the_same_seed_gives_the_same_bytes(shared: World) -> None:
    def content(bag: Path) -> dict[str, bytes]:
        files = (one for one in bag.rglob("*") if one.is_file())
        return {str(one.relative_to(bag)): one.read_bytes() for one in files}

    assert content(shared.bag("again")) == content(shared.bag("and again"))


def test_the_table_is_guarded_and_has_a_row_a_record(shared: World) -> None:
    content = (shared.bag("table") / "data/records.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    head, *found = csv.reader(content.decode("utf-8-sig").splitlines())
    assert len(head) == len(found[0])
    assert [row[0] for row in found] == ["1", "2", "3", "4", "5"]
    assert found[4][13] == "'=1+1"
    assert found[2][9] == "(個人)"
    assert [row[18] for row in found] == ["有効", "有効", "有効", "取消", "有効"]


def test_every_version_of_a_record_is_in_its_line(shared: World) -> None:
    first = rows(shared.bag("versions"))[0]
    types = [json.loads(event["header"])["type"] for event in first["events"]]
    assert types == ["provision-recorded", *["transfer-corrected"] * 2]
    texts = [json.loads(event["statement"]["text"])["items"] for event in first["events"]]
    assert texts == [["氏名", "ご利用履歴"], ["氏名", "住所"], ["氏名"]]
