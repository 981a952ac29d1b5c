"""What a chunk is made of: lines as every line is written, as many as fit, in their order."""

from datetime import date
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.format.event_writer import line_of
from ledger.format.events import PersonLine
from ledger.format.json import encoded
from ledger.policies.context import Verdict
from ledger.policies.duty import complete
from ledger.transfers.bulk.background import BackgroundTask
from ledger.transfers.bulk.chunks import CHUNK_LINES, BulkVerdict, Chunks, written
from ledger.transfers.bulk.staging_area import BulkRows, UnderWay
from ledger.values import PrincipalRef

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
persons = st.builds(PrincipalRef, texts, texts, st.none() | texts)


def verdict_of(duty: str, findings: list[str], items: list[str], until: date | None) -> Verdict:
    return complete(
        duty=duty,
        findings=tuple(findings),
        statutory_items=tuple(items),
        data_kind="personal_data",
        effective_method="individual",
        retain_through=until,
        law="",
        notice_version=None,
    )


verdicts = st.builds(
    verdict_of,
    st.sampled_from(["none", "provision", "receipt"]),
    st.lists(st.sampled_from(["STOPPED", "NO_BASIS"]), unique=True),
    st.lists(st.sampled_from(["date", "principal"]), unique=True),
    st.none() | st.dates(date(2020, 1, 1), date(2050, 1, 1)),
)


def text_of(person: PrincipalRef) -> bytes:
    """As a part keeps it."""
    told = {"scheme": person.scheme, "id": person.id, "name": person.name}
    return encoded({name: value for name, value in told.items() if value is not None})


@given(st.lists(st.tuples(persons, st.none() | verdicts), min_size=1, max_size=5))
def test_lines_of_a_chunk_are_written_as_every_line_is(
    drawn: list[tuple[PrincipalRef, Verdict | None]],
) -> None:
    lines = [PersonLine(person, verdict) for person, verdict in drawn]
    own = {n: line for n, line in enumerate(lines) if line.verdict is not None}
    content = written([text_of(line.principal) for line in lines], own)
    assert content.split(b"\n") == [line_of(line) for line in lines]


class Pieces:
    """In the place of the rows: what was kept, by number."""

    command = "the plan's"

    def __init__(self) -> None:
        self.put_there: list[tuple[int, list[bytes]]] = []

    def put(self, _one: object, _upload: object, number: int, content: bytes) -> None:
        self.put_there.append((number, content.split(b"\n")))


class Nobody:
    """Judges: nobody differs."""

    def own(self, persons: list[bytes], keys: list[bytes]) -> dict[int, PersonLine]:
        assert len(persons) == len(keys)
        return {}


@given(
    st.lists(st.integers(1, 2_600), min_size=1, max_size=4),
    st.sampled_from([40, 3_000, 700_000]),
)
def test_chunks_hold_everybody_once_in_their_order_and_never_too_much(
    batches: list[int], size: int
) -> None:
    pieces = Pieces()
    sent: list[bytes] = []
    with BackgroundTask() as beside:
        made = Chunks(
            cast("BulkRows", pieces),
            cast("UnderWay", pieces),
            cast("BulkVerdict", Nobody()),
            beside,
        )
        for batch in batches:
            some = min(batch, 30) if size > 100_000 else batch
            texts = [b"%d" % (len(sent) + n) for n in range(some)]
            texts = [text.ljust(size, b" ") if n % 7 == 0 else text for n, text in enumerate(texts)]
            made.add(texts, texts)
            sent += texts
        made.flush()
    lines = [line for _, chunk in pieces.put_there for line in chunk]
    assert lines == [b'{"principal":' + text + b"}" for text in sent]
    assert [number for number, _ in pieces.put_there] == list(range(1, made.chunks + 1))
    assert made.count == len(sent)
    for _, chunk in pieces.put_there:
        assert len(chunk) <= CHUNK_LINES
        assert len(chunk) == 1 or sum(map(len, chunk)) < 2.1 * 1024 * 1024


class Refused(BaseException):
    """Not an `Exception`: a process that ends is none either."""


def test_what_goes_wrong_beside_is_raised_and_nothing_behind_it_is_done() -> None:
    done: list[int] = []

    def work(n: int) -> None:
        if n == 3:
            raise Refused
        done.append(n)

    def all_of_it() -> None:
        with BackgroundTask() as beside:
            for n in range(50):
                beside.do(lambda n=n: work(n))

    with pytest.raises(Refused):
        all_of_it()
    assert done == [0, 1, 2]
