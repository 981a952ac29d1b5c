"""Registers with bytes changed at random: read, or refused in words; never anything else."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.resources.registers.errors import RegisterError
from tests.registers.writing import (
    HEADINGS,
    checked_of,
    csv_file,
    handmade,
    looked_at,
    opened_here,
    usual_row,
    workbook,
)
from tests.rounds import rounds

ROWS: Final = [HEADINGS, usual_row(1, 1), usual_row(2, 2, 提供年月日=44652, 同意=True)]
CHANGES: Final = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=3), st.integers(0, 40)),
    min_size=1,
    max_size=4,
)
"""Each: where, what stands there then, and how many bytes it takes away."""


def changed(content: bytes, changes: list[tuple[float, bytes, int]]) -> bytes:
    made = bytearray(content)
    for place, put, away in changes:
        begin = int(place * len(made))
        made[begin : begin + away] = put
    return bytes(made)


def read_or_refused(place: Path) -> None:
    try:
        if place.suffix == ".csv":
            results = looked_at(place)
        else:
            with opened_here(place) as sheet:
                results = checked_of(sheet)
    except RegisterError:
        return
    assert all(one.item.command is None for one in results if one.problems)


@given(CHANGES)
@settings(max_examples=rounds(150))
@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_a_changed_csv_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory,
    encoding: str,
    changes: list[tuple[float, bytes, int]],
) -> None:
    place = csv_file(tmp_path_factory.mktemp("f") / "r.csv", ROWS, encoding)
    place.write_bytes(changed(place.read_bytes(), changes))
    read_or_refused(place)


@given(CHANGES)
@settings(max_examples=rounds(150))
def test_a_changed_zip_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[float, bytes, int]]
) -> None:
    place = workbook(tmp_path_factory.mktemp("f") / "r.xlsx", ROWS)
    place.write_bytes(changed(place.read_bytes(), changes))
    read_or_refused(place)


PARTS: Final = (
    *("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"),
    *("_rels/.rels", "xl/_rels/workbook.xml.rels"),
)


@given(CHANGES, st.data())
@settings(max_examples=rounds(60))
@pytest.mark.parametrize("part", PARTS)
def test_a_changed_part_of_a_workbook_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory,
    part: str,
    changes: list[tuple[float, bytes, int]],
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("f")
    whole = workbook(folder / "whole.xlsx", ROWS)
    # Also changes that stay XML: another number, letter or name in an attribute or a text.
    change: Callable[[bytes], bytes] = lambda content: changed(content, changes)  # noqa: E731 -- one of two
    if data.draw(st.booleans()):
        old = data.draw(st.sampled_from(OLD))
        new = data.draw(st.sampled_from(NEW))
        change = lambda content: content.replace(old, new)  # noqa: E731 -- the other one
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(folder / "r.xlsx", "w") as target:
        for one in source.namelist():
            content = source.read(one)
            target.writestr(one, change(content) if one == part else content)
    read_or_refused(folder / "r.xlsx")


@pytest.mark.parametrize("encoding", ["UT-8", "cp932", "utf-7", "idna"])
def test_a_part_in_an_encoding_that_the_format_does_not_have_is_refused(
    tmp_path: Path, encoding: str
) -> None:
    place = handmade(tmp_path / "r.xlsx", f'<?xml version="1.0" encoding="{encoding}"?><x/>')
    with pytest.raises(RegisterError, match="DAMAGED"):
        looked_at(place)


OLD: Final = (b'"1"', b'"2"', b'r="A', b"<v>0", b"<v>1", b't="s"', b"rId1", b"Id=", b"sheet", b"</")
NEW: Final = (
    *(b'"-1"', b'""', b'"99999999999999999999"', b'r="ZZZZ', b"<v>1e5", b"<v>-7", b't="d"'),
    *(b't="b"', b't="e"', "\u00b2".encode(), b"<v>", b"<!-- -->", b"../../../x", b"<t>"),
)
