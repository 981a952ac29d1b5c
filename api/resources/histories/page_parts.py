"""本人の履歴: the entries of the fold as rows, in words; whose they are, is the person's alone.

Everything here is left after exclusion (Order 11).

Source: Rules 20(1), 24(1), 28(1), for the statutory items.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, cast

from api.web.pages.citations import cited
from api.web.pages.member_words import HEADINGS, item_titled, text_of, titled
from ledger.cases.letters.words import MANY, day_text
from ledger.law.findings import FINDINGS
from ledger.policies.duty import article_of_finding
from ledger.streams.history import HistoryEntry
from ledger.transfers.statutory import other_items, statutory_items
from ledger.values import Json, PrincipalRef, counterparty_of

PAGE: Final = 100
"""Rows of one heading on a page."""
DUTIES: Final[Mapping[str, str]] = {
    "art29": "提供の記録（法第29条）",
    "art30": "提供を受ける際の記録（法第30条）",
    "art31_provider": "個人関連情報の提供の記録（法第31条）",
    "none": "記録の義務なし",
}
METHODS: Final[Mapping[str, str]] = {
    "individual": "都度作成",
    "collective": "一括して作成",
    "contract": "契約書等をもって代える",
}
RETRACTED: Final[Mapping[str, str]] = {
    "not_occurred": "提供又は受領がなかった",
    "duplicate": "二重の記録",
    "other_person": "別人の記録",
}
_UNDATED: Final = "年月日の記録なし"
# What the columns show by themselves.
_IN_COLUMNS: Final = frozenset(("DATE", "COUNTERPARTY", "PRINCIPAL", "ITEMS"))


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One record.

    Attributes:
        position: from where histories show it; changes: of the events that spoke of it later.
        days: the day or the period, in words.
        persons: how the record names the person; nobody else.
        statutory: (item, value) of the statutory items that have no column.
        other_items: (member, value) of what the record holds besides.
        verdict: (what, value): what it is in law.
        retracted: why it was retracted; None while it stands.
        messages: of how many messages the record is made.
    """

    position: int
    changes: tuple[int, ...]
    recorded_at: datetime
    days: str
    party: str
    address: str
    representative: str
    persons: tuple[str, ...]
    items: tuple[str, ...]
    statutory: tuple[tuple[str, str], ...]
    other_items: tuple[tuple[str, str], ...]
    verdict: tuple[tuple[str, str], ...]
    retracted: str | None
    messages: int


@dataclass(frozen=True, slots=True)
class HistorySection:
    """The records of one heading.

    Attributes:
        rows: those of this page.
        page: from 1; pages: at least 1.
        first, last: the first and the last day of them all; None when no day was recorded.
    """

    code: str
    title: str
    note: str
    count: int
    rows: tuple[HistoryRow, ...]
    page: int
    pages: int
    first: date | None
    last: date | None


def sections(
    entries: Sequence[HistoryEntry], pages: Mapping[str, int], kinds: Mapping[str, str]
) -> list[HistorySection]:
    """The records under their headings, in the order of the API's lists, oldest first.

    Args:
        pages: heading → the page that is wanted.
        kinds: scheme → what such an identifier is called.
    """
    made: list[HistorySection] = []
    for code, (title, note) in HEADINGS.items():
        own = [one for one in entries if one.heading == code]
        last_page = max(1, -(-len(own) // PAGE))
        page = min(pages.get(code, 1), last_page)
        part = own[(page - 1) * PAGE : page * PAGE]
        first_days = [one.first_day for one in own if one.first_day]
        lasts = [one.last_day or one.first_day for one in own if one.first_day]
        made.append(
            HistorySection(
                code,
                title,
                note,
                len(own),
                tuple(_row(one, kinds) for one in part),
                page,
                last_page,
                min(first_days, default=None),
                max((one for one in lasts if one), default=None),
            )
        )
    return made


def changes(entries: Sequence[HistoryEntry]) -> list[int]:
    """The positions at which this history changed, ascending."""
    return sorted({position for one in entries for position in one.positions})


def party_of(entry: HistoryEntry) -> tuple[str, str, str]:
    """Name, address and representative of the other party, as they were then."""
    party = counterparty_of(cast("Mapping[str, Json]", entry.record.data["counterparty"]))
    if party.kind == "unspecified_many":
        return (MANY, "", "")
    return (party.name or "名称の記録なし", party.address or "", party.representative or "")


def _row(entry: HistoryEntry, kinds: Mapping[str, str]) -> HistoryRow:
    party, address, representative = party_of(entry)
    return HistoryRow(
        position=entry.position,
        changes=tuple(one for one in entry.positions if one > entry.position),
        recorded_at=entry.recorded_at,
        days=_days(entry.first_day, entry.last_day),
        party=party,
        address=address,
        representative=representative,
        persons=tuple(_person(line.principal, kinds) for _, line in entry.lines),
        items=entry.items,
        statutory=tuple(
            (item_titled(code), text_of(code, value))
            for code, value in statutory_items(entry)
            if code not in _IN_COLUMNS
        ),
        other_items=tuple(
            (titled(name), text_of(name, value)) for name, value in other_items(entry).items()
        ),
        verdict=tuple(_verdict(entry)),
        retracted=RETRACTED.get(entry.retracted or "", entry.retracted),
        messages=len(entry.messages),
    )


def _days(first: date | None, last: date | None) -> str:
    if first is None:
        return _UNDATED
    if first == last:
        return day_text(first)
    until = "（継続中）" if last is None else f"{day_text(last)}まで"
    return f"{day_text(first)}から{until}"


def _person(principal: PrincipalRef, kinds: Mapping[str, str]) -> str:
    ref = f"{kinds.get(principal.scheme, principal.scheme)}：{principal.id}"
    return ref if principal.name is None else f"{principal.name}\n{ref}"


def _verdict(entry: HistoryEntry) -> list[tuple[str, str]]:
    verdict = entry.verdict
    rows = [("記録の義務", DUTIES.get(verdict.duty, verdict.duty))]
    if verdict.duty != "none":
        method = METHODS.get(verdict.effective_method, verdict.effective_method)
        until = verdict.retain_through
        kept = "継続中のため未定" if until is None else f"{day_text(until)}まで"
        rows += [("作成の方法", method), ("法定の保存期間", kept)]
    rows.append(("適法性", "指摘なし" if verdict.lawful else "▲ 違法の指摘あり"))
    for code in verdict.findings:
        article = article_of_finding(code, entry.record.data, entry.record.recorded_on)
        rows.append(("指摘", f"{FINDINGS[code].label}（{cited(article)}）"))
    return rows
