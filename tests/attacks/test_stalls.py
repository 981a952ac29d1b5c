"""Work that takes a processor for long, asked for many times at once, and by who does not wait.

Attack: many parts of a bulk transfer at once, each of which unpacks to a million lines, or many
workbooks that take a minute to read, keep everybody else out, also after their sender has hung up;
or a bulk transfer stages more lines than were announced.

Held off by: places for each kind of work, in all and for each caller (`api/web/limiter.py`). Who
has none waits on the event loop, then is told to come again (`TOO_BUSY`). The work has threads of
its own, and gets one for a bounded amount of content. It ends when the client hangs up. All parts
together have no more lines than were announced (0112).
"""

import gzip
import os
import socket
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime
from hashlib import shake_256
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx2
import pytest

from api.resources.bulk.parts.decompression import BLOCK, Decompression
from api.resources.registers.forms import words
from api.resources.transfers import endpoints
from api.web.items import DefectBudget, ParsedItem, Sender, items_of
from ledger.store.registers import Kind, RegisterRow, Registers
from ledger.store.staged_rows import PIECE_BYTES
from ledger.values import Json
from tests.attacks.scenes import until
from tests.bulk.sending import in_database
from tests.doors.bulk_sending import PATH, announcement, ndjson, people
from tests.doors.samples import SOURCE, provision
from tests.pages.filling import words_of
from tests.pages.office import SAME_SITE, WAITS_S, Office, Person
from tests.pages.registering import (
    KEEPER,
    PAGE,
    Uploaded,
    new,
    upload,
    uploaded,
    xlsx_bytes,
)
from tests.registers.writing import handmade, sheet_xml

MANY: Final = 44
"""More than there are threads for pages and endpoints."""
NOISE: Final = shake_256(b"x").hexdigest(1_000_000)
PROGRAM: Final = b"registers.xlsx.sheet_process"


class Gate:
    """Lets nothing through until it is opened; counts who waits before it."""

    def __init__(self) -> None:
        self._is_open = threading.Event()
        self._lock = threading.Lock()
        self.waiting = self.most = self.passed = 0

    def open(self) -> None:
        self._is_open.set()

    def pass_through(self) -> None:
        with self._lock:
            self.waiting += 1
            self.most = max(self.most, self.waiting)
        self._is_open.wait()
        with self._lock:
            self.waiting -= 1
            self.passed += 1


@contextmanager
def gate() -> Generator[Gate]:
    made = Gate()
    try:
        yield made
    finally:
        made.open()


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Before each block of what a part unpacks to."""
    blocks = Decompression.blocks

    def gated(self: Decompression, piece: bytes) -> Iterator[bytes]:
        for block in blocks(self, piece):
            made.pass_through()
            yield block

    with gate() as made:
        monkeypatch.setattr(Decompression, "blocks", gated)
        yield made


@pytest.fixture
def looking(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Before each piece of a register's file that is read."""
    with gate() as made:
        monkeypatch.setattr(Registers, "piece", gated_pieces(made, first=0))
        yield made


@pytest.fixture
def looking_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Before each piece but the first, which tells what it is: its process has begun."""
    with gate() as made:
        monkeypatch.setattr(Registers, "piece", gated_pieces(made, first=1))
        yield made


def gated_pieces(
    made: Gate, first: int
) -> Callable[[Registers, RegisterRow, Kind, int], bytes | None]:
    piece = Registers.piece

    def gated(self: Registers, register: RegisterRow, kind: Kind, number: int) -> bytes | None:
        if kind == "file" and number >= first:
            made.pass_through()
        return piece(self, register, kind, number)

    return gated


@pytest.fixture(scope="module")
def emitter(office: Office) -> str:
    return office.key("events:write", owner="stalling", source=SOURCE)


@pytest.fixture(scope="module")
def other(office: Office) -> str:
    return office.key("events:write", owner="patient", source=SOURCE)


def begun(office: Office, key: str, contents: list[bytes], lines: int) -> str:
    """The address of a bulk transfer that was announced."""
    answer = office.api("POST", PATH, key, announcement(contents, lines))
    assert answer.status_code == 201, answer.text
    return f"{PATH}/{answer.json()['bulk']}"


def put(
    office: Office, path: str, number: int, content: bytes, key: str, **headers: str
) -> httpx2.Response:
    sent = {
        "Authorization": f"Bearer {key}",
        "content-type": "application/x-ndjson",
        **headers,
    }
    address = f"{office.url}{path}/parts/{number}"
    return httpx2.put(address, content=content, headers=sent, trust_env=False, timeout=WAITS_S)


def others_are_served(office: Office, key: str) -> None:
    """A page, an endpoint, and somebody who is not known are answered."""
    assert office.person("officer").get("/desk").status_code == 200
    assert office.stranger().get("/sign-in").status_code == 200
    assert office.api("POST", "/v1/transfers", key, {"items": []}).status_code == 422


def test_parts_at_once_keep_no_thread_from_others_and_wait_or_come_again(
    office: Office, emitter: str, other: str, reading: Gate
) -> None:
    office.person("officer")
    contents = [ndjson(people(1, f"CNRY-M-{n}")) for n in range(MANY)]
    path = begun(office, emitter, contents, MANY)
    answers: list[httpx2.Response] = []

    def send(number: int) -> None:
        answers.append(put(office, path, number, contents[number - 1], emitter))

    with ThreadPoolExecutor(MANY) as pool:
        sent = [pool.submit(send, number) for number in range(1, MANY + 1)]
        try:
            until(lambda: reading.waiting >= 2)
            others_are_served(office, other)
            # Eight are under way, sixteen may wait; these are all the others.
            until(lambda: len(answers) >= MANY - 24)
            assert reading.most == 2
        finally:
            reading.open()
        for one in sent:
            one.result()
    refused = [one for one in answers if one.status_code != 200]
    assert {(one.status_code, one.json()["code"]) for one in refused} == {(503, "TOO_BUSY")}
    assert all(one.headers["retry-after"] == "1" for one in refused)
    assert len(answers) - len(refused) >= 8
    assert reading.most == 2


def test_parts_whose_sender_has_hung_up_are_not_read_on(
    office: Office, emitter: str, other: str, reading: Gate
) -> None:
    office.person("officer")
    content = ndjson(people(1)) * 150_000
    blocks = len(content) // BLOCK
    path = begun(office, emitter, [content] * MANY, 5_000_000)
    with hung_up_after(office, path, emitter, gzip.compress(content)):
        until(lambda: reading.waiting >= 2)
    others_are_served(office, other)
    others_are_served(office, other)
    before = reading.passed
    reading.open()
    until(lambda: reading.waiting == 0)
    mine = begun(office, other, [ndjson(people(1))], 1)
    assert put(office, mine, 1, ndjson(people(1)), other).status_code == 200
    # Two were in a step of a mebibyte, and a block of their own.
    assert reading.passed - before <= 2 * ((1 << 20) // BLOCK + 1) + 1 < blocks
    told = office.api("GET", path, emitter).json()
    assert told["there"] == {"parts": 0, "lines": 0}


@contextmanager
def hung_up_after(office: Office, path: str, key: str, content: bytes) -> Generator[None]:
    """Many parts are sent at once; at the end of the block their sender hangs up."""
    address = urlsplit(office.url)
    with ExitStack() as there:
        for number in range(1, MANY + 1):
            one = socket.create_connection((address.hostname, address.port), timeout=WAITS_S)
            there.enter_context(one)
            head = (
                f"PUT {path}/parts/{number} HTTP/1.1",
                "host: x",
                f"authorization: Bearer {key}",
                "content-type: application/x-ndjson",
                "content-encoding: gzip",
                f"content-length: {len(content)}",
            )
            one.sendall("\r\n".join([*head, "", ""]).encode() + content)
        yield


def test_parts_that_come_at_once_have_no_more_lines_than_announced(
    office: Office, emitter: str, reading: Gate
) -> None:
    content = ndjson(people(3))
    path = begun(office, emitter, [content, content], 5)
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(put, office, path, n, content, emitter) for n in (1, 2)]
        try:
            until(lambda: reading.waiting == 2)
        finally:
            reading.open()
        answers = [one.result() for one in sent]
    assert sorted(one.status_code for one in answers) == [200, 422]
    [refused] = [one.json() for one in answers if one.status_code == 422]
    assert [one["code"] for one in refused["errors"]] == ["MORE_THAN_ANNOUNCED"]
    assert office.api("GET", path, emitter).json()["there"] == {"parts": 1, "lines": 3}
    assert in_database(office.urls.owner, path.rpartition("/")[2]) == (1, 1)


def test_workbooks_at_once_keep_no_thread_from_others_and_are_read_one_for_each_person(
    office: Office, tmp_path: Path, other: str, looking: Gate
) -> None:
    office.person("officer")
    keeper, colleague = office.person(KEEPER), office.person("keeper")
    tokens = keeper.form_token(PAGE), colleague.form_token(PAGE)
    content = xlsx_bytes(tmp_path, new(1))
    with ThreadPoolExecutor(MANY + 1) as pool:
        sent = [pool.submit(upload, keeper, "r.xlsx", content, tokens[0]) for _ in range(MANY)]
        try:
            # One is read, two may wait; these are all the others.
            until(lambda: sum(one.done() for one in sent) >= MANY - 3)
            assert looking.most == 1
            others_are_served(office, other)
            sent.append(pool.submit(upload, colleague, "r.xlsx", content, tokens[1]))
            until(lambda: looking.waiting == 2)
        finally:
            looking.open()
        answers = [one.result() for one in sent]
    assert looking.most == 2
    assert answers[-1].status_code == 303
    assert {one.status_code for one in answers} == {303, 503}
    refused = [words_of(one.text) for one in answers if one.status_code == 503]
    assert all(words.PREVIEWS_BUSY in one for one in refused)


@pytest.fixture
def register(office: Office, tmp_path: Path) -> Uploaded:
    """One that was uploaded, before anything is gated."""
    return uploaded(office, "r.xlsx", xlsx_bytes(tmp_path, new(1)))


def test_the_reading_of_a_workbook_ends_when_the_browser_hangs_up(
    office: Office, tmp_path: Path, other: str, looking_on: Gate
) -> None:
    office.person("officer")
    before = registers_kept(office)
    content = handmade(tmp_path / "r.xlsx", sheet_xml(), {"noise": NOISE}).read_bytes()
    assert len(content) > PIECE_BYTES
    keeper = office.person(KEEPER)
    token = keeper.form_token(PAGE)
    with browser(office, keeper, content, token):
        until(lambda: looking_on.waiting == 1)
        assert processes() == 1
    until(lambda: processes() == 0)
    assert looking_on.waiting == 1, "it ends although it waits for the file"
    looking_on.open()
    until(lambda: looking_on.waiting == 0)
    until(lambda: registers_kept(office) == before)
    others_are_served(office, other)


def registers_kept(office: Office) -> int:
    [(count,)] = office.rows("SELECT count(*) FROM ledger.registers")
    return count


@contextmanager
def browser(office: Office, person: Person, content: bytes, token: str) -> Generator[None]:
    """It sends a workbook, and hangs up at the end of the block."""
    address = urlsplit(office.url)
    request = httpx2.Request(
        "POST",
        f"{office.url}{PAGE}",
        data={"form_token": token},
        files={"file": ("r.xlsx", content, "application/octet-stream")},
        headers=SAME_SITE,
        cookies=person.client.cookies,
    )
    body = request.read()
    head = [f"{name}: {value}" for name, value in request.headers.items()]
    with socket.create_connection((address.hostname, address.port), timeout=WAITS_S) as one:
        one.sendall("\r\n".join([f"POST {PAGE} HTTP/1.1", *head, "", ""]).encode() + body)
        yield


def processes() -> int:
    """Readings of workbooks that this process has begun, and that go on."""
    return sum(map(_is_reading, Path("/proc").iterdir()))


def _is_reading(process: Path) -> bool:
    if not process.name.isdigit():
        return False
    try:
        parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
        return parent == str(os.getpid()) and PROGRAM in (process / "cmdline").read_bytes()
    except OSError:
        return False  # it has just ended


PLACES: Final = 2
WAITING: Final = 62
CROWD: Final = PLACES + WAITING + 6

Body = dict[str, object]


def body_of(data: Body, items: int) -> Body:
    return {"items": [{"source": SOURCE, "id": f"b{n}", "data": data} for n in range(items)]}


BODIES: Final[dict[str, tuple[str, Callable[[], Body]]]] = {
    "items to be checked": ("/v1/transfers/check", lambda: body_of(provision(), 1)),
    "a large body": ("/v1/transfers", lambda: body_of(provision(items=["x" * 70_000]), 1)),
    "very many items": ("/v1/transfers", lambda: body_of(provision(), 101)),
    "a malformed item": ("/v1/transfers", lambda: body_of({"principals": [Body()]}, 1)),
}


@pytest.fixture
def making(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Before items are made in detail: nothing else of a request takes longer."""

    def gated(
        given: Sequence[Json], sender: Sender, at: datetime, naming: DefectBudget
    ) -> list[ParsedItem]:
        if naming.most:
            made.pass_through()
        return items_of(given, sender, at, naming)

    with gate() as made:
        monkeypatch.setattr(endpoints, "items_of", gated)
        yield made


@pytest.fixture(scope="module")
def flooding(office: Office) -> str:
    return office.key("events:write", owner="flooding", source=SOURCE)


@pytest.mark.parametrize("body", BODIES)
def test_batches_at_once_keep_nobody_else_waiting_and_wait_or_come_again(
    office: Office, flooding: str, other: str, making: Gate, body: str
) -> None:
    """Attack: an emitter sends full batches, bodies to be checked beforehand, or malformed ones
    over fifty connections and more at once, and whoever else sends, reads or asks whether
    the ledger lives waits for all of them.
    Held off by: places for large bodies, for checks and for naming what is malformed, so many
    of one caller (`api.web.services`, 0112). They are read, checked and judged in threads of
    their own; who has no place waits on the event loop, and beyond those that may wait the
    answer is `TOO_BUSY`.
    """
    office.person("officer")
    path, made = BODIES[body]
    content = made()
    with ThreadPoolExecutor(CROWD) as pool:
        sent: list[Future[httpx2.Response]] = [
            pool.submit(posted, office, path, flooding, content) for _ in range(CROWD)
        ]
        try:
            until(lambda: making.waiting == PLACES and sum(one.done() for one in sent) >= 6)
            others_are_served(office, other)
            assert office.stranger().get("/health/live").status_code == 200
            mine = pool.submit(
                posted, office, "/v1/transfers/check", other, body_of(provision(), 1)
            )
            until(lambda: making.waiting == PLACES + 1)
        finally:
            making.open()
        assert mine.result().json()["results"][0]["status"] == "checked"
        answers = [one.result() for one in sent]
    refused = [one for one in answers if one.json().get("code") == "TOO_BUSY"]
    assert {(one.status_code, one.headers["retry-after"]) for one in refused} == {(503, "1")}
    assert len(refused) <= CROWD - PLACES
    assert making.most <= PLACES + 1


def posted(office: Office, path: str, key: str, body: Body) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {key}"}
    address = f"{office.url}{path}"
    return httpx2.post(address, json=body, headers=headers, trust_env=False, timeout=WAITS_S)
