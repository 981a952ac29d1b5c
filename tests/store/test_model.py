"""The append against a list: the same batches, judged by one that knows nothing of SQL or plans."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import KeyDestroyedError, LedgerError, StreamMovedError, UnstorableError
from ledger.format.envelope import Append, AppendCondition, LookupRow, SealedEvent
from ledger.store.append import AppendedBatch, Appender
from ledger.store.connections import Connections
from ledger.store.recorder import LedgerRecorder
from tests.database import Database
from tests.rounds import rounds
from tests.store.samples import DEAD_KEY, KEY, MACS, PARTITION, header, writing

_UNIQUE = ("directive", "pair", "series", "notice", "emitter")
_SMALL = st.integers(0, 3)


@dataclass(frozen=True, slots=True)
class Sketch:
    """An append in small numbers; `Namespace` makes ids of them.

    Attributes:
        command: number of the command.
        events: (stream, how far beyond the version that would follow, kind of seal).
        lookups: (kind, key, stream).
        condition: how many events ago the caller looked, and the type that may not have come since.
    """

    command: int
    events: tuple[tuple[int, int, str], ...]
    lookups: tuple[tuple[str, int, int], ...]
    condition: tuple[int, str] | None


_SKETCHES = st.builds(
    Sketch,
    command=st.integers(0, 12),
    events=st.lists(
        st.tuples(
            _SMALL,
            st.sampled_from([0, 0, 0, 0, 1, -1]),
            st.sampled_from(["bare", "sealed", "attached", "dead"]),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    lookups=st.lists(
        st.tuples(st.sampled_from(["series", "pair", "link"]), st.integers(0, 2), _SMALL),
        max_size=2,
    ).map(tuple),
    condition=st.none() | st.tuples(st.integers(0, 4), st.sampled_from(["bare", "sealed"])),
)


@dataclass(slots=True)
class Model:
    """What should stand: lists, searched from the start every time."""

    base: int
    events: list[SealedEvent] = field(default_factory=list[SealedEvent])
    lookups: list[LookupRow] = field(default_factory=list[LookupRow])

    def append(self, append: Append) -> AppendedBatch | type[LedgerError]:
        command = append.events[0].command
        first = [n for n, e in enumerate(self.events, self.base + 1) if e.command == command]
        if first:
            return AppendedBatch(tuple(first), known=True)
        tried: list[SealedEvent] = []
        for event in append.events:
            if event.version != self.last(event.stream, tried) + 1:
                return StreamMovedError
            if event.key_id == DEAD_KEY:
                return KeyDestroyedError
            tried.append(event)
        for number, row in enumerate(append.lookups):
            if _taken(row, self.lookups):
                return StreamMovedError
            if _taken(row, append.lookups[:number]):
                return UnstorableError
        condition = append.condition
        if condition is not None and any(
            n > condition.since and one.type in condition.types
            for n, one in enumerate(self.events, self.base + 1)
        ):
            return StreamMovedError
        begin = self.base + len(self.events) + 1
        self.events += tried
        for row in append.lookups:
            if row not in self.lookups:
                self.lookups.append(row)
        return AppendedBatch(tuple(range(begin, begin + len(tried))))

    def last(self, stream: UUID, tried: Sequence[SealedEvent] = ()) -> int:
        return max((e.version for e in (*self.events, *tried) if e.stream == stream), default=0)


def _taken(row: LookupRow, rows: Sequence[LookupRow]) -> bool:
    return row.kind in _UNIQUE and any(
        (there.kind, there.key) == (row.kind, row.key) and there.stream != row.stream
        for there in rows
    )


class Namespace:
    """Ids that no other example uses."""

    def __init__(self) -> None:
        self.streams = [random_uuid() for _ in range(4)]
        self.commands = [random_uuid() for _ in range(13)]
        self.keys = [random_uuid().bytes for _ in range(3)]

    def batch(self, sketches: Sequence[Sketch], model: Model) -> list[Append]:
        """Versions go on as if every append of the batch succeeded, but for those that stray."""
        versions = {stream: model.last(stream) for stream in self.streams}
        head = model.base + len(model.events)
        return [self._append(sketch, versions, (model.base, head)) for sketch in sketches]

    def _append(self, sketch: Sketch, versions: dict[UUID, int], log: tuple[int, int]) -> Append:
        events: list[SealedEvent] = []
        for number, stray, kind in sketch.events:
            stream = self.streams[number]
            versions[stream] += 1
            version = max(1, versions[stream] + stray)
            command = self.commands[sketch.command]
            if kind == "bare":
                events.append(SealedEvent(stream, version, kind, command, b"{}"))
                continue
            key = DEAD_KEY if kind == "dead" else KEY
            attached = (b"a", b"b") if kind == "attached" else ()
            part = stream.bytes
            facts = header(key, len(attached))
            events.append(
                SealedEvent(stream, version, kind, command, facts, key, PARTITION, part, attached)
            )
        rows = tuple(
            LookupRow(kind, self.keys[key], self.streams[stream], KEY)
            for kind, key, stream in sketch.lookups
        )
        condition = None
        if sketch.condition is not None:
            (ago, name), (base, head) = sketch.condition, log
            condition = AppendCondition(max(head - ago, base), (name,))
        return Append(tuple(events), rows, condition=condition)


@pytest.fixture(scope="module")
def connections(shared_database: Database) -> Generator[Connections]:
    with writing(shared_database) as opened:
        yield opened


@settings(
    max_examples=rounds(120),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(batches=st.lists(st.lists(_SKETCHES, min_size=1, max_size=6), min_size=1, max_size=5))
def test_the_append_does_what_a_list_would(
    connections: Connections, batches: list[list[Sketch]]
) -> None:
    appender, reads = Appender(connections, MACS.mac), LedgerRecorder(connections, MACS)
    names, model = Namespace(), Model(reads.head())
    for sketches in batches:
        batch = names.batch(sketches, model)
        expected = [model.append(append) for append in batch]
        results = appender.append(batch)
        assert [r if isinstance(r, AppendedBatch) else type(r) for r in results] == expected
    facts = reads.facts_after(model.base, 1_000)
    assert [(f.stream, f.version, f.type, f.sealed) for f in facts] == [
        (e.stream, e.version, e.type, e.sealed) for e in model.events
    ]
    assert reads.head() == model.base + len(model.events)
    assert reads.stream_versions(names.streams) == {
        stream: model.last(stream) for stream in names.streams if model.last(stream)
    }
    assert reads.lookups(names.keys, ["series", "pair", "link"]) == sorted(
        model.lookups, key=lambda row: (row.kind, row.key, row.stream)
    )
    for position, event in enumerate(model.events, model.base + 1):
        assert reads.attached(position) == list(event.attached)
