"""The cover report of a bag: what it says is what the files say, and no more."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.commands import CorrectTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.emitters.daily_close import CloseDay, DayHoldings
from ledger.emitters.id_set import EMPTY, hash_of, product_of
from ledger.emitters.service import CloseComparison
from ledger.exports.tables import STATUSES
from ledger.law.bases import BASES
from ledger.law.findings import FINDINGS
from ledger.values import Json
from tests.database import Database
from tests.documents.test_letters import kinds_of
from tests.exports.world import SIGNER, WHY, World, flat, read, text_of, world
from tests.ledger.given import ACTOR, PARTY, data, received
from tests.ledger.test_emitter import FIRST
from tests.ledger.test_emitter import declaring_days as declaring
from tests.ledger.test_emitter import registered_as as registering


@dataclass
class Counts:
    """What the lines of a bag say, by the words of the report."""

    records: int = 0
    versions: int = 0
    persons: int = 0
    with_findings: int = 0
    bases: Counter[str] = field(default_factory=Counter[str])
    sides: Counter[str] = field(default_factory=Counter[str])
    statuses: Counter[str] = field(default_factory=Counter[str])
    months: Counter[str] = field(default_factory=Counter[str])
    parties: Counter[str] = field(default_factory=Counter[str])
    found: Counter[str] = field(default_factory=Counter[str])


def counted(bag: Path) -> Counts:
    counts = Counts()
    for line in (bag / "data/records.ndjson").read_text("utf-8").splitlines():
        _add(counts, json.loads(line)["status"], json.loads(line)["events"])
    return counts


def _add(counts: Counts, status: str, events: list[dict[str, Any]]) -> None:
    headers = [json.loads(one["header"]) for one in events]
    facts = [one["facts"] for one in headers if "basis" in one.get("facts", {})]
    newest = facts[-1]
    counts.records += 1
    counts.versions += len(events)
    counts.persons += sum(len(one.get("lines", [])) for one in events)
    counts.bases[BASES[newest["basis"]].label] += 1
    counts.sides[{"provided": "提供", "received": "受領"}[newest["direction"]]] += 1
    counts.statuses[STATUSES[status]] += 1
    day = newest.get("transferred_on") or newest.get("transferred_from") or ""
    counts.months[f"{int(day[:4])}年{int(day[5:7])}月" if day else "年月日の記載なし"] += 1
    counts.parties[_party(events, status)] += 1
    if status != "retracted":
        found = set(newest["findings"]) | _of_persons(events)
        counts.with_findings += bool(found)
        counts.found.update(FINDINGS[one].label for one in found)


def _party(events: list[dict[str, Any]], status: str) -> str:
    if status == "destroyed":
        return "廃棄されたため不明"
    statement = [one["statement"] for one in events if "statement" in one][-1]
    said = json.loads(statement["text"]) if "text" in statement else statement["shown"]
    party = said["counterparty"]
    if party["kind"] == "individual":
        return "個人"
    return "不特定かつ多数の者" if party["kind"] == "unspecified_many" else party["name"]


def _of_persons(events: list[dict[str, Any]]) -> set[str]:
    """Findings that stand in lines of the newest version that has any."""
    lines = [one["lines"] for one in events if one.get("lines")]
    if not lines:
        return set()
    read = (json.loads(one["text"]) if "text" in one else one for one in lines[-1])
    return {code for one in read for code in one.get("verdict", {}).get("findings", ())}


@pytest.fixture(scope="module")
def bags(shared: World) -> dict[str, Path]:
    """Bags of each kind, of records with and without findings, days, and several parties."""
    house = shared.house
    other = {**PARTY, "party_id": "y", "name": "見本運輸株式会社"}
    made = [
        house.record(f"v{n}", data("P1", counterparty=other, transferred_on=f"2025-{n:02}-01"))
        for n in (9, 10, 11, 12)
    ]
    changes: dict[str, Json] = {"counterparty": {**PARTY}}
    change = CorrectTransfer(random_uuid(), ACTOR, made[-1].transfer, changes, "取り違え")
    house.ledger.correct(change, house.now)
    unconfirmed = {"acquisition": None, "transferred_on": "2021-02-03"}
    house.record("u3", {**received("P7"), **unconfirmed})
    filed = {"basis": "opt_out_27_2", "consent": None}
    house.record("u4", {**data("P8", **filed), "notice_id": None})
    many = {"kind": "unspecified_many"}
    house.record("u5", {**data("P9", **filed, counterparty=many), "notice_id": None})
    return {
        "plain": shared.bag("report plain"),
        "whole": shared.bag("report whole", whole=True, reason=WHY),
        "named": shared.bag("report named", identified=True, reason=WHY),
        "filtered": shared.bag("report filtered", findings=("any",), bases=("opt_out_27_2",)),
        "unsigned": shared.bag("report unsigned", log=False),
    }


KINDS = ["plain", "whole", "named", "filtered"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_numbers_are_those_of_the_records(bags: dict[str, Path], kind: str) -> None:
    bag, counts = bags[kind], counted(bags[kind])
    lines = text_of(bag).split("\n")
    plain = {
        "記録": counts.records,
        "記録の版（訂正、取消等を含むイベント）": counts.versions,
        "本人の行（1つの版に本人1人につき1行）": counts.persons,
        **{f"うち{one}": n for one, n in (counts.sides + counts.statuses).items()},
        **counts.bases,
    }
    assert [one for one, n in plain.items() if f"{one} {n}" not in lines] == []
    assert f"指摘のある記録は、{counts.with_findings}件です。" in flat(bag)
    assert counts.records >= 2


@pytest.mark.parametrize("kind", KINDS)
def test_months_parties_and_findings_are_those_of_the_records_and_no_others(
    bags: dict[str, Path], kind: str
) -> None:
    bag, counts = bags[kind], counted(bags[kind])
    months = _table(bag, r"((?:\d+年\d+月(?:より前)?|年月日の記載なし)) (\d+)")
    earlier = sum(n for one, n in months.items() if "より前" in one)
    shown = {one: n for one, n in months.items() if "より前" not in one}
    assert shown == {one: n for one, n in counts.months.items() if one in shown}
    assert earlier + sum(shown.values()) == counts.records
    assert _table(bag, r"(\S+)(?: [xy])? (\d+) \d+\.\d%") == counts.parties
    assert _table(bag, r"(\S+) (?:根拠なし|義務違反|記録の不備|注意) (\d+)") == counts.found


def _table(bag: Path, row: str) -> Counter[str]:
    found = (re.fullmatch(row, line) for line in text_of(bag).split("\n"))
    return Counter({one[1]: int(one[2]) for one in found if one})


def test_the_scope_the_position_and_the_key_are_told(bags: dict[str, Path]) -> None:
    told = json.loads((bags["plain"] / "data/filters.json").read_text())
    said = flat(bags["plain"])
    assert f"台帳の位置{told['size']}" in said
    assert told["root"] in said
    assert SIGNER.verifier.text in said
    assert "抽出の条件なし（全ての記録）" in said
    filtered = flat(bags["filtered"])
    assert "根拠オプトアウト指摘全ての指摘" in filtered
    assert "抽出の条件なし" not in filtered


@pytest.mark.parametrize("kind", [*KINDS, "unsigned"])
def test_the_report_names_no_individual(bags: dict[str, Path], kind: str) -> None:
    said = flat(bags[kind])
    assert [one for one in ("見本個人", "京都府", "P1", "誤記") if one in said] == []


def test_the_report_is_a_tagged_pdf_a_3a_and_pdf_ua_1(bags: dict[str, Path]) -> None:
    reader = read(bags["plain"])
    root: Any = reader.trailer["/Root"]
    assert reader.xmp_metadata is not None
    xmp = reader.xmp_metadata.stream.get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert root["/Lang"] == "ja-JP"
    nodes = list(kinds_of(root["/StructTreeRoot"]))
    kinds = Counter(kind for kind, _ in nodes)
    assert (kinds["/H1"], kinds["/Figure"]) == (11, 1)
    # Scope and checkpoint have no heads; counts, bases, months, parties, findings, requests do.
    assert kinds["/THead"] == 6
    assert kinds["/Table"] == 8
    [figure] = [node for kind, node in nodes if kind == "/Figure"]
    assert "最も多い月は2026年4月の6件" in figure["/Alt"]


def test_what_is_withheld_is_told_with_its_reason(bags: dict[str, Path]) -> None:
    for kind in KINDS:
        told = json.loads((bags[kind] / "data/filters.json").read_text())["withheld"]
        said = flat(bags[kind])
        assert [one["code"] for one in told if re.sub(r"\s", "", one["ja"]) not in said] == []


@pytest.fixture
def asked(database: Database, tmp_path: Path) -> Iterator[World]:
    with world(database, tmp_path) as made:
        made.beside = True
        made.house.record("t1", data("P1"))
        yield made


def test_emitters_and_what_they_declared_are_told(asked: World) -> None:
    for n in (1, 2):
        asked.house.ledger.register_emitter(registering(n, f"基盤{n}"), asked.house.now)
    days = (asked.house.now.date() - FIRST).days - 1
    asked.house.ledger.declare_coverage(declaring(1, 0, days), asked.house.now)
    bag = asked.bag("covered")
    told = json.loads((bag / "data/coverage.json").read_text())
    assert (told["emitters"], told["complete"]) == (2, 1)
    assert [one["undeclared"] for one in told["shares"]] == [[], [["2025-12-01", "2026-05-31"]]]
    assert "2の発信元のうち、1の発信元が、対象の全期間について申告しています。" in flat(bag)
    assert "基盤22025年12月1日から2026年5月31日まで2025年12月1日から2026年5月31日まで" in flat(bag)
    one = json.loads((asked.bag("one", source="urn:emitter:2") / "data/coverage.json").read_text())
    assert [share["emitter"] for share in one["shares"]] == ["e2"]


def test_a_closed_day_of_which_something_is_missing_is_told(asked: World) -> None:
    house = asked.house
    house.ledger.register_emitter(registering(1, "基盤1"), house.now)
    days = (house.now.date() - FIRST).days - 1
    house.ledger.declare_coverage(declaring(1, 0, days), house.now)
    day = house.now.date() - timedelta(days=2)
    lost = (("urn:emitter:1", "t-lost"),)
    closing = CloseDay(random_uuid(), ACTOR, "e1", day, 1, hash_of(product_of(lost)), lost)
    nothing = CloseComparison(
        lambda _source: DayHoldings(house.head(), 0, EMPTY), lambda _keys: frozenset()
    )
    house.ledger.close_day(closing, nothing, house.now)
    bag = asked.bag("closed")
    told = json.loads((bag / "data/coverage.json").read_text())
    assert told["complete"] == 0
    assert told["shares"][0]["short"] == [[day.isoformat(), 1]]
    assert "なし（" in flat(bag)
    assert "の締めで1件の未受信）" in flat(bag)
    assert "t-lost" not in (bag / "data/coverage.json").read_text()
