"""Copies what must outlive its key: `record-carried-forward`, event by event, line by line.

Source: `docs/reference/event-format.md`, section 5.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import cast
from uuid import UUID

from ledger.crypto.keys import DataKey
from ledger.crypto.pseudonyms import random_stream
from ledger.errors import KeyDestroyedError, StreamMovedError
from ledger.format.copies import carried_forward
from ledger.format.encoder import seal
from ledger.format.envelope import (
    Append,
    EventDraft,
    Header,
    LookupRow,
    OpenEvent,
    Original,
    SealedContent,
    SealedEvent,
)
from ledger.format.event_reader import principals_in
from ledger.format.events import RecordCarriedForward
from ledger.retention.copies import Copies
from ledger.retention.reasons import Need
from ledger.store.append import AppendedBatch
from ledger.streams.sealer import Sealer
from ledger.streams.streams import Streams
from ledger.transfers.service import AppendAll
from ledger.transfers.verdict_inputs import VerdictInputs
from ledger.values import Json

# Copies of one append transaction: a hold on a person with thousands of records is many of them.
APPENDS_MAX = 200


@dataclass(frozen=True, slots=True)
class _Source:
    """A sealed part that still opens: of the original or of a copy.

    Attributes:
        lines: indexes of the lines that it holds, in the original event.
    """

    content: SealedContent
    key: DataKey
    lines: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Copy:
    """A copy to make: which lines, from where, under which key."""

    original: OpenEvent
    source: _Source
    keep: frozenset[int]
    key: DataKey


class CarryForward:
    """Makes copies. Belongs to one thread."""

    def __init__(self, streams: Streams, sealer: Sealer, append: AppendAll, copies: Copies) -> None:
        self._streams = streams
        self._sealer = sealer
        self._append = append
        self._copies = copies
        self._held: dict[UUID, DataKey] = {}
        self._judging = VerdictInputs(streams)

    def carry(
        self,
        needs: Mapping[UUID, Sequence[Need]],
        expiring_keys: Collection[bytes],
        at: datetime,
        actor: str,
    ) -> int:
        """Append the copies that `needs` ask for and that are not there yet; return how many.

        What somebody else moved in between is left for the next look.

        Args:
            expiring_keys: the keys that die; what lives under any other needs no copy.
        """
        self._held.clear()
        made = 0
        missing = self._missing(needs, expiring_keys, at, actor)
        while appends := list(islice(missing, APPENDS_MAX)):
            made += self._appended(appends)
        return made

    def is_missing(
        self,
        needs: Mapping[UUID, Sequence[Need]],
        expiring_keys: Collection[bytes],
        at: datetime,
        actor: str,
    ) -> bool:
        """Whether `carry` would append anything."""
        self._held.clear()
        return any(True for _ in self._missing(needs, expiring_keys, at, actor))

    def _missing(
        self,
        needs: Mapping[UUID, Sequence[Need]],
        expiring_keys: Collection[bytes],
        at: datetime,
        actor: str,
    ) -> Iterator[Append]:
        for stream in sorted(needs):
            append = self._of_stream(stream, needs[stream], expiring_keys, at, actor)
            if append is not None:
                yield append

    def _appended(self, appends: Sequence[Append]) -> int:
        made = 0
        for append, result in zip(appends, self._append(appends), strict=True):
            if isinstance(result, AppendedBatch):
                made += len(append.events)
            elif isinstance(result, KeyDestroyedError):
                self._sealer.keys.forget(event.key_id for event in append.events if event.key_id)
            elif not isinstance(result, StreamMovedError):
                raise result
        return made

    def _of_stream(
        self,
        stream: UUID,
        needs: Sequence[Need],
        expiring_keys: Collection[bytes],
        at: datetime,
        actor: str,
    ) -> Append | None:
        stored = self._streams.reads.facts_of_streams([stream], None)
        opened = self._streams.opened(stored)
        copies: list[_Copy] = []
        for original, sources in self._sources(opened):
            known = list(sources)
            for need in needs:
                for copy in self._missing_copies(original, known, need, expiring_keys):
                    copies.append(copy)
                    # The next reason finds what this one has saved.
                    known.append(replace(copy.source, key=copy.key, lines=copy.keep))
        if not copies:
            return None
        return self._sealed(stream, len(opened), opened, copies, at, actor)

    def _sources(self, opened: Sequence[OpenEvent]) -> Iterator[tuple[OpenEvent, list[_Source]]]:
        """Each original with a sealed part, and where its content can still be read."""
        ids = {event.header.sealed_key for event in opened if event.header.sealed_key is not None}
        keys = self._streams.keys.open(ids)
        copies: dict[int, list[_Source]] = {}
        for event in opened:
            header, content = event.header, event.content
            if header.copies is None or content is None or content.copy is None:
                continue
            lines = frozenset(j for j, _, _ in content.copy.lines)
            source = _Source(content, keys[_key_of(header)], lines)
            copies.setdefault(header.copies.version, []).append(source)
        for event in opened:
            header = event.header
            if header.sealed_key is None or header.copies is not None:
                continue
            sources = copies.get(header.version, [])
            if event.content is not None:
                own = _Source(event.content, keys[header.sealed_key], _all_lines(event.content))
                sources = [own, *sources]
            yield event, sources

    def _missing_copies(
        self,
        original: OpenEvent,
        sources: Sequence[_Source],
        need: Need,
        expiring_keys: Collection[bytes],
    ) -> Iterator[_Copy]:
        """The copies of `original` without which `need` would not be met."""
        safe = [source for source in sources if source.key.id not in expiring_keys]
        covered = frozenset(j for source in safe for j in source.lines)
        is_read = bool(safe)  # statement and record are in every source
        for source in sources:
            if source.key.id not in expiring_keys:
                continue
            share = self._concerned(source, need.persons) - covered
            if share or not is_read:
                yield _Copy(original, source, share, self._key(need, expiring_keys))
                covered |= share
                is_read = True

    def _concerned(self, source: _Source, persons: frozenset[bytes] | None) -> frozenset[int]:
        if persons is None:
            return source.lines
        refs = principals_in(source.content)
        named = zip(sorted(source.lines), refs, strict=True)
        key_of = self._streams.principal_key
        return frozenset(j for j, ref in named if key_of(ref) in persons)

    def _key(self, need: Need, expiring_keys: Collection[bytes]) -> DataKey:
        if need.keeper is not None:
            key = self._held.get(need.keeper)
            if key is None:
                key = self._held[need.keeper] = self._copies.key_for(need.keeper, expiring_keys)
            return key
        assert need.until is not None, "what has no day has an owner"
        return self._sealer.keys.key_for("record", day=need.until)

    def _sealed(
        self,
        stream: UUID,
        version: int,
        opened: Sequence[OpenEvent],
        copies: Sequence[_Copy],
        at: datetime,
        actor: str,
    ) -> Append:
        command = random_stream()
        rows: set[LookupRow] = set()
        source_name = _source_name(opened)
        events: list[SealedEvent] = []
        for number, copy in enumerate(copies, version + 1):
            header = copy.original.header
            draft = EventDraft(
                RecordCarriedForward.TYPE,
                stream,
                number,
                at,
                actor,
                command,
                {},
                copies=Original(copy.original.position, header.version),
                copy=carried_forward(header, copy.source.content, copy.keep),
            )
            events.append(seal(draft, copy.key, self._sealer.ledger))
            rows.update(self._base_rows(stream, source_name, copy))
        return Append(tuple(events), tuple(rows))

    def _base_rows(self, stream: UUID, source: str | None, copy: _Copy) -> list[LookupRow]:
        """A record that lives on keeps the record alive from which it takes omitted items."""
        record = cast("Mapping[str, Json]", copy.source.content.record or {})
        stated = record.get("input")
        named = stated.get("base_record") if isinstance(stated, dict) else None
        if source is None or not isinstance(named, str):
            return []
        bases = self._judging.named_streams(source, named)
        return [LookupRow("base", base.bytes, stream, copy.key.id) for base in bases]


def _source_name(opened: Sequence[OpenEvent]) -> str | None:
    """Who sent the transfer: the first event's record says it, or a copy of it."""
    for event in opened:
        record = event.content.record if event.content is not None else None
        if record is not None and isinstance(record.get("source"), str):
            return cast("str", record["source"])
    return None


def _key_of(header: Header) -> bytes:
    assert header.sealed_key is not None, "an event with content has a key"
    return header.sealed_key


def _all_lines(content: SealedContent) -> frozenset[int]:
    return frozenset(range(len(content.lines)))
