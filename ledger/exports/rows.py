"""A record as a line of the bag: every version of it, with what opens the header's commitments.

Where persons are not named, a line is the commitment that the header's root is made of, and a
pseudonym beside it: the root is proven, whose line it is stays with the ledger, and can be opened
for an inspector later. A statement that names an individual is not opened.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from ledger.crypto.commitments import line_commitment
from ledger.crypto.encoding import context
from ledger.exports.filters import Filters, RecordVersion, asks_of_versions, holds, is_from
from ledger.format.copies import opened_salts
from ledger.format.envelope import CopyContent, OpenEvent
from ledger.format.event_reader import fact_of
from ledger.format.events import (
    ExpiredEvent,
    Fact,
    TransferCorrected,
    TransferEvent,
    TransferFindingsSettled,
    TransferReclassified,
    TransferRetracted,
)
from ledger.format.json import parse
from ledger.merkle.hashes import leaf_hash
from ledger.merkle.partial import narrowed
from ledger.transfers.transfer import State, fold
from ledger.values import Json, PrincipalRef, counterparty_of, principal_of

INDIVIDUAL: Final = "individual"
"""Why a statement is not opened: it names one, and nobody is to be named."""
ACTIVE: Final = "standing"
BEGUN: Final = "begun"
"""It is being recorded, in parts; only a bag with every event shows it."""
RETRACTED: Final = "retracted"
DESTROYED: Final = "destroyed"

_CORRECTIONS: Final = frozenset(
    (TransferCorrected.TYPE, TransferReclassified.TYPE, TransferRetracted.TYPE)
)
_Object = dict[str, Json]


@dataclass(frozen=True, slots=True)
class PersonDisplay:
    """How persons are shown.

    Attributes:
        key_of: the principal key of an identifier; it is in no bag.
        named: the pseudonym of a principal key; None: as recorded.
        own: keys of the only person that is asked for; None: everybody.
    """

    key_of: Callable[[PrincipalRef], bytes]
    named: Callable[[bytes], str] | None
    own: frozenset[bytes] | None = None

    def holds(self, principal: PrincipalRef) -> bool:
        """Whether the person may be in the export."""
        return self.own is None or self.key_of(principal) in self.own


@dataclass(frozen=True, slots=True)
class ExportedRecord:
    """A record: its events up to the position of the export, opened, in version order.

    Attributes:
        headers: the same events' headers as they are hashed.
        facts: what they say.
        state: as of that position.
    """

    events: Sequence[OpenEvent]
    headers: Sequence[bytes]
    facts: Sequence[Fact[TransferEvent | ExpiredEvent]]
    state: State

    @classmethod
    def of(cls, events: Sequence[OpenEvent], headers: Mapping[int, bytes]) -> "ExportedRecord":
        """Of all events of one transfer's stream; `headers` by position."""
        facts = cast("list[Fact[TransferEvent | ExpiredEvent]]", [fact_of(one) for one in events])
        state = fold(None, facts)
        assert state is not None, "a transfer has a first event"
        return cls(events, [headers[one.position] for one in events], facts, state)

    @property
    def is_destroyed(self) -> bool:
        """Whether nobody can tell any more what it was, nor whether it was marked."""
        return self.state.entry is None

    @property
    def source(self) -> str | None:
        """The emitter's; None once it is gone."""
        return None if self.state.entry is None else self.state.entry.source

    @property
    def status(self) -> str:
        """What became of it."""
        if self.state.record is None:
            return DESTROYED
        if self.state.retracted is not None:
            return RETRACTED
        return BEGUN if self.state.effective_position is None else ACTIVE

    @property
    def corrections(self) -> int:
        """How often it was corrected, reclassified or retracted."""
        return sum(one.header.type in _CORRECTIONS for one in self.events)


def is_requested(filters: Filters, kept: ExportedRecord, persons: PersonDisplay) -> bool:
    """Whether the record is asked for: one of its versions is, and the person is in one."""
    if not is_from(filters, kept.source):
        return False
    if asks_of_versions(filters) and not any(
        holds(filters, one) for one in _versions(kept.events, persons)
    ):
        return False
    if persons.own is None:
        return True
    return any(persons.holds(one) for event in kept.events for one in named_in(event))


def named_in(event: OpenEvent) -> Iterator[PrincipalRef]:
    """Whom an event of a record names."""
    return (_principal(line) for line in _lines(event))


def _versions(events: Sequence[OpenEvent], persons: PersonDisplay) -> Iterator[RecordVersion]:
    """The versions; of one person's export without what was found of others."""
    for one in events:
        facts, content = one.header.facts, one.content
        if "basis" not in facts:
            continue
        found = set(cast("list[str]", facts["findings"]))
        for line in _lines(one):
            if "verdict" in line and persons.holds(_principal(line)):
                found.update(cast("list[str]", _object(line["verdict"])["findings"]))
        statement = None if content is None else content.statement
        party = None if statement is None else _object(parse(statement))["counterparty"]
        known = None if party is None else counterparty_of(_object(party))
        yield RecordVersion(facts, known, frozenset(found))


def row_of(number: int, kept: ExportedRecord, persons: PersonDisplay) -> _Object:
    """The record as a line of the bag.

    Args:
        number: of the line, from 1.
    """
    row: _Object = {
        "row": number,
        "stream": str(kept.events[0].header.stream),
        "status": kept.status,
        "events": [
            _event(one, header, fact.event, persons)
            for one, header, fact in zip(kept.events, kept.headers, kept.facts, strict=True)
        ],
    }
    return row if kept.source is None else {**row, "source": kept.source}


def _event(
    opened: OpenEvent, raw: bytes, event: TransferEvent | ExpiredEvent, persons: PersonDisplay
) -> _Object:
    header, content = opened.header, opened.content
    shown: _Object = {"header": raw.decode(), "position": opened.position}
    if content is None:
        if header.sealed_key is not None and header.copies is None:
            shown[DESTROYED] = True
        return shown
    if header.copies is not None:
        return shown  # what it carries is shown at its original's place
    whole = content.copy or opened_salts(header, content)
    if whole.statement is not None and whole.statement_salt is not None:
        shown["statement"] = _statement(whole.statement, whole.statement_salt, persons)
    if header.lines_root is not None:
        place = context(header.ledger, header.stream, header.version)
        shown |= _render_lines(header.lines_count, place, whole, persons)
    if other_members := _other_members(event, persons):
        shown["told"] = other_members
    return shown


# A statement is canonical JSON: one that names an individual has these bytes.
_OF_INDIVIDUAL: Final = b'"kind":"individual"'


def _statement(text: bytes, salt: bytes, persons: PersonDisplay) -> _Object:
    if persons.named is None or _OF_INDIVIDUAL not in text:
        return {"salt": salt.hex(), "text": text.decode()}
    whole = _object(parse(text))
    if _object(whole["counterparty"])["kind"] != INDIVIDUAL:
        return {"salt": salt.hex(), "text": text.decode()}
    other_members = {name: value for name, value in whole.items() if name != "counterparty"}
    return {
        "withheld": INDIVIDUAL,
        "shown": {**other_members, "counterparty": {"kind": INDIVIDUAL}},
    }


def _render_lines(count: int, place: bytes, whole: CopyContent, persons: PersonDisplay) -> _Object:
    entries = {j: line_commitment(salt, place, j, text) for j, salt, text in whole.lines}
    lines: list[Json] = []
    keep: set[int] = set()
    for j, salt, text in whole.lines:
        line = _object(parse(text))
        principal = _principal(line)
        if not persons.holds(principal):
            continue
        keep.add(j)
        if persons.named is None:
            lines.append({"j": j, "salt": salt.hex(), "text": text.decode()})
            continue
        name = persons.named(persons.key_of(principal))
        shown: _Object = {"j": j, "commitment": entries[j].hex(), "pseudonym": name}
        lines.append(shown | {one: line[one] for one in ("verdict", "n") if one in line})
    nodes: Sequence[bytes] = whole.nodes
    if len(keep) < len(whole.lines):
        leaves = {j: leaf_hash(entry) for j, entry in entries.items()}
        nodes = narrowed(count, leaves, nodes, keep)
    found: _Object = {"lines": lines}
    if nodes:
        found["nodes"] = [one.hex() for one in nodes]
    return found


def _other_members(event: TransferEvent | ExpiredEvent, persons: PersonDisplay) -> _Object:
    """What an event says besides, as the ledger tells it: no header commits to it by itself.

    Whatever somebody typed may name a person, and what was settled or removed may be another's.
    """
    typed: str | None = None
    members: _Object = {}
    if isinstance(event, TransferFindingsSettled):
        members, typed = {"action": event.action, "codes": list(event.codes)}, event.reason
    elif isinstance(event, TransferCorrected | TransferReclassified):
        members, typed = {"removed": list(event.removed)} if event.removed else {}, event.reason
    elif isinstance(event, TransferRetracted):
        typed = event.note
    if persons.own is not None:
        return {"action": members["action"]} if "action" in members else {}
    return {**members, "reason": typed} if persons.named is None and typed is not None else members


def _lines(opened: OpenEvent) -> Iterator[_Object]:
    """The lines of an event that live."""
    if opened.content is not None and opened.header.copies is None:
        yield from (_object(parse(text)) for text in opened.content.lines)


def _principal(line: Mapping[str, Json]) -> PrincipalRef:
    return principal_of(_object(line["principal"]))


def _object(value: Json) -> _Object:
    return cast("_Object", value or {})
