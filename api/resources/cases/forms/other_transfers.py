"""Transfers that are no records of provision, beside those of the reply: what they are, and why.

Nothing is judged here: the verdict that stands with each transfer is told in words. Everything is
left after exclusion (Order 11), and of the person alone.

Source: Act Art. 27(1), 27(5), 29(1), 30(1), 31(3), 33(5), 41(9).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from api.web.pages.citations import cited
from ledger.cases.letters import words
from ledger.law.bases import BASES, NEVER_PERSONAL, Route
from ledger.law.findings import FINDINGS, NO_BASIS
from ledger.streams.history import REFERABLE, HistoryEntry
from ledger.values import Json, counterparty_of

ROWS_MAX: Final = 100
"""Rows on the page, the oldest first; the history of the person has them all."""

_DIRECTIONS: Final = {"provided": "提供", "received": "受領"}
_UNDATED: Final = "年月日の記録なし"
_PSEUDONYMOUS: Final = "仮名加工情報の提供の記録は、開示の請求の対象になりません（法第41条第9項）。"
_REFERABLE: Final = (
    "個人関連情報を提供した側の記録は、第三者提供記録に当たりません（法第31条第3項、第33条第5項）。"
)
_NOT_PERSONAL: Final = "個人データの提供ではないため、記録の作成義務がありません（法第16条第3項）。"
_PUBLIC_BODY: Final = (
    "相手方が法第16条第2項各号に掲げる者のため、記録の作成義務がありません"
    "（法第29条第1項、第30条第1項）。"
)
_NO_THIRD_PARTY: Final = "相手方が第三者に当たらないため、記録の作成義務がありません（{article}）。"
_EXEMPT: Final = (
    "{article}に当たるため、記録の作成義務がありません"
    "（法第29条第1項ただし書、第30条第1項ただし書）。"
)
_BY_READING: Final = "解釈により、記録の作成義務がないものです（{article}）。"
_NOT_ACQUIRED: Final = (
    "個人データとして取得されない個人関連情報のため、記録の作成義務がありません（{article}）。"
)
_BY_ROUTE: Final[Mapping[Route, str]] = {
    Route.JOINT_USE: _NO_THIRD_PARTY,
    Route.ENTRUSTMENT: _NO_THIRD_PARTY,
    Route.SUCCESSION: _NO_THIRD_PARTY,
    Route.REFERABLE: _NOT_ACQUIRED,
}
_BY_BASIS: Final[Mapping[str, str]] = {
    "on_behalf_of_principal": _BY_READING,
    "not_applicable": _NOT_PERSONAL,
}


@dataclass(frozen=True, slots=True)
class OtherTransfer:
    """One transfer.

    Attributes:
        basis: with its article; why: it is no record of the reply.
        findings: what is to be looked at, in words.
    """

    days: str
    direction: str
    party: str
    items: str
    basis: str
    why: str
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OtherTransfers:
    """Those of one request.

    Attributes:
        count: all of them; rows: the oldest `ROWS_MAX`.
    """

    count: int
    rows: tuple[OtherTransfer, ...]


def render_other_transfers(entries: Sequence[HistoryEntry]) -> OtherTransfers:
    """The transfers as rows, oldest first."""
    return OtherTransfers(len(entries), tuple(_row(one) for one in entries[:ROWS_MAX]))


def why_not(entry: HistoryEntry) -> str:
    """Why the transfer is no record of provision, of the verdict that stands with it."""
    data, verdict = entry.record.data, entry.verdict
    code = cast("str", data["basis"])
    basis, article = BASES[code], cited(BASES[code].article)
    if verdict.duty in ("art29", "art30"):
        return _PSEUDONYMOUS
    if entry.heading == REFERABLE:
        return _REFERABLE
    if data.get("data_kind") in NEVER_PERSONAL:
        return _NOT_PERSONAL
    if code in _BY_BASIS:
        return _BY_BASIS[code].format(article=article)
    if basis.route is Route.EXEMPT:
        return _EXEMPT.format(article=article)
    # With a finding that leaves no basis a duty arises, unless the other side is a public body.
    if basis.route in _BY_ROUTE and NO_BASIS.isdisjoint(verdict.findings):
        return _BY_ROUTE[basis.route].format(article=article)
    return _PUBLIC_BODY


def _row(entry: HistoryEntry) -> OtherTransfer:
    data = entry.record.data
    party = counterparty_of(cast("Mapping[str, Json]", data["counterparty"]))
    basis = BASES[cast("str", data["basis"])]
    return OtherTransfer(
        days=_days(entry),
        direction=_DIRECTIONS[cast("str", data["direction"])],
        party=words.MANY if party.kind == "unspecified_many" else party.name or "名称の記録なし",
        items="、".join(entry.items),
        basis=f"{basis.label}（{cited(basis.article)}）",
        why=why_not(entry),
        findings=tuple(FINDINGS[one].label for one in entry.verdict.findings),
    )


def _days(entry: HistoryEntry) -> str:
    first, last = entry.first_day, entry.last_day
    if first is None:
        return _UNDATED
    if first == last:
        return words.day_text(first)
    return f"{words.day_text(first)}から{'（継続中）' if last is None else words.day_text(last)}"
