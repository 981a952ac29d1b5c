"""What is made of many persons at once is what is made of each alone."""

import dataclasses
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.crypto.commitments import line_commitment, line_leaves, line_salt
from ledger.crypto.keys import DataKey, key_id_of
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.errors import BrokenWorldError, CorruptRecordError
from ledger.format.decoder import open_event
from ledger.format.encoder import seal
from ledger.format.envelope import SealedEvent, StoredFact
from ledger.format.event_writer import EventMetadata, chunk_of
from ledger.format.json import encoded
from ledger.merkle.hashes import leaf_hash
from ledger.worker import Chunk, Worker, keys_of
from tests.hanging import bounded
from tests.ledger.given import AT
from tests.matrix import every

SECRET = LedgerSecret(bytes(range(32)), "test-ledger")
_SECONDS = 20
_Made = TypeVar("_Made")

# What parts two lines of a chunk stands in a text, too; there its quotes are escaped.
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20) | st.sampled_from(
    ['},{"principal":{', '"},{"principal":{"id":"', "},{", '],"salt_key":"', "\\", "\n", "\u2028"]
)
person: st.SearchStrategy[dict[str, str]] = st.fixed_dictionaries(
    {"scheme": texts, "id": texts}, optional={"name": texts}
)
people = st.lists(person, min_size=1, max_size=6)


def parted(persons: list[dict[str, str]]) -> bytes:
    return b"\n".join(encoded(one) for one in persons)


@given(people)
def test_keys_of_many_are_those_of_each(persons: list[dict[str, str]]) -> None:
    each = [SECRET.principal_key(one["scheme"], one["id"]) for one in persons]
    assert keys_of(parted(persons), SECRET) == each


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=60), st.lists(st.binary()))
def test_leaves_of_many_lines_are_those_of_each(
    salt_key: bytes, place: bytes, lines: list[bytes]
) -> None:
    salts = [line_salt(salt_key, place, j) for j in range(len(lines))]
    each = [line_commitment(salts[j], place, j, line) for j, line in enumerate(lines)]
    assert line_leaves(salt_key, place, lines) == [leaf_hash(one) for one in each]


KEY = DataKey(key_id_of(bytes(32), "test-ledger"), bytes(32), "record", date(2029, 1, 1))
PLACE = EventMetadata(UUID(int=5), 3, AT, "a" * 32, UUID(int=6))
VERDICT = {"duty": "none", "findings": ['},{"principal":{'], "statutory_items": []}


@given(people, st.sampled_from([{}, {"verdict": VERDICT}]))
def test_lines_that_are_cut_out_of_a_chunk_are_those_that_were_sealed(
    persons: list[dict[str, str]], own: dict[str, object]
) -> None:
    lines = tuple(
        encoded({"principal": one, **(own if n % 2 else {})}) for n, one in enumerate(persons)
    )
    sealed = seal(chunk_of(lines, 7, PLACE), KEY, "test-ledger")
    fact = StoredFact(9, sealed.stream, sealed.version, sealed.type, sealed.header, sealed.sealed)
    for verify in (False, True):
        opened = open_event(fact, {KEY.id: KEY}, "test-ledger", verify=verify)
        assert opened.content is not None
        assert opened.content.lines == lines


# -- the other process ----------------------------------------------------------------------------

LOTS = [[{"scheme": "member", "id": f"P{n}-{m}"} for m in range(n + 1)] for n in range(20)]
TEXTS = [parted(persons) for persons in LOTS]
KEYS = [keys_of(text, SECRET) for text in TEXTS]


def child_of(worker: Worker) -> int:
    """The process that it has started."""
    assert worker.pid is not None
    return worker.pid


def chunks() -> list[Chunk]:
    """Some, of which each has a number of lines of its own."""
    first, found = 0, list[Chunk]()
    for n, persons in enumerate(LOTS):
        lines = b"\n".join([encoded({"principal": one}) for one in persons])
        found.append(Chunk(lines, first, dataclasses.replace(PLACE, version=n + 2), KEY))
        first += len(persons)
    return found


@every("many", [1, 1_000])
def test_chunks_are_sealed_in_their_order_wherever_that_is_done(many: int) -> None:
    worker = Worker(SECRET, "test-ledger", many=many)
    asked = chunks()
    made = list(worker.sealed(iter(asked), 210))
    assert [chunk for chunk, _ in made] == asked
    for chunk, event in made:
        assert (event.stream, event.version) == (chunk.place.stream, chunk.place.version)
        fact = StoredFact(9, event.stream, event.version, event.type, event.header, event.sealed)
        opened = open_event(fact, {KEY.id: KEY}, "test-ledger")
        assert opened.content is not None
        assert opened.content.lines == tuple(chunk.lines.split(b"\n"))
        assert opened.header.lines_first == chunk.first
    assert (worker.pid is None) == (many > 210)


def test_keys_are_made_though_the_other_process_is_killed_and_then_by_a_new_one() -> None:
    worker = Worker(SECRET, "test-ledger", many=1)
    found: list[list[bytes]] = []
    for _, keys in worker.keys(iter(TEXTS), 210):
        found.append(keys)
        if len(found) == 3:
            os.kill(child_of(worker), signal.SIGKILL)
    assert found == KEYS
    assert [keys for _, keys in worker.keys(iter(TEXTS), 210)] == KEYS
    os.kill(child_of(worker), 0)


def other_of(worker: Worker) -> object:
    """The side of the other process that is ours."""
    return vars(worker)["_other"]


class Disturbed:
    """The pipe, of which one answer is not taken."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._is_left = True

    def send(self, ask: object) -> None:
        self._pipe.send(ask)

    def recv(self) -> object:
        if self._is_left:
            self._is_left = False
            raise MemoryError
        return self._pipe.recv()

    def close(self) -> None:
        self._pipe.close()


def test_an_answer_that_was_not_taken_is_never_that_of_another_question() -> None:
    worker = Worker(SECRET, "test-ledger", many=1)
    list(worker.keys(iter(TEXTS[:1]), 1))  # it is there
    other = other_of(worker)
    vars(other)["_ours"] = Disturbed(vars(other)["_ours"])
    with pytest.raises(MemoryError):
        list(worker.keys(iter(TEXTS), 210))
    assert [keys for _, keys in worker.keys(iter(TEXTS), 210)] == KEYS


def test_a_chunk_of_another_place_than_was_asked_for_is_refused() -> None:
    worker = Worker(SECRET, "test-ledger", many=1)
    first, second = chunks()[:2]
    list(worker.sealed(iter([first]), 1))

    def other(_ask: object) -> Future[SealedEvent]:
        return future_of(first.compute(SECRET, "test-ledger"))

    vars(other_of(worker))["submit"] = other
    with pytest.raises(BrokenWorldError):
        list(worker.sealed(iter([second]), 1))


def test_what_cannot_be_made_is_told_by_whoever_asked(capfd: pytest.CaptureFixture[str]) -> None:
    worker = Worker(SECRET, "test-ledger", many=1)
    with pytest.raises(CorruptRecordError):
        list(worker.keys(iter([b"no JSON"]), 1))
    assert capfd.readouterr().err == ""


def future_of(made: _Made) -> Future[_Made]:
    found: Future[_Made] = Future()
    found.set_result(made)
    return found


_ASKS = """
import sys
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.worker import Worker
worker = Worker(LedgerSecret(bytes(range(32)), "test-ledger"), "test-ledger", many=1)
next(iter(worker.keys(iter([b'{"id":"P1","scheme":"member"}']), 1)))
print(worker.pid, flush=True)
sys.stdin.read()
"""


def test_the_other_process_ends_when_whoever_started_it_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _ASKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as asking:
        assert asking.stdout is not None
        child = int(asking.stdout.readline())
        os.kill(child, 0)
        asking.kill()
    with bounded(_SECONDS):
        while _is_there(child):
            time.sleep(0.02)


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Nobody may have asked yet how it ended.
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_keys_of_others_than_were_asked_for_are_refused() -> None:
    worker = Worker(SECRET, "test-ledger", many=1)
    list(worker.keys(iter(TEXTS[:1]), 1))

    def others(_ask: object) -> Future[bytes]:
        return future_of(b"".join(KEYS[3]))

    vars(other_of(worker))["submit"] = others
    with pytest.raises(BrokenWorldError):
        list(worker.keys(iter(TEXTS[5:6]), 6))
