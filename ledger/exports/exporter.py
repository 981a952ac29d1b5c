"""A bag made of the ledger as it stood at one position; flat in memory, however many records.

1. Every header up to the position is hashed: the root must be the signed one.
2. Every record that is asked for is opened and written, in the order of first positions.
3. What nobody may know of was read before; if it is another set now, the records are written anew.
4. Counts, filters, versions, proofs, what is made of all these, and the manifests follow.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Protocol, cast
from uuid import UUID

from ledger.cases import case
from ledger.cases.events.case import CaseReceived
from ledger.errors import CorruptRecordError
from ledger.exports.bag import BagWriter, Take
from ledger.exports.export_request import ExportRequest, SignedCheckpoint, UnlikeCheckpointError
from ledger.exports.filters import Filters, check
from ledger.exports.guide import guide
from ledger.exports.omissions import withheld
from ledger.exports.records import BATCH, LEAVES, Progress, RecordReader
from ledger.exports.requests import statistics
from ledger.exports.table import TABLE
from ledger.exports.tally import Tally
from ledger.format.events import CaseEvent, ExpiredEvent, Fact, RecordsExpired
from ledger.format.header import event_hash
from ledger.format.json import encoded, parse
from ledger.log.log_root import headers
from ledger.merkle import Frontier, leaf_hash
from ledger.merkle.checkpoint import Checkpoint
from ledger.retention.proved_expiries import proven
from ledger.streams.streams import Streams
from ledger.values import Json

FORMAT: Final = "ppl-export/3"

Further = Callable[[BagWriter, ExportRequest], None]
"""Makes a further file of a bag, of the files that are in it by then."""


class SecondFile(Protocol):
    """Makes a further file of the records' table, while that is written."""

    def follow(self) -> Take:
        """What takes the table from its head on; it may be begun anew."""
        ...

    def put(self, bag: BagWriter) -> None:
        """Put the file into the bag, once the whole table has been written."""
        ...


@dataclass(frozen=True, slots=True)
class FinishedBag:
    """A bag that was made.

    Attributes:
        size: position of the ledger that it shows.
        digest: SHA-256 of its tag manifest.
        hidden: `ActiveExclusions.digest` as its records were read; a whole one hides nothing.
    """

    size: int
    tally: Tally
    digest: bytes
    hidden: bytes = b""


class Exporter:
    """Makes bags of a ledger.

    Args:
        streams: what opens its records.
        further: called in order when all else of the payload is there.
        beside: opens what makes a file of the table, and what lies beside the bag meanwhile in the
            folder that it is given.
    """

    def __init__(
        self,
        streams: Streams,
        further: Sequence[Further] = (),
        second_file: Callable[[ExportRequest, Path], AbstractContextManager[SecondFile]]
        | None = None,
    ) -> None:
        self._streams, self._further, self._second_file = streams, further, second_file

    def make(
        self,
        request: ExportRequest,
        signed: SignedCheckpoint | None,
        folder: Path,
        on_progress: Progress,
    ) -> FinishedBag:
        """Make the bag in `folder`, which must not be there.

        Args:
            signed: the newest checkpoint; None: the log is not signed, and the bag says so.

        Raises:
            MalformedError: the filters make no sense.
            UnlikeCheckpointError, UnsignedDestructionError, RestlessError: see there.
            CorruptRecordError: of a whole bag, too: an event says that keys were destroyed, and
                the ledger did not decide it. Nobody who reads the bag could tell.
            ForgedEventError: an event is not the ledger's.
            StoreUnavailableError: the database cannot be reached.
            OSError: the folder cannot be written.
        """
        check(request.filters)
        if self._second_file is None:
            return self._write_bag(request, signed, BagWriter(folder), on_progress, ())
        with self._second_file(request, folder.parent) as second_file:
            bag = BagWriter(folder, followers={TABLE: second_file.follow})
            return self._write_bag(request, signed, bag, on_progress, (second_file,))

    def _write_bag(
        self,
        request: ExportRequest,
        signed: SignedCheckpoint | None,
        bag: BagWriter,
        on_progress: Progress,
        besides: Sequence[SecondFile],
    ) -> FinishedBag:
        size = self._streams.reads.head() if signed is None else signed.checkpoint.size
        self._streams.reads.check_up_to(size)
        bag.path.mkdir(mode=0o700)
        others = _others(signed)
        roots, destroyed_keys = self._log(
            bag, size, request.filters, [one.size for one in others.values()]
        )
        root = roots[size]
        for one in (*others.values(), *(() if signed is None else (signed.checkpoint,))):
            if roots.get(one.size) != one.root:
                raise UnlikeCheckpointError
        writing = RecordReader(self._streams, request, size, destroyed_keys, on_progress)
        tally, hidden = writing.written(bag)
        bag.put("counts.json", encoded(tally.members) + b"\n")
        requests = statistics(self._cases(size), request.filters.smallest)
        bag.put("requests.json", encoded(requests) + b"\n")
        bag.put("filters.json", encoded(self._filter_members(request, size, root, signed)) + b"\n")
        laws: dict[str, Json] = {"judged_under": dict(sorted(tally.laws.items()))}
        bag.put("versions.json", encoded({**request.versions, **laws}) + b"\n")
        if signed is not None:
            bag.put("proofs/checkpoint", signed.note.encode())
            bag.put("proofs/key.txt", signed.signer.verifier.text.encode() + b"\n")
            put_others(bag, signed)
        for make in self._further:
            make(bag, request)
        for second_file in besides:
            second_file.put(bag)
        words = guide(request.filters, size, is_signed=signed is not None, by_others=others.keys())
        digest = bag.seal(request.export, request.at, words)
        if signed is not None:
            bag.sign(bag_text(signed.signer.verifier.name, request.export, digest), signed.signer)
        return FinishedBag(size, tally, digest, hidden)

    def _log(
        self, bag: BagWriter, size: int, filters: Filters, also: Sequence[int]
    ) -> tuple[dict[int, bytes], frozenset[str]]:
        """Write the hashes of all events.

        Returns:
            Roots by size, of `size` and of those in `also` that are no larger, and the ids of the
            keys that were destroyed.
        """
        frontier, destroyed_keys, sizes = Frontier(), set[str](), sorted({*also})
        roots = {0: frontier.root()}
        found = headers(self._streams.reads.connections, size)
        with bag.file("proofs/leaves.bin") as file:
            while part := list(islice(found, LEAVES)):
                leaves = [leaf_hash(event_hash(one)) for one in part]
                file.write(b"".join(leaves))
                begin = frontier.size
                ends = [one - begin for one in sizes if begin < one < begin + len(leaves)]
                for end in (*ends, len(leaves)):
                    frontier = frontier.appended(leaves[frontier.size - begin : end])
                    roots[frontier.size] = frontier.root()
        if filters.whole:
            # Whoever reads the bag has no key of the proofs.
            prove, connections = self._streams.secret.expiry_proof, self._streams.reads.connections
            believed = connections.read(lambda c: {*proven(c, prove)})
            with bag.file("proofs/headers.ndjson") as file:
                for position, header in enumerate(headers(connections, size), 1):
                    file.write(header + b"\n")
                    read = cast("dict[str, Json]", parse(header))
                    if read["type"] == RecordsExpired.TYPE:
                        if position not in believed:
                            text = "this records-expired has no proof"
                            raise CorruptRecordError(text, position)
                        destroyed_keys.update(cast("list[str]", read["keys"]))
        return roots, frozenset(destroyed_keys)

    def _cases(self, size: int) -> Iterator[case.State]:
        """Every request as of that position whose key lives."""
        begun = self._streams.reads.facts_of_topics((CaseReceived.TYPE,), 0)
        for n in range(0, len(begun), BATCH):
            streams = [one.stream for one in begun[n : n + BATCH]]
            for facts in self._streams.facts(streams, size).values():
                state = case.fold(None, cast("list[Fact[CaseEvent | ExpiredEvent]]", facts))
                if state is not None:
                    yield state

    def _filter_members(
        self, request: ExportRequest, size: int, root: bytes, signed: SignedCheckpoint | None
    ) -> dict[str, Json]:
        filters = request.filters
        others = _others(signed)
        by_others: dict[str, Json] = {
            name: others[name].size if name in others else None for name in ("cosigned", "stamped")
        }
        return {
            **by_others,
            "format": FORMAT,
            "ledger": self._streams.ledger,
            "size": size,
            "root": root.hex(),
            "signed": signed is not None,
            "whole": filters.whole,
            "identified": filters.identified,
            "asked": filters.members,
            "withheld": withheld(filters),
            "csv_guard": "'",
        }


def _others(signed: SignedCheckpoint | None) -> Mapping[str, Checkpoint]:
    return {} if signed is None else signed.by_others


def put_others(bag: BagWriter, signed: SignedCheckpoint) -> None:
    """What witnesses and an authority said of the log: of the bag's checkpoint or an earlier one.

    That an earlier one is of the same log follows from the leaves, which are all there.
    """
    if signed.cosigned is not None:
        bag.put("proofs/cosigned", signed.cosigned.encode())
    if signed.stamp is not None:
        bag.put("proofs/stamped", signed.stamp.note.encode())
        bag.put("proofs/timestamp.tsr", signed.stamp.reply)


def bag_text(origin: str, export: UUID, digest: bytes, form: str = FORMAT) -> str:
    """What is signed of a bag. No checkpoint reads like it: a checkpoint's second line is a number.

    Args:
        digest: SHA-256 of its tag manifest.
    """
    return f"{form}\n{origin}\n{export}\n{digest.hex()}\n"
