"""Which events prove what a person is told of a transfer: statement and lines as they stand.

A statement stands in the newest event that says one, a line in the newest that says this line; both
are proven by their commitments, from the event itself or from a copy of it that lives.

Source: `docs/reference/event-format.md`, sections 3, 5, 7 and 9.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from ledger.errors import CorruptRecordError
from ledger.format.envelope import OpenEvent, SealedContent
from ledger.format.json import parse
from ledger.format.proof import ProofRecord
from ledger.format.shown_parts import (
    ProofEvent,
    ProofPart,
    ProofText,
    part_path,
    prove_line,
    prove_statement,
)
from ledger.values import Json, PrincipalRef, principal_of

COMPLETED: Final = "transfer-completed"
Own = Callable[[PrincipalRef], bool]
Path = Callable[[int], Sequence[bytes]]


@dataclass(frozen=True, slots=True)
class _Line:
    """Where a line of the transfer stands: `j` of the event at `position`."""

    position: int
    j: int
    text: bytes


@dataclass(slots=True)
class _RecordContents:
    """What the events said, one after another."""

    contents: dict[int, SealedContent] = field(default_factory=dict[int, SealedContent])
    statement: int | None = None
    lines: dict[int, _Line] = field(default_factory=dict[int, _Line])
    completed: int | None = None

    def take(self, event: OpenEvent) -> None:
        """Take in the next event of the transfer.

        Raises:
            CorruptRecordError: its content is gone.
        """
        header, content = event.header, event.content
        if header.type == COMPLETED:
            self.completed = event.position
        if header.statement is None and header.lines_root is None:
            if content is not None:
                self._remove(content)
            return
        if content is None:
            raise CorruptRecordError("the content is gone, so nothing of it is shown")
        self.contents[event.position] = content
        if header.statement is not None:
            self.statement = event.position
        # First what goes: a correction may put another line under the same number.
        self._remove(content)
        for j, text in _lines_of(content):
            n = j + header.lines_first if header.lines_first is not None else _number(text)
            self.lines[n] = _Line(event.position, j, text)

    def _remove(self, content: SealedContent) -> None:
        for n in cast("list[int]", (content.record or {}).get("removed", [])):
            self.lines.pop(n, None)


def prove_records(
    events: Sequence[OpenEvent], headers: Mapping[int, bytes], own: Own, path: Path
) -> list[ProofRecord]:
    """One for each line of the person, in the order of their numbers; nobody else's.

    Args:
        events: all of one transfer up to a position, opened, copies at their original's place.
        headers: position → header of each of them, as it is hashed.
        own: whether an identifier is the person's.
        path: position → audit path in the log, at the size of the checkpoint.

    Raises:
        CorruptRecordError: the content of an event that says something is gone.
    """
    record = _RecordContents()
    for event in events:
        record.take(event)
    if record.statement is None:
        return []
    positions = [one.position for one in events]
    bulk = positions[: positions.index(record.completed)] if record.completed is not None else []
    place = _EventProofs(headers, bulk, record.completed, path)
    return [
        _prove_record(record, record.statement, line, place)
        for _, line in sorted(record.lines.items())
        if own(_principal(line.text))
    ]


@dataclass(frozen=True, slots=True)
class _EventProofs:
    """How an event is proven: by the log, or by the completion that binds it.

    Attributes:
        bulk: positions of the parts of a bulk transfer, the recorded event first.
        completed: the position of its completion.
    """

    headers: Mapping[int, bytes]
    bulk: Sequence[int]
    completed: int | None
    path: Path

    def top(self, position: int) -> int:
        """The event in the log by which that at `position` is proven."""
        return self.completed if self.completed is not None and position in self.bulk else position

    def event(self, top: int, positions: Sequence[int]) -> ProofEvent:
        """The event in the log, with the parts at `positions`, and the recorded one before them."""
        parts: Sequence[ProofPart] = ()
        if top == self.completed:
            part_positions = sorted({self.bulk[0], *positions})
            bound = [self.headers[one] for one in self.bulk]
            numbers = [self.bulk.index(one) for one in part_positions]
            parts = [ProofPart(bound[n], n, part_path(bound, n)) for n in numbers]
        return ProofEvent(self.headers[top], top - 1, self.path(top), tuple(parts))


def _prove_record(
    record: _RecordContents, statement: int, line: _Line, place: _EventProofs
) -> ProofRecord:
    tops = sorted({place.top(statement), place.top(line.position)})
    parts = {
        top: [one for one in (statement, line.position) if place.top(one) == top] for top in tops
    }
    events = [place.event(top, parts[top]) for top in tops]

    def at(position: int) -> tuple[int, ...]:
        top = place.top(position)
        if top == position:
            return (tops.index(top),)
        part_positions = sorted({place.bulk[0], *parts[top]})
        return (tops.index(top), part_positions.index(position))

    header = place.headers
    statement_text: ProofText = prove_statement(
        header[statement], record.contents[statement], at(statement)
    )
    own = prove_line(
        header[line.position], record.contents[line.position], line.j, at(line.position)
    )
    return ProofRecord(tuple(events), statement_text, own)


def _lines_of(content: SealedContent) -> list[tuple[int, bytes]]:
    if content.copy is not None:
        return [(j, text) for j, _, text in content.copy.lines]
    return list(enumerate(content.lines))


def _number(text: bytes) -> int:
    return cast("int", cast("Mapping[str, Json]", parse(text))["n"])


def _principal(text: bytes) -> PrincipalRef:
    line = cast("Mapping[str, Json]", parse(text))
    return principal_of(cast("dict[str, Json]", line["principal"]))
