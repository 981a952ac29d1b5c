"""The closed list of event types: what each may say in clear, and under which keys it is sealed.

A type once in this list never changes; a test compares it with `golden/types.json`, which is part
of the format (`tests.format.golden.make` writes it). All facts are optional; others are refused.

Source: `docs/reference/event-format.md`, sections 1 and 8.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from ledger.errors import CorruptRecordError
from ledger.format.events import CaseEvent
from ledger.format.kinds import (
    Code,
    Codes,
    Counts,
    Day,
    Flag,
    Hash,
    Kind,
    LogName,
    Number,
    PartyKey,
)
from ledger.values import Json

HEADER_BYTES_MAX = 4_095
LINES_MAX = 1_000
KEYS_MAX = 32
ATTACHED_MAX = 8
PARTS_MAX = 1_000_000

ALWAYS = frozenset({"actor", "at", "command", "facts", "ledger", "stream", "type", "v", "version"})


@dataclass(frozen=True, slots=True)
class EventType:
    """What an event of one type holds.

    Attributes:
        classes: key classes that may seal it; empty when it has no sealed part.
        facts: name → kind of value.
        needs: header members besides `ALWAYS` and `sealed` or `blind`.
        may: header members that may stand besides.
        is_numbered: lines carry their number as `n`, and `lines` has no `first`.
        is_fixed: P has the fixed size F.
        is_recorded: the first event of a transfer: it has a fingerprint.
        required: all header members that always stand; `allowed`: all that may stand.
    """

    classes: tuple[str, ...]
    facts: Mapping[str, Kind] = field(default_factory=dict[str, Kind])
    needs: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    is_numbered: bool = False
    is_fixed: bool = False
    is_recorded: bool = False

    required: frozenset[str] = field(init=False)
    allowed: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        required = ALWAYS | self.needs | {"sealed" if self.classes else "blind"}
        object.__setattr__(self, "required", required)
        object.__setattr__(self, "allowed", required | self.may)

    def check_facts(self, facts: Mapping[str, Json]) -> None:
        """Refuse what this type may not say in clear.

        Raises:
            CorruptRecordError: an unknown member, or a value of another kind or size.
        """
        kinds = self.facts
        for name, value in facts.items():
            kind = kinds.get(name)
            if kind is None or not kind.allows(value):
                raise CorruptRecordError("the facts hold what their type does not allow")


_CODE = Code(40)
_TRANSFER: dict[str, Kind] = {
    "direction": _CODE,
    "basis": _CODE,
    "method": _CODE,
    "effective_method": _CODE,
    "duty": _CODE,
    "data_kind": _CODE,
    "law": _CODE,
    "findings": Codes(40, 32, sorted=True),
    "statutory_items": Codes(24, 16, sorted=False),
    "transferred_on": Day(),
    "transferred_from": Day(),
    "transferred_to": Day(),
    "date_not_recorded": Flag(),
    "recorded_on": Day(),
    "retain_through": Day(),
    "persons": Number(),
    "notice_position": Number(),
    "party_key": PartyKey(),
    "series": Flag(),
    "backfill": Flag(),
}
# Everybody in the transfer may be shown a correction's header with its statement. Who else left,
# and what late event caused it, would tell one person that another withdrew: both stand in the
# sealed record (`removed`, `cause_position`).
_CORRECTION: dict[str, Kind] = {
    name: kind for name, kind in _TRANSFER.items() if name not in ("persons", "series")
}
# A record is sealed with its series, with the logs without a duty, or by its day of death.
_RECORD = ("record", "no-duty", "series")

_RECORDED = EventType(
    _RECORD,
    _TRANSFER,
    frozenset({"judged_at", "statement"}),
    frozenset({"lines"}),
    is_recorded=True,
)
# Everything about a request is sealed with it; what a search was made of is said in clear.
_CASE = EventType(("case",))
_SEARCHED = EventType(("case",), {"as_of": Number()})
_EXPIRY = Counts(("cases", "events", "holds", "keys", "lookups"))

TYPES: Mapping[str, EventType] = {
    "provision-recorded": _RECORDED,
    "receipt-recorded": _RECORDED,
    "referable-provision-recorded": _RECORDED,
    "joint-use-transfer-recorded": _RECORDED,
    "exempt-transfer-recorded": _RECORDED,
    "principals-appended": EventType(
        _RECORD, {"persons": Number()}, frozenset({"lines"}), frozenset({"judged_at"})
    ),
    "transfer-completed": EventType((), {}, frozenset({"parts"})),
    "transfer-corrected": EventType(
        _RECORD,
        _CORRECTION,
        frozenset({"judged_at", "statement"}),
        frozenset({"lines"}),
        is_numbered=True,
    ),
    "transfer-reclassified": EventType(
        _RECORD,
        _CORRECTION,
        frozenset({"judged_at", "statement"}),
        frozenset({"lines"}),
        is_numbered=True,
    ),
    "transfer-retracted": EventType(_RECORD, {"reason": _CODE}),
    "transfer-findings-settled": EventType(_RECORD),
    "record-carried-forward": EventType(("record", "held"), {}, frozenset({"copies"})),
    "series-opened": EventType(
        ("series",), {"direction": _CODE, "method": _CODE, "first_day": Day()}
    ),
    "series-extended": EventType(("series",), {"last_day": Day()}),
    "series-closed": EventType(("series",), {"last_day": Day()}),
    "identifiers-linked": EventType(("link",)),
    "identifiers-unlinked": EventType(("link",)),
    "principal-renamed": EventType(("directive",)),
    "directive-received": EventType(("directive",), {"kind": _CODE, "day": Day()}),
    "directive-lifted": EventType(("directive",), {"kind": _CODE, "day": Day()}),
    "notice-published": EventType(
        ("register",),
        {"kind": _CODE, "in_force_from": Day(), "published_on": Day(), "number": Number()},
        may=frozenset({"attached"}),
    ),
    "notice-withdrawn": EventType(("register",), {"day": Day()}),
    "emitter-registered": EventType(("register",), {"since": Day(), "until": Day()}),
    "coverage-declared": EventType(
        ("register",), {"first_day": Day(), "last_day": Day(), "complete": Flag()}
    ),
    "day-closed": EventType(("register",), {"day": Day(), "matches": Flag(), "as_of": Number()}),
    "procedure-published": EventType(("register",), {"effective_from": Day()}),
    "log-epoch-started": EventType(
        ("register",),
        {
            "epoch": Number(),
            "origin": LogName(),
            "size": Number(),
            "root": Hash(),
            "note": Hash(),
            "parted_after": Number(),
        },
    ),
    "review-sealed": EventType(("exclusion",), is_fixed=True),
    "exclusions-sealed": EventType(("exclusion",), is_fixed=True),
    "expiry-planned": EventType(("register",), {"counts": _EXPIRY}),
    "records-expired": EventType((), {"counts": _EXPIRY}, frozenset({"keys"})),
    "hold-placed": EventType(("register",)),
    "hold-released": EventType(("register",)),
    "history-viewed": EventType(("access",), {"as_of": Number()}),
    "document-viewed": EventType(("access",)),
    "export-produced": EventType(("access",), {"as_of": Number()}),
    "audit-bag-requested": EventType(("access",)),
    "audit-bag-approved": EventType(("access",)),
    "audit-bag-produced": EventType(("access",), {"as_of": Number()}),
    # Of a request, but for those with a row of their own.
    **{event.TYPE: _CASE for event in get_args(CaseEvent)},
    "case-received": EventType(("case",), {"kind": _CODE, "procedure": _CODE, "arrived_on": Day()}),
    "case-records-identified": _SEARCHED,
    "case-decided": _SEARCHED,
    "reply-stored": EventType(("case",), needs=frozenset({"attached"})),
    "answer-committed": EventType(("case",), {"as_of": Number(), "answer": Hash()}),
}


def type_named(name: str) -> EventType:
    """The type of that name.

    Raises:
        CorruptRecordError: there is none; a reader refuses what it does not know.
    """
    found = TYPES.get(name)
    if found is None:
        raise CorruptRecordError("there is no event type of that name")
    return found
