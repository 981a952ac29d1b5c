"""Random bytes in blocks: each byte goes to one who asks, in one process."""

import subprocess
import sys
import threading

import pytest

from ledger.crypto.pseudonyms import random_uuid
from ledger.crypto.random import Pool


@pytest.mark.parametrize("size", [0, 1, 12, 16, 32, 4_096, 4_097, 10_000])
def test_as_many_bytes_come_as_were_asked_for(size: int) -> None:
    pool = Pool()
    assert [len(pool(size)) for _ in range(5)] == [size] * 5


def test_no_bytes_are_given_twice() -> None:
    pool = Pool()
    given = [pool(12) for _ in range(5_000)]
    assert len(set(given)) == len(given)


def test_threads_share_no_bytes() -> None:
    pool = Pool()
    found: list[list[bytes]] = [[] for _ in range(8)]

    def draw(mine: list[bytes]) -> None:
        mine.extend(pool(16) for _ in range(5_000))

    threads = [threading.Thread(target=draw, args=(mine,)) for mine in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    given = [one for mine in found for one in mine]
    assert len(set(given)) == len(given) == 40_000
    assert {len(one) for one in given} == {16}


FORKING = """
import os
from ledger.crypto.random import drawn
drawn(1)  # a block is begun
child = os.fork()
os.write(1, drawn(32).hex().encode() + b"\\n")  # in one write: both have the same pipe
if child:
    os.waitpid(child, 0)
"""


def test_a_forked_process_gets_other_bytes_than_its_parent() -> None:
    # In a program of its own: this one may have threads, and forks badly.
    done = subprocess.run(
        [sys.executable, "-c", FORKING], capture_output=True, text=True, check=True
    )
    its, other = done.stdout.split()
    assert its != other


def test_ids_of_commands_differ() -> None:
    ids = {random_uuid() for _ in range(10_000)}
    assert len(ids) == 10_000
    assert {one.version for one in ids} == {8}
