"""From parts to chunks: each person once, judged as of one position, written as lines.

Nothing is appended here. What is to be appended is kept sealed under the record's own key, so that
whoever goes on with a commit appends the same, and nothing is judged twice.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Final, cast
from uuid import UUID

import orjson

from ledger.clock import day_in_japan
from ledger.commands import RecordTransfer
from ledger.crypto.encoding import lp, tag
from ledger.crypto.keys import DataKey
from ledger.errors import TooLargeError
from ledger.format.envelope import LookupRow, SealedEvent
from ledger.format.event_writer import EventMetadata, line_of
from ledger.format.events import PersonLine, RecordedEvent
from ledger.format.json import encoded, parse
from ledger.policies.context import Context, Verdict
from ledger.policies.duty import judge
from ledger.streams.sealer import Sealer
from ledger.streams.streams import Streams
from ledger.transfers import transfer
from ledger.transfers.bulk.background import BackgroundTask
from ledger.transfers.bulk.person_keys import PersonKeys, received
from ledger.transfers.bulk.staging_area import BulkRows, StoredPart, UnderWay
from ledger.transfers.bulk.upload import command_of
from ledger.transfers.verdict_inputs import VerdictInputs, VerdictQuery, question_of
from ledger.values import Json, PrincipalRef, Transfer, principal_of, transfer_of

CHUNK_LINES: Final = 1_000
_CHUNK_BYTES: Final = 2 * 1024 * 1024
"""Of the persons in a chunk; with their lines' salts and verdicts it fits into one event."""


@dataclass(frozen=True, slots=True)
class BulkVerdict:
    """The verdict for the whole, and what those of single persons are made of."""

    judging: VerdictInputs
    question: VerdictQuery
    context: Context
    head: int
    event: RecordedEvent

    def own(self, persons: Sequence[bytes], keys: Sequence[bytes]) -> dict[int, PersonLine]:
        """Index of a person → her line, for those for whom the verdict differs.

        Args:
            persons: each as JSON; keys: theirs.
        """
        known = self.judging.known_of(keys)
        if not known:
            return {}
        principals = tuple([_principal(one) for one in persons])
        own_transfer = replace(self.question.transfer, principals=principals)
        question = replace(self.question, transfer=own_transfer)
        stops = self.judging.stops_at(question, keys, known, self.head)
        if not stops:
            return {}
        verdicts = judge(
            own_transfer, replace(self.context, stops=stops), question.recorded_on
        ).persons
        return {
            index: PersonLine(principals[index], verdict) for index, verdict in verdicts.items()
        }


def _principal(person: bytes) -> PrincipalRef:
    return principal_of(cast("dict[str, Json]", parse(person)))


@dataclass(slots=True)
class Chunks:
    """Cuts chunks, and writes them in a thread beside. Belongs to one thread.

    Attributes:
        staged: whose pieces they become, each under the number of its chunk, from 1.
        count: persons, chunks: how many of them were kept.
        with_findings: persons with a verdict of their own.
        own: each such verdict, with the line of one who has it.
    """

    rows: BulkRows
    staged: UnderWay
    judged: BulkVerdict
    background: BackgroundTask
    count: int = 0
    chunks: int = 0
    with_findings: int = 0
    own: dict[Verdict, PersonLine] = field(default_factory=dict[Verdict, PersonLine])
    _persons: list[bytes] = field(default_factory=list[bytes])
    _keys: list[bytes] = field(default_factory=list[bytes])

    def add(self, persons: Sequence[bytes], keys: Sequence[bytes]) -> None:
        """The next persons, each as JSON, with keys that nobody before had."""
        self._persons += persons
        self._keys += keys
        begin = 0
        while len(self._persons) - begin >= CHUNK_LINES:
            begin += self._cut(begin)
        if begin:
            del self._persons[:begin], self._keys[:begin]

    def flush(self) -> None:
        """Write what is left; the counts are whole once the thread is done."""
        begin = 0
        while begin < len(self._persons):
            begin += self._cut(begin)
        self._persons, self._keys = [], []

    def _cut(self, begin: int) -> int:
        """Have the next chunk written; how many persons it has."""
        persons = self._persons[begin : begin + CHUNK_LINES]
        if sum(map(len, persons)) > _CHUNK_BYTES:
            persons = _fitting(persons)
        keys = self._keys[begin : begin + len(persons)]
        self.background.do(lambda: self._keep(persons, keys))
        return len(persons)

    def _keep(self, persons: Sequence[bytes], keys: Sequence[bytes]) -> None:
        own = self.judged.own(persons, keys)
        content = written(persons, own)
        self.rows.put(self.staged, self.staged.command, self.chunks + 1, content)
        self.chunks += 1
        self.count += len(persons)
        self.with_findings += len(own)
        for line in own.values():
            assert line.verdict is not None, "it is the person's own"
            self.own[line.verdict] = line


def _fitting(persons: Sequence[bytes]) -> Sequence[bytes]:
    """As many of them as fit into one chunk, one at least."""
    size = 0
    for index, person in enumerate(persons):
        size += len(person)
        if size > _CHUNK_BYTES and index:
            return persons[:index]
    return persons


def written(persons: Sequence[bytes], own: dict[int, PersonLine]) -> bytes:
    """The lines of a chunk, parted by LF.

    A person's JSON is in the one form that the format has, and so is her line around it. Those
    with a verdict of their own are written as any line is.
    """
    if not own:
        return b'{"principal":' + b'}\n{"principal":'.join(persons) + b"}"
    lines = [b'{"principal":' + person + b"}" for person in persons]
    for index, line in own.items():
        lines[index] = line_of(line)
    return b"\n".join(lines)


_FINGERPRINT: Final = tag("ppl/fingerprint/1")
# In a text the quotes would be escaped, so it stands once.
_PERSONS: Final = b'"principals":[]'
_BYTES_MAX: Final = (1 << 32) - 1


class ManyFingerprint:
    """Takes the persons one after the other.

    Args:
        data: the transfer without its persons.
        count: how many persons will come.
        size: of their JSON in bytes, without the commas between them.

    Raises:
        TooLargeError: the transfer is longer than a length of the format can say.
    """

    def __init__(
        self,
        source: str,
        id: str,  # noqa: A002 -- the word of the contract
        data: Mapping[str, Json],
        *,
        count: int,
        size: int,
    ) -> None:
        head, tail = encoded({**data, "principals": []}).split(_PERSONS)
        head, tail = head + _PERSONS[:-1], _PERSONS[-1:] + tail
        length = len(head) + size + max(count - 1, 0) + len(tail)
        if length > _BYTES_MAX:
            raise TooLargeError
        self._hash = sha256(_FINGERPRINT + lp(source.encode()) + lp(id.encode()))
        self._hash.update(length.to_bytes(4, "big") + head)
        self._tail = tail
        self._left = (count, size)

    def add(self, persons: bytes) -> None:
        """The next persons, one at least, each as JSON, parted by LF; it stands nowhere in them."""
        count, size = self._left
        parted = persons.count(b"\n")
        self._left = (count - parted - 1, size - len(persons) + parted)
        text = persons.replace(b"\n", b",")
        self._hash.update(text + b"," if self._left[0] > 0 else text)

    def digest(self) -> bytes:
        """32 bytes, once all persons were taken."""
        if self._left != (0, 0):
            raise ValueError("other persons came than were announced")
        whole = self._hash.copy()
        whole.update(self._tail)
        return whole.digest()


_NO_FINGERPRINT: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class BulkPlan:
    """What is left to append.

    Attributes:
        persons: lines in all chunks.
        chunks: how many there are; the n-th from 1 is the piece n under the command.
        repeated: lines of the parts that were left out.
        persons_with_findings: lines with a verdict of their own.
        lawful: for each of the persons.
    """

    persons: int
    chunks: int
    repeated: int
    persons_with_findings: int
    lawful: bool

    @property
    def members(self) -> dict[str, Json]:
        """As it is kept."""
        return {name: cast("Json", getattr(self, name)) for name in self.__slots__}


def plan_of(one: UnderWay) -> BulkPlan | None:
    """What is left to append; None while nothing is prepared."""
    members = one.members.get("plan")
    return None if members is None else BulkPlan(**cast("dict[str, int]", members))  # pyright: ignore[reportArgumentType] -- as `BulkPlan.members` wrote it


def fingerprint_of(rows: BulkRows, one: UnderWay, parts: list[StoredPart]) -> bytes:
    """That of the transfer as it was received, every line of it."""
    found = _fingerprint(command_of(one), parts)
    for persons in received(rows, one, parts):
        found.add(persons)
    return found.digest()


class BulkPreparation:
    """Makes what is to be appended. One instance a commit: it holds a key of each person."""

    def __init__(
        self, streams: Streams, sealer: Sealer, rows: BulkRows, keying: PersonKeys
    ) -> None:
        self._streams = streams
        self._keying = keying
        self._sealer = sealer
        self._rows = rows
        self._judging = VerdictInputs(streams)

    def prepared(self, one: UnderWay, parts: list[StoredPart], at: datetime) -> UnderWay:
        """The bulk transfer with everything that is to be appended.

        Raises:
            StoreUnavailableError: the database cannot be reached, or lost what was just written.
        """
        command = command_of(one)
        typed = transfer_of(command.data)
        judged = self._judged(command, typed, at)
        stream = self._streams.secret.transfer_stream(command.source, command.id)
        place = EventMetadata(stream, 1, at, command.actor, command.command, judged.head)
        record = judged.event.entry.record
        staged = replace(one, key=self._sealer.record_key(record, {}, place, None))
        self._rows.forget_upload(staged, one.command)  # of somebody who was interrupted
        with BackgroundTask() as background:
            chunks = Chunks(self._rows, staged, judged, background)
            fingerprint, repeated = self._each_once(one, parts, command, chunks)
        event = _with_persons(judged.event, fingerprint, chunks.count)
        own = dict(enumerate(chunks.own.values()))
        key = self._sealer.record_key(record, own, place, None)
        sealed = self._sealer.seal_record(event, event.entry.record, place, key)
        self._rows.put(staged, one.command, 0, _encode_sealed(sealed))
        lawful = all(one.lawful for one in (record.verdict, *chunks.own))
        plan = BulkPlan(chunks.count, chunks.chunks, repeated, chunks.with_findings, lawful)
        members = {**one.members, "plan": plan.members}
        self._rows.planned(one, members, staged.key, plan.chunks + 1, at)
        return self._rows.find(one.bulk, at)

    def base_rows(self, one: UnderWay, sealed: SealedEvent) -> tuple[LookupRow, ...]:
        """The rows by which a record that omits items of another one is found from that one."""
        assert sealed.key_id is not None, "a record is sealed"
        command = command_of(one)
        typed = transfer_of(command.data)
        return self._judging.base_rows(typed, command.source, sealed.stream, sealed.key_id)

    def _judged(self, command: RecordTransfer, typed: Transfer, at: datetime) -> BulkVerdict:
        question = question_of(command, typed, day_in_japan(at))
        head, [context] = self._judging.gather([question])
        [event] = transfer.record(command, typed, None, context, at, _NO_FINGERPRINT)
        if typed.notice_id is not None:
            record = event.entry.record
            position = self._judging.known.position_of(typed, record.verdict.notice_version)
            record = replace(record, notice_position=position)
            event = type(event)(replace(event.entry, record=record))
        return BulkVerdict(self._judging, question, context, head, event)

    def _each_once(
        self, one: UnderWay, parts: list[StoredPart], command: RecordTransfer, chunks: Chunks
    ) -> tuple[bytes, int]:
        """Hand every person on once; the fingerprint of all lines, and how many repeat a person.

        The first line of a person stands, also where a later one writes the name otherwise.
        """
        found = _fingerprint(command, parts)
        seen: set[bytes] = set()
        for text, keys in self._keying.each(self._rows, one, parts):
            found.add(text)
            persons = text.split(b"\n")
            fresh = set(keys)
            if len(fresh) < len(keys) or not seen.isdisjoint(fresh):
                persons, keys = _first_of(persons, keys, seen)  # noqa: PLW2901 -- the rest of them
            seen.update(keys)
            chunks.add(persons, keys)
        chunks.flush()
        return found.digest(), one.lines - len(seen)


def _first_of(
    persons: list[bytes], keys: list[bytes], seen: AbstractSet[bytes]
) -> tuple[list[bytes], list[bytes]]:
    """The first of each person that was not seen before."""
    first: dict[bytes, bytes] = {}
    for person, key in zip(persons, keys, strict=True):
        if key not in seen:
            first.setdefault(key, person)
    return list(first.values()), list(first)


def recorded_event(rows: BulkRows, one: UnderWay, stream: UUID) -> SealedEvent:
    """The event that records the transfer, as it was prepared."""
    [content] = rows.pieces(one, one.command, 1)
    kept = orjson.loads(content)
    return SealedEvent(
        stream=stream,
        version=1,
        type=kept["type"],
        command=one.command,
        header=b64decode(kept["header"]),
        key_id=bytes.fromhex(kept["key"]),
        partition=kept["partition"],
        sealed=b64decode(kept["sealed"]),
    )


def _encode_sealed(sealed: SealedEvent) -> bytes:
    assert sealed.key_id is not None, "a record is sealed"
    assert sealed.sealed is not None, "a record is sealed"
    return orjson.dumps(
        {
            "type": sealed.type,
            "header": b64encode(sealed.header).decode(),
            "key": sealed.key_id.hex(),
            "partition": sealed.partition,
            "sealed": b64encode(sealed.sealed).decode(),
        }
    )


def _with_persons(event: RecordedEvent, fingerprint: bytes, persons: int) -> RecordedEvent:
    return type(event)(replace(event.entry, fingerprint=fingerprint, persons=persons))


def _fingerprint(command: RecordTransfer, parts: list[StoredPart]) -> ManyFingerprint:
    return ManyFingerprint(
        command.source,
        command.id,
        command.data,
        count=sum(part.lines for part in parts),
        size=sum(part.size for part in parts),
    )


__all__ = ["BulkPlan", "BulkPreparation", "DataKey", "fingerprint_of", "plan_of", "recorded_event"]
