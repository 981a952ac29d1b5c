"""A register that was uploaded is read as the file that it was; what spools over is unreadable."""

import os
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.container import Container
from api.resources.registers.sealed_file import piece_writer, read
from api.resources.registers.spool import Spool
from ledger.store.registers import RegisterChange, RegisterRow, Registers
from ledger.store.staged_rows import PIECE_BYTES

CONTENT = bytes(n % 251 for n in range(2 * PIECE_BYTES + 777))


@pytest.fixture
def registers(house: Container) -> Registers:
    return Registers(house.writer, house.keys, house.secret)


def kept(registers: Registers, house: Container, step: int) -> RegisterRow:
    """The content as a register, taken in in steps."""
    one = registers.begin("0" * 32, {"name": "r.csv"}, house.now())
    writer = piece_writer(registers, one)
    for begin in range(0, len(CONTENT), step):
        writer.write(CONTENT[begin : begin + step])
    writer.end()
    assert writer.bytes == len(CONTENT)
    registers.change(one, RegisterChange("uploaded", len(CONTENT)), house.now())
    return registers.find(one.register, house.now())


@pytest.mark.parametrize("step", [len(CONTENT), PIECE_BYTES, 65_536, 100_003])
def test_a_file_is_read_as_it_came_in_whatever_the_steps(
    registers: Registers, house: Container, step: int
) -> None:
    one = kept(registers, house, step)
    assert [registers.piece(one, "file", n) is None for n in range(4)] == [False] * 3 + [True]
    with read(registers, one) as file:
        assert file.read() == CONTENT
        for place, size in ((0, 3), (PIECE_BYTES - 2, 5), (2 * PIECE_BYTES, 900), (10**7, 4)):
            assert file.seek(place) == place
            assert file.read(size) == CONTENT[place : place + size]
        assert file.seek(-777, os.SEEK_END) == 2 * PIECE_BYTES
        assert file.read() == CONTENT[-777:]


@given(
    parts=st.lists(st.binary(max_size=70), max_size=8),
    places=st.lists(st.tuples(st.integers(0, 600), st.integers(0, 100)), max_size=5),
)
def test_a_spool_gives_back_any_stretch_of_what_was_written(
    parts: list[bytes], places: list[tuple[int, int]]
) -> None:
    whole = b"".join(parts)
    with closing(Spool()) as spool:
        for part in parts:
            spool.write(part)
        spool.flush()
        for begin, size in places:
            end = min(begin + size, len(whole))
            if begin <= end:
                assert spool.read(begin, end) == whole[begin:end]


def test_what_lies_on_the_disk_is_unreadable() -> None:
    files = set(_open_files())
    with closing(Spool()) as spool:
        spool.write("神楽坂 金糸雀".encode() * 10_000)
        spool.flush()
        [mine] = set(_open_files()) - files
        assert "(deleted)" in str(mine.readlink())
        assert "神楽坂".encode() not in mine.read_bytes()


def _open_files() -> list[Path]:
    return [
        one
        for one in Path("/proc/self/fd").iterdir()
        if one.is_symlink() and "(deleted)" in str(one.readlink())
    ]
