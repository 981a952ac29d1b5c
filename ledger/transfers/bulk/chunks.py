"""Persons become chunks: judged as of one position, written as lines, kept under the record's key.

Nothing is appended here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, cast

from ledger.format.event_writer import line_of
from ledger.format.events import PersonLine, RecordedEvent
from ledger.format.json import parse
from ledger.policies.context import Context, Verdict
from ledger.policies.duty import judge
from ledger.transfers.bulk.background import BackgroundTask
from ledger.transfers.bulk.staging_area import BulkRows, UnderWay
from ledger.transfers.verdict_inputs import VerdictInputs, VerdictQuery
from ledger.values import Json, PrincipalRef, principal_of

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
        asked = replace(self.question.transfer, principals=principals)
        question = replace(self.question, transfer=asked)
        stops = self.judging.stops_at(question, keys, known, self.head)
        if not stops:
            return {}
        verdicts = judge(asked, replace(self.context, stops=stops), question.recorded_on).persons
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
    beside: BackgroundTask
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
        self.beside.do(lambda: self._keep(persons, keys))
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
