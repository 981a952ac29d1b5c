"""The cover report of a bag: what it says is what the files say, and no more."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.commands import CorrectTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.emitters.daily_close import CloseDay, DayHoldings
from ledger.emitters.id_set import EMPTY, hash_of, product_of
from ledger.emitters.service import CloseComparison
from ledger.exports import summary
from ledger.values import Json
from tests.database import Database
from tests.documents.test_letters import kinds_of
from tests.exports.counting import counted
from tests.exports.reports import flat, read, text
from tests.exports.verifying import checked
from tests.exports.world import SIGNER, WHY, World, world
from tests.ledger.excluding import Case
from tests.ledger.given import ACTOR, PARTY, data, received
from tests.ledger.test_emitters_stored import FIRST, declaring, registering


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
    lines = text(bag).split("\n")
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
    found = (re.fullmatch(row, line) for line in text(bag).split("\n"))
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


def test_a_log_that_is_not_signed_is_told(bags: dict[str, Path]) -> None:
    assert "この台帳のログには署名がありません" in flat(bags["unsigned"])
    assert "公開鍵は" not in flat(bags["unsigned"])
    assert "この台帳のログには署名がありません" not in flat(bags["plain"])


@pytest.mark.parametrize("kind", [*KINDS, "unsigned"])
def test_the_report_names_no_individual(bags: dict[str, Path], kind: str) -> None:
    said = flat(bags[kind])
    assert [one for one in ("見本個人", "京都府", "P1", "誤記") if one in said] == []


def test_an_individual_who_is_asked_for_is_not_named_either(shared: World) -> None:
    bag = shared.bag("asked by name", identified=True, reason=WHY, counterparty="見本 個人")
    said = flat(bag)
    assert "相手方指定あり（data/filters.jsonに記載）" in said
    assert "見本個人" not in said
    assert counted(bag).records == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_verifier_accepts_a_bag_with_its_report(bags: dict[str, Path], kind: str) -> None:
    assert checked(bags[kind])[0] == 0


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
        made.house.record("t1", data("P1"))
        yield made


def test_a_few_requests_are_not_told_and_neither_is_their_total(asked: World) -> None:
    Case.begun(asked.house)
    said = text(asked.bag("few")).split("\n")
    for one in ("第三者提供記録の開示 秘匿", "合計 秘匿", "対応中 秘匿"):
        assert one in said
    told = text(asked.bag("all", smallest=1)).split("\n")
    for one in ("第三者提供記録の開示 1", "合計 1", "対応中 1"):
        assert one in told
    assert not any("秘匿" in line for line in told)


def test_a_name_that_the_font_lacks_keeps_no_bag_from_leaving(asked: World) -> None:
    name = "渡\u9089\U000e010f商店"
    party = {**PARTY, "party_id": "z", "name": name}
    asked.house.record("t2", data("P1", counterparty=party))
    bag = asked.bag("rare")
    said = flat(bag)
    assert "渡〓商店z150.0%" in said
    assert "U+9089U+E010F" in said
    assert name in (bag / "data/records.csv").read_text("utf-8-sig")


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


def test_what_was_declared_later_is_not_told(asked: World) -> None:
    signed = asked.signed()
    asked.house.ledger.register_emitter(registering(1, "基盤1"), asked.house.now)
    told = json.loads((asked.bag("then", signed=signed) / "data/coverage.json").read_text())
    assert told["emitters"] == 0


def test_more_counterparties_than_are_told_apart_are_told_as_one(
    asked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summary, "PARTIES_MAX", 1)
    asked.house.record("t2", data("P1", counterparty={**PARTY, "party_id": "y", "name": "他社"}))
    said = flat(asked.bag("many"))
    assert "相手方の数が多いため、名称ごとの件数は掲載していません" in said
    assert "個人でない100,000を超える者2100.0%" in said
    assert "他社" not in said
