"""Keys that are made while parts come in are those that a commit would make."""

import gzip
from collections.abc import Callable, Iterator
from datetime import date
from typing import cast

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.sql import SQL, Identifier
from typing_extensions import override

from api.resources.bulk.parts import CsvPart, Decompression, Lines, NdjsonPart, PartReader
from api.resources.bulk.parts.decompression import BLOCK
from api.resources.bulk.parts.lines import LineOrDefect
from api.server.bulk_committer import Committer
from ledger.format.event_writer import line_of
from ledger.format.events import PersonLine
from ledger.format.json import encoded
from ledger.policies.context import Verdict
from ledger.policies.duty import complete
from ledger.transfers.bulk.background import BackgroundTask
from ledger.transfers.bulk.person_keys import PersonKeys
from ledger.transfers.bulk.preparation import CHUNK_LINES, BulkVerdict, Chunks, written
from ledger.transfers.bulk.staging_area import BulkRows, UnderWay
from ledger.values import PrincipalRef
from ledger.worker import Worker
from tests.bulk.sending import Person, Sender, content_of, people, split
from tests.canary import NAME
from tests.ledger.inside import Inside

PERSONS = people(2_300)
Made = Callable[[int], PersonKeys]


@pytest.fixture
def rows(sending: Sender) -> BulkRows:
    return vars(sending.bulk)["_rows"]


@pytest.fixture
def made(house: Inside, rows: BulkRows) -> Made:
    secret = house.house.secret

    def one(many: int) -> PersonKeys:
        return PersonKeys(rows, secret, Worker(secret, "test-ledger"), many)

    return one


def expected(house: Inside, persons: list[Person]) -> list[bytes]:
    return [house.house.secret.principal_key(one["scheme"], one["id"]) for one in persons]


def found(keying_: PersonKeys, rows: BulkRows, one: UnderWay) -> list[bytes]:
    return [key for _, keys in keying_.each(rows, one, rows.parts(one)) for key in keys]


@pytest.mark.parametrize("looks", range(5))
def test_whatever_was_made_before_the_keys_of_all_persons_are_those_of_each(
    house: Inside, sending: Sender, rows: BulkRows, made: Made, looks: int
) -> None:
    one = sending.staged("b1", split(PERSONS, 700))
    ahead = made(1)
    assert [ahead.ahead(house.now) for _ in range(looks)] == [n < 4 for n in range(looks)]
    assert sum(map(len, vars(ahead)["_made"].get(one.bulk, {}).values())) == min(700 * looks, 2_300)
    assert found(ahead, rows, one) == expected(house, PERSONS)
    assert not vars(ahead)["_made"], "they are let go of"


def test_a_part_that_was_sent_again_has_keys_of_its_own(
    house: Inside, sending: Sender, rows: BulkRows, made: Made
) -> None:
    first, second, *others = split(PERSONS, 700)
    one = sending.staged("b1", [first, first, *others])
    ahead = made(1)
    while ahead.ahead(house.now):
        pass
    sending.put(one, 2, second)
    assert found(ahead, rows, one) == expected(house, PERSONS)
    while ahead.ahead(house.now):
        pass
    assert found(ahead, rows, one) == expected(house, PERSONS)


def test_what_is_recorded_is_the_same_with_keys_that_were_there(
    house: Inside, sending: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    persons = [*PERSONS, *PERSONS[:3]]
    without = sending.sent("b1", persons)
    monkeypatch.setattr(vars(sending.bulk)["_keying"], "_many", 1)
    one = sending.staged("b2", split(persons, 700))
    committer = Committer(sending.bulk, lambda: house.now)
    while committer.ahead():
        pass
    again = sending.commit(one.bulk)
    assert (again.persons, again.repeated) == (without.persons, without.repeated) == (2_300, 3)


@pytest.mark.parametrize("table", ["bulk_parts", "bulk_transfers"])
def test_of_what_cannot_be_read_nothing_is_made_ahead_and_nobody_begins_anew(
    house: Inside, sending: Sender, made: Made, table: str
) -> None:
    sending.staged("b1", split(PERSONS, 700))
    column = "sealed" if table == "bulk_parts" else "told"
    with psycopg.connect(house.database.admin) as connection:
        connection.execute(
            SQL(
                "UPDATE ledger.{0} SET {1} = set_byte({1}, 40, (1 + get_byte({1}, 40)) & 255)"
            ).format(Identifier(table), Identifier(column))
        )
    ahead = made(1)
    assert not ahead.ahead(house.now)


# -- What a chunk is made of: lines as every line is written, as many as fit, in their order --


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


# -- A part is taken in step by step: a few bytes that came may unpack to very much --


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
    def flush(self) -> Iterator[LineOrDefect]:
        return self._lines.flush()


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
