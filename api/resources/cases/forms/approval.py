"""What a second person is shown before they approve: what goes out, and on what it rests."""

from dataclasses import dataclass
from typing import Final, cast

from api.case_replies import ReplyRecords
from api.web.pages.words import SIDES
from ledger.cases.case import State
from ledger.cases.events.case import CaseDecided, WithheldPart
from ledger.cases.letters import words
from ledger.cases.letters.lines import PROVIDED, side_of
from ledger.law.procedure.causes import CAUSES
from ledger.law.procedure.version import Procedure
from ledger.streams.history import HistoryEntry
from ledger.transfers.statutory import statutory_items
from ledger.values import PrincipalRef

HELD_MAX: Final = 100
"""Records that are withheld and listed; how many more there are is said, and the letter has all."""

_WHOLE: Final = "全部"


@dataclass(frozen=True, slots=True)
class WithheldRecord:
    """One record of which something is withheld.

    Attributes:
        day, side, party: which record it is.
        what: the items, or that it is all of it; ground, causes, reason: why.
    """

    day: str
    side: str
    party: str
    what: str
    ground: str
    causes: str
    reason: str


def list_withheld(
    state: State, found: ReplyRecords, procedure: Procedure
) -> tuple[WithheldRecord, ...]:
    """What the decision withholds, record by record, in its order; the first `HELD_MAX`."""
    decision = state.decision
    if not isinstance(decision, CaseDecided):
        return ()
    entries = {one.transfer: one for one in found.entries}
    return tuple(
        _build_withheld(one, entries[one.record], state, procedure)
        for one in decision.withheld[:HELD_MAX]
        if one.record in entries
    )


def _build_withheld(
    one: WithheldPart, entry: HistoryEntry, state: State, procedure: Procedure
) -> WithheldRecord:
    side = side_of(entry) or PROVIDED
    codes = entry.verdict.statutory_items
    items = [words.item_label(name, side) if name in codes else name for name in one.items]
    ground = procedure.ground(one.ground, state.application.arrived_on)
    causes = CAUSES.get(one.ground, {})
    return WithheldRecord(
        day=_days(entry),
        side=SIDES[side],
        party=_party(entry),
        what="、".join(items) or _WHOLE,
        ground=f"{ground.label}（{ground.article}）",
        causes="、".join(causes.get(code, code) for code in one.causes),
        reason=one.reason,
    )


def entry_words(entry: HistoryEntry) -> str:
    """Which record it is: its side, its days and the other party."""
    return f"{SIDES[side_of(entry) or PROVIDED]}　{_days(entry)}　{_party(entry)}"


def _days(entry: HistoryEntry) -> str:
    first, last = entry.first_day, entry.last_day
    if first is None:
        return words.NOT_RECORDED
    if first == last:
        return words.day_text(first)
    return f"{words.day_text(first)}から{'' if last is None else words.day_text(last)}"


def _party(entry: HistoryEntry) -> str:
    known = dict(statutory_items(entry)).get("COUNTERPARTY")
    if not isinstance(known, dict):
        return words.NOT_REQUIRED
    if known.get("kind") == "unspecified_many":
        return words.MANY
    return cast("str", known.get("name") or words.NOT_RECORDED)


@dataclass(frozen=True, slots=True)
class NamedIdentifier:
    """One identifier that was said to be the person's.

    Attributes:
        check: what comparing the names came to (a code of `ledger.policies.name_comparison`); None
            of a case that was identified before it was kept.
        because: why it is the person's all the same, where the name differs.
    """

    identifier: PrincipalRef
    check: str | None
    because: str | None


def named(state: State) -> tuple[NamedIdentifier, ...]:
    """Each identifier of the person, and how the records that were found name them."""
    who = state.search or state.person
    if who is None:
        return ()
    checks = who.name_checks or (None,) * len(who.identifiers)
    reasons = {one.identifier: one.because for one in who.names_differ or ()}
    return tuple(
        NamedIdentifier(one, check, reasons.get(one))
        for one, check in zip(who.identifiers, checks, strict=True)
    )
