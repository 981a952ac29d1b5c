"""A part is taken in step by step: a few bytes that came may unpack to very much."""

import gzip
from collections.abc import Iterator

import pytest
from typing_extensions import override

from api.resources.bulk.parts import CsvPart, Decompression, Lines, NdjsonPart, PartReader
from api.resources.bulk.parts.decompression import BLOCK
from api.resources.bulk.parts.lines import LineOrDefect
from tests.bulk.sending import Sender, content_of, people
from tests.canary import NAME

ONE = people(1)
STEP_BYTES = 1 << 20
STEP_LINES = 10_000


class Counted(Lines):
    """Counts what another reader of lines is given, and what it makes of it."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self.bytes = self.count = 0

    @override
    def lines(self, content: bytes) -> Iterator[LineOrDefect]:
        self.bytes += len(content)
        for one in self._lines.lines(content):
            self.count += 1
            yield one

    @override
    def rest(self) -> Iterator[LineOrDefect]:
        return self._lines.rest()


LONG = [{"scheme": "member", "id": "B1", "name": NAME * 10}]
CONTENTS = {
    "persons": (NdjsonPart, content_of(ONE) * 100_000, 100_000),
    "long names": (NdjsonPart, content_of(LONG) * 10_000, 10_000),
    "the shortest rows": (CsvPart, b"scheme,id\n" + b"member,1\n" * 100_000, 100_000),
}


@pytest.mark.parametrize("coding", ["gzip", None])
@pytest.mark.parametrize("name", CONTENTS)
def test_no_step_takes_more_than_so_much_content(
    sending: Sender, name: str, coding: str | None
) -> None:
    lines, content, count = CONTENTS[name]
    given = Counted(lines())
    one = sending.bulk.begin(sending.announced("s", [ONE * count]), sending.house.now)
    upload = sending.bulk.upload(one, 1, sending.house.now)
    reader = PartReader(upload, Decompression(coding, 1 << 30), given, None)
    sent = content if coding is None else gzip.compress(content)
    steps = before = lines_before = 0
    for _ in reader.take(sent):
        steps += 1
        assert given.bytes - before <= STEP_BYTES + BLOCK
        assert given.count - lines_before <= STEP_LINES + BLOCK // 9 + 1_000
        before, lines_before = given.bytes, given.count
    assert steps >= 2
    assert reader.end().lines == count
