"""Which records are asked for, and what a bag can prove of what is not in it."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.commands import ReceiveDirective, SettleFindings
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import MalformedError
from ledger.exports.filters import Filters, check
from ledger.values import PrincipalRef
from tests.database import Database
from tests.exports.defects import RECORDS
from tests.exports.verifying import checked
from tests.exports.world import INDIVIDUAL, WHY, World, resealed, rows, world
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
        assert code == 0, said


def test_an_individual_is_found_by_name_only_where_persons_are_named(shared: World) -> None:
    asked: dict[str, Any] = {"counterparty": INDIVIDUAL["name"]}
    with pytest.raises(MalformedError) as refused:
        shared.bag("masked", **asked)
    assert [one.pointer for one in refused.value.defects] == ["/counterparty"]
    assert "party_id" in str(refused.value.defects[0].detail)
    named = shared.bag("unmasked", **asked, identified=True, reason=WHY)
    assert positions(named) == [3]


def test_a_record_is_found_by_what_a_correction_took_out(shared: World) -> None:
    rows_ = rows(shared.bag("corrected"))
    assert [len(row["events"]) for row in rows_] == [3, 1, 1, 2, 1]


def test_a_person_s_bag_shows_no_line_of_anybody_else(shared: World) -> None:
    asked: dict[str, Any] = {"person": ONE, "case": "2026-1", "reason": WHY, "identified": True}
    bag = shared.bag("one person", **asked)
    assert checked(bag)[0] == 0
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
            assert checked(bag)[0] == 0
            assert len(rows(bag)) == 1
            payload = b"".join(one.read_bytes() for one in (bag / "data").glob("records.*"))
            assert (b"CONSENT_WITHDRAWN" in payload) is expected
            assert ("撤回後".encode() in payload) is expected
            found = made.bag(f"{who} found", person=person, findings=("any",), **asked)
            assert len(rows(found)) == expected


@pytest.mark.parametrize("name", ["everything", "from a day on", "a basis", "any finding"])
def test_a_record_that_a_whole_bag_leaves_out_is_named(shared: World, name: str) -> None:
    filters, found = ASKED[name]
    bag = shared.bag(f"left out {name}", **filters, **WHOLE)
    forgot(bag)
    code, said = checked(bag)
    assert (code, f"position {found[-1]}" in said) == (20, True), said


def test_a_version_that_a_whole_bag_leaves_out_is_named(shared: World) -> None:
    bag = shared.bag("version left out", **WHOLE)
    lines = (bag / RECORDS).read_text("utf-8").splitlines()
    row = json.loads(lines[0])
    row["events"].pop()
    (bag / RECORDS).write_text("\n".join([json.dumps(row), *lines[1:]]) + "\n", "utf-8")
    counts = json.loads((bag / "data/counts.json").read_text())
    (bag / "data/counts.json").write_text(json.dumps(counts | {"events": counts["events"] - 1}))
    resealed(bag)
    code, said = checked(bag)
    assert (code, "version 3" in said) == (20, True), said


def forgot(bag: Path) -> None:
    """The last record was never there, as whoever made the bag tells it; who has no key for it."""
    for name in ("records.ndjson", "records.csv"):
        lines = (bag / "data" / name).read_bytes().splitlines(keepends=True)
        (bag / "data" / name).write_bytes(b"".join(lines[:-1]))
    counts: Counter[str] = Counter()
    months: Counter[str] = Counter()
    for row in rows(bag):
        facts = [json.loads(event["header"])["facts"] for event in row["events"]]
        day = [one["transferred_on"] for one in facts if "transferred_on" in one][-1]
        counts["records"] += 1
        counts["events"] += len(facts)
        counts["persons"] += sum(len(event.get("lines", ())) for event in row["events"])
        months[day[:7]] += 1
    (bag / "data/counts.json").write_text(
        json.dumps({"records": 0, "events": 0, "persons": 0, **counts, "by_month": months})
    )
    resealed(bag)


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
