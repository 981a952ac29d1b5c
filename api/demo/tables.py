"""What the demo prints: a person's history as a table, and commands to go on with."""

import json
import shlex
from collections.abc import Iterable
from datetime import date
from typing import Final, cast

from rich.console import Console
from rich.table import Table

from api.demo import acts, parties
from api.demo.keys import DemoKeys
from api.demo.people import HERO
from api.demo.plan import MEMBERS
from ledger.law.bases import BASES
from ledger.law.findings import FINDINGS
from ledger.values import Json

WIDTH_PIPED: Final = 150
"""Columns of the table where nobody says how wide the terminal is."""

_WIDTH_WITH_ADDRESSES: Final = 140
"""Columns from which the parties' addresses have room; they are in the answer in any case."""

_HEADINGS: Final = (
    ("provisions", "提供"),
    ("receipts", "受領"),
    ("joint_uses", "共同利用"),
    ("referable_provisions", "個人関連情報"),
    ("voluntary_entries", "任意の記録"),
    ("retracted_entries", "取消"),
)
_METHODS: Final = {"individual": "都度", "collective": "一括", "contract": "契約書等"}

Entry = dict[str, Json]


def history_table(shown: Entry, width: int) -> Table:
    """The history that `POST /v1/histories` answered, as a table of at most `width` columns."""
    refs = cast("list[dict[str, str]]", shown["identifiers"])
    names = cast("list[str]", shown["names_since"])
    whom = "、".join(f"{ref['scheme']} {ref['id']}" for ref in refs)
    renamed = f"(現在の氏名: {names[-1]})" if names else ""
    table = Table(
        title=f"{HERO.name} さん{renamed} — {whom} — 位置 {shown['as_of']} 現在", show_lines=True
    )
    for heading in ("位置", "区分", "年月日", "相手方", "項目", "根拠", "指摘", "保存期限"):
        table.add_column(heading, overflow="fold")
    for name, label in _HEADINGS:
        for entry in cast("list[Entry]", shown[name]):
            table.add_row(*_cells(label, entry, width))
    return table


def _cells(label: str, entry: Entry, width: int) -> Iterable[str]:
    statutory = {
        cast("str", item["code"]): item["value"]
        for item in cast("list[dict[str, Json]]", entry["statutory"])
    }
    other_items = cast("dict[str, Json]", entry["rest"])
    party = cast("dict[str, str]", statutory.get("COUNTERPARTY") or other_items.get("counterparty"))
    items = cast("list[str]", statutory.get("ITEMS") or other_items.get("items"))
    basis = cast("str", other_items["basis"])
    method = cast("str", other_items["method"])
    positions = cast("list[int]", entry["positions"])
    messages = cast("list[Json]", entry.get("messages", []))
    yield ", ".join(map(str, positions)) + (f" ({len(messages)}件)" if messages else "")
    yield label
    yield _day(statutory.get("DATE"), other_items)
    yield (
        f"{party['name']}\n{party['address']}" if width >= _WIDTH_WITH_ADDRESSES else party["name"]
    )
    yield "、".join(items)
    yield f"{BASES[basis].label}\n({_METHODS[method]})"
    yield "\n".join(FINDINGS[code].label for code in cast("list[str]", entry["findings"]))
    yield cast("str | None", entry["retain_through"]) or "—"


def _day(statutory: Json, other_items: dict[str, Json]) -> str:
    if isinstance(statutory, str):
        return statutory
    if isinstance(statutory, dict):
        return f"{statutory['from']} ~ {statutory['to']}"
    return cast("str", other_items.get("transferred_on", "—"))


def commands(url: str, keys: DemoKeys, today: date, case: str | None) -> list[tuple[str, str]]:
    """(what it does, command) to paste into a shell.

    Args:
        case: of which the letter was sent; None when there is none.
    """
    item: dict[str, Json] = {
        "source": MEMBERS,
        "id": f"{today}/by-hand-1",
        "data": acts.consented(
            today,
            parties.ADS,
            [{"scheme": "member", "id": "M-9999-0001", "name": "例示 太郎"}],
            ("氏名", "メールアドレス"),
        ),
    }
    query: Json = {
        "identifiers": [{"scheme": "member", "id": HERO.member}],
        "case": "DEMO-0002",
        "reason": "デモの確認",
    }
    shown = [
        (
            "Send a transfer; send it again, and it is a duplicate",
            curl(f"{url}/v1/transfers", keys.platforms[MEMBERS], {"items": [item]}),
        ),
        (
            "Ask for a person's history",
            curl(f"{url}/v1/histories", keys.officer, query),
        ),
        (
            "See what was refused, and why",
            curl(f"{url}/v1/quarantine", keys.keeper, None),
        ),
        ("The work list of the desk", curl(f"{url}/v1/cases", keys.officer, None)),
    ]
    if case is not None:
        letter = curl(f"{url}/v1/cases/{case}/reply.pdf", keys.officer, None)
        shown.append((f"The letter that {HERO.name} got", f"{letter} -o letter.pdf"))
    return shown


def curl(url: str, key: str, body: Json) -> str:
    """A command that asks the ledger with this key: `POST` with a body, `GET` with None."""
    parts = ["curl", "-sS", url, "-H", f"Authorization: Bearer {key}"]
    if body is not None:
        parts += ["-H", "Content-Type: application/json"]
        parts += ["-d", json.dumps(body, ensure_ascii=False, separators=(",", ":"))]
    return shlex.join(parts)


def console() -> Console:
    """Where the demo prints: as wide as the terminal, else wide enough to be read later."""
    usual = Console()
    return usual if usual.is_terminal else Console(width=WIDTH_PIPED)
