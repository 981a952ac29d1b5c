"""A bag made of the ledger as it stood at one position; flat in memory, however many records.

1. Every header up to the position is hashed: the root must be the signed one.
2. Every record that is asked for is opened and written, in the order of first positions.
3. What nobody may know of was read before; if it is another set now, the records are written anew.
4. Counts, filters, versions, proofs, what is made of all these, and the manifests follow.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final, cast
from uuid import UUID

from ledger import case
from ledger.codec.header import event_hash
from ledger.codec.json import encoded, parse
from ledger.crypto.notes import Signer
from ledger.envelope import OpenEvent
from ledger.events import RECORDED_TYPES, CaseEvent, Expired, Fact, RecordsExpired
from ledger.events.case import CaseReceived
from ledger.exclusions import Standing
from ledger.exports import tables
from ledger.exports.bag import Bag
from ledger.exports.filters import Filters, check
from ledger.exports.guide import guide
from ledger.exports.pseudonyms import Pseudonyms
from ledger.exports.requests import statistics
from ledger.exports.rows import Kept, Persons, is_asked, row_of
from ledger.exports.tally import Tally
from ledger.exports.withheld import withheld
from ledger.merkle import Frontier, leaf_hash
from ledger.merkle.checkpoint import Checkpoint
from ledger.store.log_root import headers
from ledger.streams import Streams
from ledger.values import Json

FORMAT: Final = "ppl-export/1"
_BATCH: Final = 200
"""Records at a time: with 1,000 persons in each, some hundred megabytes at most."""
_LEAVES: Final = 10_000
_TRIES: Final = 5

Told = Callable[[int, int], None]
"""Called with how many events were read, of how many."""


class ExportError(Exception):
    """A bag cannot be made now."""


class UnlikeCheckpointError(ExportError):
    """The events are not those that were signed: nothing is exported as if they were."""


class UnsignedDestructionError(ExportError):
    """Something was destroyed after the checkpoint, so the bag could not prove that it had to be.

    With a newer checkpoint it can.
    """


class RestlessError(ExportError):
    """What may be shown changed each time while records were written."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint of the ledger.

    Attributes:
        note: as it is published.
        signer: signs the bag, too: proofs bind what was recorded, and its words bind the rest.
    """

    checkpoint: Checkpoint
    note: str
    signer: Signer


@dataclass(frozen=True, slots=True)
class Asked:
    """An export that is wanted.

    Attributes:
        export: its own id, that its event bears too.
        seed: 32 random bytes, from which pseudonyms are made and which nobody keeps.
        versions: of law and templates, to be put into the bag.
    """

    export: UUID
    filters: Filters
    at: datetime
    seed: bytes
    versions: Mapping[str, Json]


Further = Callable[[Bag, Asked], None]
"""Makes a further file of a bag, of the files that are in it by then."""


@dataclass(frozen=True, slots=True)
class Made:
    """A bag that was made.

    Attributes:
        size: position of the ledger that it shows.
        digest: SHA-256 of its tag manifest.
    """

    size: int
    tally: Tally
    digest: bytes


class Exporter:
    """Makes bags of a ledger.

    Args:
        streams: what opens its records.
        further: called in order when all else of the payload is there.
    """

    def __init__(self, streams: Streams, further: Sequence[Further] = ()) -> None:
        self._streams, self._further = streams, further

    def make(self, asked: Asked, signed: Signed | None, folder: Path, told: Told) -> Made:
        """Make the bag in `folder`, which must not be there.

        Args:
            signed: the newest checkpoint; None: the log is not signed, and the bag says so.

        Raises:
            MalformedError: the filters make no sense.
            UnlikeCheckpointError, UnsignedDestructionError, RestlessError: see there.
            StoreUnavailableError: the database cannot be reached.
            OSError: the folder cannot be written.
        """
        check(asked.filters)
        size = self._streams.reads.head() if signed is None else signed.checkpoint.size
        folder.mkdir(mode=0o700)
        bag = Bag(folder)
        root, dead = self._log(bag, size, asked.filters)
        if signed is not None and root != signed.checkpoint.root:
            raise UnlikeCheckpointError
        writing = _Records(self._streams, asked, size, dead, told)
        tally = writing.written(bag)
        bag.put("counts.json", encoded(tally.told) + b"\n")
        requests = statistics(self._cases(size), asked.filters.smallest)
        bag.put("requests.json", encoded(requests) + b"\n")
        bag.put("filters.json", encoded(self._told(asked, size, root, signed)) + b"\n")
        laws: dict[str, Json] = {"judged_under": dict(sorted(tally.laws.items()))}
        bag.put("versions.json", encoded({**asked.versions, **laws}) + b"\n")
        if signed is not None:
            bag.put("proofs/checkpoint", signed.note.encode())
            bag.put("proofs/key.txt", signed.signer.verifier.text.encode() + b"\n")
        for make in self._further:
            make(bag, asked)
        words = guide(asked.filters, size, is_signed=signed is not None)
        digest = bag.seal(asked.export, asked.at, words)
        if signed is not None:
            bag.sign(bag_text(signed.signer.verifier.name, asked.export, digest), signed.signer)
        return Made(size, tally, digest)

    def _log(self, bag: Bag, size: int, filters: Filters) -> tuple[bytes, frozenset[str]]:
        """Write the hashes of all events; the root, and the ids of the keys that were destroyed."""
        frontier, dead = Frontier(), set[str]()
        found = headers(self._streams.reads.connections, size)
        with bag.file("proofs/leaves.bin") as file:
            while part := list(islice(found, _LEAVES)):
                leaves = [leaf_hash(event_hash(one)) for one in part]
                file.write(b"".join(leaves))
                frontier = frontier.appended(leaves)
        if filters.whole:
            with bag.file("proofs/headers.ndjson") as file:
                for header in headers(self._streams.reads.connections, size):
                    file.write(header + b"\n")
                    read = cast("dict[str, Json]", parse(header))
                    if read["type"] == RecordsExpired.TYPE:
                        dead.update(cast("list[str]", read["keys"]))
        return frontier.root(), frozenset(dead)

    def _cases(self, size: int) -> Iterator[case.State]:
        """Every request as of that position whose key lives."""
        begun = self._streams.reads.facts_of_topics((CaseReceived.TYPE,), 0)
        for n in range(0, len(begun), _BATCH):
            streams = [one.stream for one in begun[n : n + _BATCH]]
            for facts in self._streams.facts(streams, size).values():
                state = case.fold(None, cast("list[Fact[CaseEvent | Expired]]", facts))
                if state is not None:
                    yield state

    def _told(self, asked: Asked, size: int, root: bytes, signed: Signed | None) -> dict[str, Json]:
        filters = asked.filters
        return {
            "format": FORMAT,
            "ledger": self._streams.ledger,
            "size": size,
            "root": root.hex(),
            "signed": signed is not None,
            "whole": filters.whole,
            "identified": filters.identified,
            "asked": filters.told,
            "withheld": withheld(filters),
            "csv_guard": "'",
        }


def bag_text(origin: str, export: UUID, digest: bytes) -> str:
    """What is signed of a bag. No checkpoint reads like it: a checkpoint's second line is a number.

    Args:
        digest: SHA-256 of its tag manifest.
    """
    return f"{FORMAT}\n{origin}\n{export}\n{digest.hex()}\n"


class _Records:
    """The records of one export."""

    def __init__(
        self, streams: Streams, asked: Asked, size: int, dead: frozenset[str], told: Told
    ) -> None:
        self._streams, self._size, self._dead, self._tell = streams, size, dead, told
        self._filters = filters = asked.filters
        cluster = streams.cluster(filters.person, size) if filters.person else None
        self._persons = Persons(
            streams.principal_key,
            None if filters.identified else Pseudonyms(asked.seed).of,
            None if cluster is None else frozenset(cluster.keys),
        )

    def written(self, bag: Bag) -> Tally:
        """Write them, until nobody changed meanwhile what may be shown."""
        for _ in range(_TRIES):
            before = self._streams.hiding.standing()
            size, tally = bag.size, self._once(bag, before)
            if self._filters.whole or self._streams.hiding.standing() == before:
                return tally
            bag.size = size
        raise RestlessError

    def _once(self, bag: Bag, hidden: Standing) -> Tally:
        tally = Tally()
        with bag.file("records.ndjson") as lines, bag.file("records.csv") as table:
            table.write(tables.head())
            for kept in self._records(hidden):
                row = row_of(tally.records + 1, kept, self._persons)
                facts = [one.header.facts for one in kept.events if "basis" in one.header.facts]
                tally.add(row, facts)
                lines.write(encoded(row) + b"\n")
                table.write(tables.table_row(tally.records, kept, self._persons))
        return tally

    def _records(self, hidden: Standing) -> Iterator[Kept]:
        """The records that are asked for and may be shown."""
        visible = self._streams.visible(hidden)
        for streams in self._first_events():
            for kept in self._kept(streams):
                if not self._filters.whole and (kept.is_destroyed or not visible(kept.state)):
                    continue
                if is_asked(self._filters, kept, self._persons):
                    self._check_destroyed(kept)
                    yield kept

    def _first_events(self) -> Iterator[Sequence[UUID]]:
        """Streams of transfers in the order of their first events, some at a time."""
        batch: list[UUID] = []
        found = headers(self._streams.reads.connections, self._size)
        for position, header in enumerate(found, 1):
            read = cast("dict[str, Json]", parse(header))
            if read["type"] in RECORDED_TYPES:
                batch.append(UUID(str(read["stream"])))
            if len(batch) == _BATCH or position == self._size:
                yield batch
                batch = []
            if not position % _LEAVES or position == self._size:
                self._tell(position, self._size)

    def _kept(self, streams: Sequence[UUID]) -> Iterator[Kept]:
        found: dict[UUID, list[OpenEvent]] = {stream: [] for stream in streams}
        opened, read = self._streams.carried_as_read(streams, self._size)
        raw = {one.position: one.header for one in read}
        for one in opened:
            found[one.header.stream].append(one)
        for events in found.values():
            yield Kept.of(events, raw)

    def _check_destroyed(self, kept: Kept) -> None:
        """A bag with every header must be able to prove that what is gone had to go."""
        if not self._filters.whole:
            return
        for one in kept.events:
            key = one.header.sealed_key
            copied = one.content is not None and one.content.copy is not None
            is_dead = (one.content is None or copied) and one.header.copies is None
            if is_dead and key is not None and key.hex() not in self._dead:
                raise UnsignedDestructionError
