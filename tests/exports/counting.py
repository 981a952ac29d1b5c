"""An oracle of the cover report: counts of a bag's NDJSON, folded once more and otherwise."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger.law.bases import BASES
from ledger.law.findings import FINDINGS


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
    counts.statuses[{"standing": "有効", "retracted": "取消", "destroyed": "廃棄"}[status]] += 1
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
