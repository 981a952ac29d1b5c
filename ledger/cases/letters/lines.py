"""The records of a reply as numbered lines: statutory items only, of the requester only.

A value that is withheld is not in the line at all, so nothing made of the line can show it.

Source: Act Art. 29(1), 30(3), 33(5); Rules 20, 24; Commission guideline 3-8-3-2.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, Literal, cast
from uuid import UUID

from ledger.cases.events.intake import Application
from ledger.clock import day_in_japan
from ledger.law.bases import BASES, Route
from ledger.law.findings import NO_BASIS
from ledger.law.requests import FOR_MEASURES
from ledger.streams.history import PROVISION, RECEIPT, HistoryEntry
from ledger.transfers.statutory import date_of, statutory_items
from ledger.values import Json

ONLY_WHAT_COUNTS: Final = 3
"""The first wording in which a consent that does not count is not denied, nor told as if it did."""
WITHDRAWN_WITHIN: Final = "withdrawn_within"
"""Route of a period in which the consent was withdrawn, from `ONLY_WHAT_COUNTS` on."""
WITHDRAWN_BEFORE: Final = "withdrawn_before"
"""Route of a receipt of one day after the consent was withdrawn, which its record states."""
CONSENTED_WITHIN: Final = "consented_within"
"""Route of a period in which the consent was given."""
Side = Literal["provided", "received"]
PROVIDED: Side = "provided"
RECEIVED: Side = "received"

Withheld = Mapping[UUID, AbstractSet[str] | None]
"""Transfer → what is withheld of it: codes of statutory items, names of data items; None: all."""

_NOTHING: Withheld = MappingProxyType({})
_STATED_BASES = frozenset({"CONSENT", "ART31_CONFIRMED", "ART31_CONSENT", "PUBLISHED"})
"""Items of which each says by itself on which way the record came about."""
CONSENTS: Final = frozenset({"CONSENT", "ART31_CONSENT"})
"""Items of a receipt that state a consent."""
_SIDES: Mapping[str, Side] = MappingProxyType({PROVISION: PROVIDED, RECEIPT: RECEIVED})


@dataclass(frozen=True, slots=True)
class LineItem:
    """One statutory item of a line.

    Attributes:
        code: as in `ledger.law.items`.
        value: as `ledger.transfers.statutory` gives it; None when it is not recorded or withheld
        whole. withheld: how many values are not disclosed; of `ITEMS`, `value` holds the other
        ones.
    """

    code: str
    value: Json
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """One record of a reply.

    Attributes:
        number: 1-based, over both sides.
        route: how the record came about, `Route`'s value; `unfounded` when nothing permitted it,
            `WITHDRAWN_BEFORE` when a consent did no longer, `WITHDRAWN_WITHIN` or
            `CONSENTED_WITHIN` when that is so of the end or the beginning of a period; None when
            the item that says so is withheld.
        items: in the order of the Rules.
        current_name: the person's name today, only where the record holds another one.
        consent: the article of the Act that asks for the consent of the item `CONSENT`, "27(1)" or
            "28(1)"; None without that item, where it is withheld, and in the first wording.
        reference: the day or the period of transfer, as an item `DATE` has it, where the law does
            not ask for it and the operator tells it all the same: it is no statutory item.
    """

    number: int
    side: Side
    route: str | None
    items: tuple[LineItem, ...]
    current_name: str | None = None
    consent: str | None = None
    reference: Json = None

    def item(self, code: str) -> LineItem | None:
        """The item `code`; None where the record need not hold it."""
        return next((one for one in self.items if one.code == code), None)


def lines_of(
    entries: Sequence[HistoryEntry],
    *,
    withheld: Withheld = _NOTHING,
    current_name: str | None = None,
    wording: int | None = None,
    includes_days: bool = False,
) -> tuple[ReplyLine, ...]:
    """The lines of a reply: provided first, then by first day, undated last, then by arrival.

    A record that is withheld as a whole has no line and leaves no gap.

    Args:
        entries: of the person's history, those that belong to a reply.
        wording: of the letter (`ledger.cases.letters.words.WORDING`); None: the first one.
        includes_days: each line bears a `reference` where it may.

    Raises:
        ValueError: an entry belongs to no reply, or something is withheld that no entry holds.
    """
    lines = (
        (_line(number, entry, parts, current_name), entry)
        for number, entry, parts in numbered(entries, withheld)
    )
    if wording is None:
        return tuple(line for line, _ in lines)
    return tuple(
        replace(
            line,
            route=_limited_route(line, entry) if wording >= ONLY_WHAT_COUNTS else line.route,
            items=_counting(line.items, entry) if wording >= ONLY_WHAT_COUNTS else line.items,
            consent=_consent(line, entry),
            reference=_reference(line, entry) if includes_days else None,
        )
        for line, entry in lines
    )


def _limited_route(line: ReplyLine, entry: HistoryEntry) -> str | None:
    """The route; of a consent that counted for a time, or no longer, it says so."""
    lacking = [one for one in entry.verdict.findings if one in NO_BASIS]
    if not line.route:
        return line.route
    if entry.first_day == entry.last_day:
        is_stated = any(one.code in CONSENTS and one.value is True for one in line.items)
        is_withdrawn = is_stated and lacking == ["CONSENT_WITHDRAWN"]
        return WITHDRAWN_BEFORE if is_withdrawn else line.route
    if lacking == ["CONSENT_WITHDRAWN"]:
        return WITHDRAWN_WITHIN
    is_late = lacking == ["CONSENT_AFTER_TRANSFER"]
    return CONSENTED_WITHIN if is_late and _is_consented_within(entry) else line.route


def _is_consented_within(entry: HistoryEntry) -> bool:
    """Whether a consent that came after the first day of a period came by its last one."""
    consent = entry.record.data.get("consent")
    at = consent.get("at") if isinstance(consent, Mapping) else None
    if not isinstance(at, str):
        return False
    return entry.last_day is None or day_in_japan(datetime.fromisoformat(at)) <= entry.last_day


def _counting(items: tuple[LineItem, ...], entry: HistoryEntry) -> tuple[LineItem, ...]:
    """Without a consent that does not count under Art. 31(1): it came after the receipt, say."""
    if "ART31_CONSENT_MISSING" not in entry.verdict.findings:
        return items
    return tuple(
        replace(one, value=False) if one.code == "ART31_CONSENT" and one.value is True else one
        for one in items
    )


def numbered(
    entries: Sequence[HistoryEntry], withheld: Withheld
) -> list[tuple[int, HistoryEntry, AbstractSet[str]]]:
    """(number of its line, record, what is withheld of it) of each record that has a line.

    Raises:
        ValueError: a record is withheld that is not among the entries, or belongs to no reply.
    """
    if not withheld.keys() <= {entry.transfer for entry in entries}:
        raise ValueError("a record is withheld that is not among the entries")
    left: list[tuple[HistoryEntry, AbstractSet[str]]] = []
    for entry in sorted(entries, key=_order):
        parts = withheld.get(entry.transfer, frozenset[str]())
        if parts is not None:
            left.append((entry, parts))
    return [(number, entry, parts) for number, (entry, parts) in enumerate(left, 1)]


def side_of(entry: HistoryEntry) -> Side | None:
    """The side of the reply on which the record stands; None when it belongs to no reply."""
    return _SIDES.get(entry.heading)


def is_requested(entry: HistoryEntry, application: Application) -> bool:
    """Whether the record is one of those that were asked for; for measures every record is."""
    if application.kind in FOR_MEASURES:
        return True
    side = side_of(entry)
    if side is None:
        return False
    is_side = application.provided if side == PROVIDED else application.received
    return is_side and is_in_period(entry, application.first_day, application.last_day)


def is_in_period(entry: HistoryEntry, first_day: date | None, last_day: date | None) -> bool:
    """Whether the record reaches into the period; without a day it may, so it does."""
    if entry.first_day is None:
        return True
    if last_day is not None and entry.first_day > last_day:
        return False
    return first_day is None or entry.last_day is None or entry.last_day >= first_day


def _order(entry: HistoryEntry) -> tuple[bool, date, int]:
    return (_side(entry) == RECEIVED, entry.first_day or date.max, entry.position)


def _side(entry: HistoryEntry) -> Side:
    side = side_of(entry)
    if side is None:
        raise ValueError("an entry that belongs to no reply")
    return side


def _line(
    number: int, entry: HistoryEntry, parts: AbstractSet[str], current_name: str | None
) -> ReplyLine:
    found = statutory_items(entry)
    names = parts - {code for code, _ in found}
    if not names <= set(entry.items):
        raise ValueError("an item is withheld that the record does not hold")
    return ReplyLine(
        number=number,
        side=_side(entry),
        route=None if parts & _STATED_BASES else _route(entry, {code for code, _ in found}),
        items=tuple(_item(code, value, parts, names) for code, value in found),
        current_name=current_name if _has_other_name(entry, current_name) else None,
    )


def _item(code: str, value: Json, parts: AbstractSet[str], names: AbstractSet[str]) -> LineItem:
    if code in parts:
        return LineItem(code, None, 1)
    if code == "ITEMS" and names:
        kept = [name for name in cast("list[str]", value) if name not in names]
        return LineItem(code, cast("Json", kept), len(names))
    return LineItem(code, value)


def _consent(line: ReplyLine, entry: HistoryEntry) -> str | None:
    """The article of the consent that the line tells of (Rules 20(1)(ii)イ, 24(1)(ii)イ)."""
    item = line.item("CONSENT")
    if item is None or item.withheld:
        return None
    is_foreign = entry.record.data["basis"] == "consent_28_1"
    return BASES["consent_28_1" if is_foreign else "consent_27_1"].article


def _reference(line: ReplyLine, entry: HistoryEntry) -> Json:
    return date_of(entry) if line.item("DATE") is None else None


def _has_other_name(entry: HistoryEntry, current_name: str | None) -> bool:
    names = {line.principal.name for _, line in entry.lines} - {None}
    return current_name is not None and bool(names - {current_name})


def _route(entry: HistoryEntry, codes: AbstractSet[str]) -> str:
    # A basis that did not hold, such as a consent after the fact, is not told as if it had.
    if not NO_BASIS.isdisjoint(entry.verdict.findings):
        return Route.UNFOUNDED.value
    if "CONSENT" in codes:
        return Route.CONSENT.value
    if "ART31_CONSENT" in codes:
        return Route.REFERABLE.value
    route = BASES[cast("str", entry.record.data["basis"])].route
    return route.value if route in (Route.OPT_OUT, Route.NON_OPERATOR) else Route.UNFOUNDED.value
