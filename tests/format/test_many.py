"""What is made of many persons at once is what is made of each alone."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.codec.json import encoded
from ledger.codec.keying import Keying, keys_of
from ledger.codec.opening import open_event
from ledger.codec.sealing import seal
from ledger.crypto.commitments import line_commitment, line_leaves, line_salt
from ledger.crypto.keys import DataKey, key_id_of
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.drafts import Place, chunk_of
from ledger.envelope import StoredFact
from ledger.errors import BrokenWorldError
from ledger.merkle.hashing import leaf_hash
from tests.hanging import bounded
from tests.ledger.given import AT

SECRET = LedgerSecret(bytes(range(32)), "test-ledger")
_SECONDS = 20

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
PLACE = Place(UUID(int=5), 3, AT, "a" * 32, UUID(int=6))
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


def child_of(keying: Keying) -> int:
    """The process that it has started."""
    assert keying.pid is not None
    return keying.pid


def test_the_other_process_makes_the_same_keys_in_their_order() -> None:
    keying = Keying(SECRET, many=1)
    assert list(keying.each(iter(TEXTS), 210)) == list(zip(TEXTS, KEYS, strict=True))
    assert child_of(keying) != os.getpid()


def test_few_persons_need_no_other_process() -> None:
    keying = Keying(SECRET)
    assert list(keying.each(iter(TEXTS), 210)) == list(zip(TEXTS, KEYS, strict=True))
    assert keying.pid is None


def test_keys_are_made_though_the_other_process_is_killed_and_then_by_a_new_one() -> None:
    keying = Keying(SECRET, many=1)
    found: list[list[bytes]] = []
    for _, keys in keying.each(iter(TEXTS), 210):
        found.append(keys)
        if len(found) == 3:
            os.kill(child_of(keying), signal.SIGKILL)
    assert found == KEYS
    assert [keys for _, keys in keying.each(iter(TEXTS), 210)] == KEYS
    os.kill(child_of(keying), 0)


def other_of(keying: Keying) -> object:
    """The side of the other process that is ours."""
    return vars(keying)["_other"]


class Disturbed:
    """The pipe, of which one answer is not taken."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._is_left = True

    def send_bytes(self, text: bytes) -> None:
        self._pipe.send_bytes(text)

    def recv_bytes(self) -> bytes:
        if self._is_left:
            self._is_left = False
            raise MemoryError
        return self._pipe.recv_bytes()

    def close(self) -> None:
        self._pipe.close()


def test_an_answer_that_was_not_taken_is_never_that_of_another_question() -> None:
    keying = Keying(SECRET, many=1)
    list(keying.each(iter(TEXTS[:1]), 1))  # it is there
    other = other_of(keying)
    vars(other)["_ours"] = Disturbed(vars(other)["_ours"])
    with pytest.raises(MemoryError):
        list(keying.each(iter(TEXTS), 210))
    assert [keys for _, keys in keying.each(iter(TEXTS), 210)] == KEYS


def test_keys_of_others_than_were_asked_for_are_refused() -> None:
    keying = Keying(SECRET, many=1)
    list(keying.each(iter(TEXTS[:1]), 1))

    def others(_text: bytes) -> Future[bytes]:
        return future_of(b"".join(KEYS[3]))

    vars(other_of(keying))["asked"] = others
    with pytest.raises(BrokenWorldError):
        list(keying.each(iter(TEXTS[5:6]), 6))


def future_of(made: bytes) -> Future[bytes]:
    found: Future[bytes] = Future()
    found.set_result(made)
    return found


_ASKS = """
import sys
from tests.format.test_many import SECRET, TEXTS, child_of
from ledger.codec.keying import Keying
keying = Keying(SECRET, many=1)
next(iter(keying.each(iter(TEXTS), 210)))
print(child_of(keying), flush=True)
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
