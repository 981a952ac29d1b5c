"""Which records are asked for, and what a bag can prove of what is not in it."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.commands import ReceiveDirective, SettleFindings
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import MalformedError
from ledger.exports.filters import Filters, check
from ledger.exports.verify import CONSISTENT, GOOD
from ledger.values import PrincipalRef
from tests.database import Database
from tests.exports.lying import RECORDS
from tests.exports.world import INDIVIDUAL, SIGNER, WHY, World, alone, checked, rows, world
from tests.ledger.given import ACTOR, AT, SOURCE, data

MAY = date(2026, 5, 1)
ONE = (PrincipalRef("member", "P2"),)
WHOLE: dict[str, Any] = {"whole": True, "reason": WHY}
ASKED: dict[str, tuple[dict[str, Any], list[int]]] = {
    "everything": ({}, [1, 2, 3, 4, 5]),
    "from a day on": ({"first": MAY}, [2]),
    "up to a day": ({"last": date(2026, 4, 1)}, [1, 4, 5]),
    "within days": ({"first": date(2026, 4, 2), "last": MAY}, [3]),
    "a basis": ({"bases": ("none",)}, [4]),
    "any finding": ({"findings": ("any",)}, [4]),
    "one finding": ({"findings": ("NO_VALID_BASIS",)}, [4]),
    "a finding that nobody has": ({"findings": ("JU_NO_NOTICE",)}, []),
    "a counterparty": ({"counterparty": "x"}, [1, 2, 4, 5]),
    "a counterparty's name": (
        {"counterparty": "青空商事株式会社", "identified": True, "reason": WHY},
        [1, 2, 4, 5],
    ),
    "a name that looks like an id": ({"counterparty": "Aozora"}, []),
    "a source": ({"source": SOURCE}, [1, 2, 3, 4, 5]),
    "another source": ({"source": "https://two.example"}, []),
    "a person": ({"person": ONE, "case": "2026-1", "reason": WHY}, [1, 4, 5]),
    "a person, a basis": ({"person": ONE, "case": "1", "reason": WHY, "bases": ("none",)}, [4]),
}


def positions(bag: Path) -> list[int]:
    return [row["events"][0]["position"] for row in rows(bag)]


@pytest.mark.parametrize("name", ASKED)
def test_a_bag_holds_what_is_asked_for(shared: World, name: str) -> None:
    filters, expected = ASKED[name]
    nothing: dict[str, Any] = {}
    for kind, more in (("plain", nothing), ("whole", WHOLE)):
        bag = shared.bag(f"{name} {kind}", **{**filters, **more})
        assert positions(bag) == expected
        code, said = checked(bag)
        assert code == CONSISTENT, said


def test_an_individual_is_found_by_name_only_where_persons_are_named(shared: World) -> None:
    asked: dict[str, Any] = {"counterparty": INDIVIDUAL["name"]}
    with pytest.raises(MalformedError) as refused:
        shared.bag("masked", **asked)
    assert [one.pointer for one in refused.value.defects] == ["/counterparty"]
    assert "party_id" in str(refused.value.defects[0].detail)
    named = shared.bag("unmasked", **asked, identified=True, reason=WHY)
    assert positions(named) == [3]


def test_a_person_s_bag_shows_no_line_of_anybody_else(shared: World) -> None:
    asked: dict[str, Any] = {"person": ONE, "case": "2026-1", "reason": WHY, "identified": True}
    bag = shared.bag("one person", **asked)
    assert checked(bag)[0] == CONSISTENT
    text = (bag / RECORDS).read_text("utf-8")
    assert "P2" in text
    assert not any(f'\\"{one}\\"' in text for one in ("P1", "P3", "P4", "P5"))
    told = json.loads((bag / "data/filters.json").read_text())["asked"]
    assert told == {"identifiers": 1, "case": "2026-1"}


def test_a_person_s_bag_does_not_tell_what_was_found_of_another(
    database: Database, tmp_path: Path
) -> None:
    with world(database, tmp_path) as made:
        stop = ReceiveDirective(
            random_uuid(), ACTOR, PrincipalRef("member", "P2"), "consent_withdrawn", MAY
        )
        made.house.ledger.direct(stop, AT)
        sent = made.house.record("t1", data("P1", "P2", transferred_on="2026-05-02"))
        done = SettleFindings(
            random_uuid(), ACTOR, sent.transfer, ("CONSENT_WITHDRAWN",), "stopped", "止めた"
        )
        made.house.ledger.settle(done, AT)
        asked: dict[str, Any] = {"case": "2026-1", "reason": WHY}
        for who, expected in (("P1", False), ("P2", True)):
            person = (PrincipalRef("member", who),)
            bag = made.bag(who, person=person, **asked)
            assert checked(bag)[0] == CONSISTENT
            assert len(rows(bag)) == 1
            payload = b"".join(one.read_bytes() for one in (bag / "data").glob("records.*"))
            assert (b"CONSENT_WITHDRAWN" in payload) is expected
            assert ("撤回後".encode() in payload) is expected
            found = made.bag(f"{who} found", person=person, findings=("any",), **asked)
            assert len(rows(found)) == expected


@pytest.mark.parametrize(
    ("filters", "pointer"),
    [
        (Filters(first=MAY, last=date(2026, 4, 1)), "/last"),
        (Filters(bases=("consent",)), "/bases/0"),
        (Filters(findings=("NO_VALID_BASIS", "NOTHING")), "/findings/1"),
        (Filters(person=ONE, reason=WHY), "/case"),
        (Filters(person=ONE, case="2026-1"), "/reason"),
        (Filters(identified=True), "/reason"),
        (Filters(whole=True), "/reason"),
        (Filters(reason="  "), "/reason"),
        (Filters(counterparty="x" * 501), "/counterparty"),
        (Filters(counterparty="見本 個人"), "/counterparty"),
        (Filters(counterparty="Mihon Kojin"), "/counterparty"),
        (Filters(reason="個人番号 123456789018"), "/reason"),
    ],
)
def test_filters_that_make_no_sense_are_refused(filters: Filters, pointer: str) -> None:
    with pytest.raises(MalformedError) as refused:
        check(filters)
    assert [one.pointer for one in refused.value.defects] == [pointer]


def test_a_bag_without_a_signed_log_says_so(shared: World) -> None:
    code, said = checked(shared.bag("unsigned", log=False))
    assert (code, "nothing is signed" in said) == (CONSISTENT, True), said


def test_a_stranger_checks_the_bag_with_the_verifier_in_it(shared: World) -> None:
    bag = shared.bag("stranger")
    code, said = alone(bag)
    assert (code, "食い違いはありません" in said) == (CONSISTENT, True), said
    code, said = alone(bag, "--key", SIGNER.verifier.text)
    assert (code, "全て一致しました" in said) == (GOOD, True), said


@pytest.mark.parametrize("encoding", ["ascii", "cp932"])
def test_a_console_that_lacks_characters_gets_the_same_code(shared: World, encoding: str) -> None:
    bag = shared.bag(f"console {encoding}")
    code, said = alone(bag, encoding=encoding)
    assert (code, "nobody has signed for it" in said) == (CONSISTENT, True)
    (bag / "data/counts.json").unlink()
    code, said = alone(bag, encoding=encoding)
    assert (code, "something is missing: data/counts.json" in said) == (20, True), said


@pytest.mark.parametrize("name", ["P1", "P5", "見本 個人", "京都府京都市見本町1", "誤記", "二重"])
def test_a_bag_with_pseudonyms_says_nothing_of_a_person(shared: World, name: str) -> None:
    bag = shared.bag(f"hidden {name.encode().hex()}", beside=True, whole=True, reason=WHY)
    # As a JSON text, as one within a text, and as a cell.
    spellings = [f'"{name}"', f'"{name}\\"', f",{name},"]
    for file in bag.rglob("*"):
        content = file.read_text("latin-1") if file.is_file() else ""
        said = [one for one in spellings if one.encode().decode("latin-1") in content]
        assert said == [], file


def test_the_same_is_asked_and_the_same_seed_gives_the_same_bytes(shared: World) -> None:
    def content(bag: Path) -> dict[str, bytes]:
        files = (one for one in bag.rglob("*") if one.is_file())
        return {str(one.relative_to(bag)): one.read_bytes() for one in files}

    assert content(shared.bag("again", beside=True)) == content(
        shared.bag("and again", beside=True)
    )


def test_the_table_is_guarded_and_has_a_row_a_record(shared: World) -> None:
    content = (shared.bag("table") / "data/records.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    head, *found = csv.reader(content.decode("utf-8-sig").splitlines())
    assert len(head) == len(found[0])
    assert [row[0] for row in found] == ["1", "2", "3", "4", "5"]
    assert found[4][13] == "'=1+1;'=1+1"
    assert found[2][9] == "(個人)"
    assert [row[18] for row in found] == ["有効", "有効", "有効", "取消", "有効"]


def test_a_record_that_names_nobody_is_whole_as_it_is(database: Database, tmp_path: Path) -> None:
    # Cookies, which only the recipient will know as a person's (Art. 31(1)).
    cookies = data(basis="personally_referable_31_1", data_kind="personally_referable")
    del cookies["principals"]
    with world(database, tmp_path) as made:
        made.house.record("cookies", cookies)
        for name, filters in (("plain", {}), ("whole", WHOLE)):
            bag = made.bag(name, **filters)
            assert rows(bag)[0]["status"] == "standing"
            code, said = alone(bag, "--key", SIGNER.verifier.text)
            assert code == 0, said
            assert "records lack persons" not in said
