"""Answers that get lost, bulk transfers that are forgotten, ledgers that are away."""

from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import psycopg
import pytest

from api.imports.as_one.bulk import PATH
from api.imports.as_one.importer import RECORDING, SENDING
from api.imports.errors import FileError, UndeliveredError
from api.imports.importer import Progress
from api.imports.journal import folder_of
from ledger_emitter import Backoff
from tests.chaos.ledger import Ledger
from tests.chaos.standing import head, recorded
from tests.emitter.between import PROBLEM, Cut, Own, proxy
from tests.importing.items import ndjson
from tests.importing.persons import key_of, lines_of, ordinary, person, send, transfer

PERSONS = [person(n) for n in range(45)]
IMPATIENT = Backoff(0.01, 0.02, retry_after_s_max=0.3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return ndjson(tmp_path / "f.ndjson", lines_of(PERSONS))


@pytest.fixture
def source(request: pytest.FixtureRequest, source: str) -> str:
    """Of each case its own: a repeat of another one would be a duplicate."""
    case = getattr(request.node, "callspec", None)
    return source if case is None else f"{source}/{'-'.join(map(str, case.indices.values()))}"


@pytest.fixture
def header(tmp_path: Path, source: str) -> Path:
    return transfer(tmp_path / "transfer.json", source)


def uploads(ledger: Ledger) -> int:
    """Bulk transfers that take parts."""
    with psycopg.connect(ledger.urls.owner) as connection:
        found = connection.execute(
            "SELECT count(*) FROM ledger.bulk_transfers WHERE state = 'uploading'"
        ).fetchone()
    assert found is not None
    return found[0]


def first_of_each(answer: Callable[[], Own | Cut]) -> Callable[[str, str], Own | Cut | None]:
    """Lets each request through when it comes a second time; another id is the same request."""
    seen: set[tuple[str, str]] = set()

    def gate(method: str, path: str) -> Own | Cut | None:
        if (method, path) in seen:
            return None
        seen.add((method, path))
        return answer()

    return gate


BETWEEN: dict[str, Callable[[], Own | Cut]] = {
    "cut after it was carried out": Cut,
    "a proxy's 502": lambda: Own(502),
    "too many requests": lambda: Own(429, headers={"Retry-After": "0"}),
    "a part that arrived damaged": lambda: Own(
        422, b'{"code": "PART_UNREADABLE", "reason": "damaged", "errors": []}', PROBLEM
    ),
}


@pytest.mark.parametrize("name", BETWEEN)
def test_every_answer_may_be_lost_once(
    ledger: Ledger, path: Path, header: Path, source: str, name: str
) -> None:
    before, open_before = head(ledger), uploads(ledger)
    with proxy(ledger, lambda _: None) as between:
        between.gate = first_of_each(BETWEEN[name])
        done = send(ledger, path, header, url=between.url)
    assert (done["status"], done["persons"]) == ("recorded", 45)
    assert set(recorded(ledger, source, before).values()) == {1}
    assert ordinary(ledger, source, PERSONS)["transfer"] == done["transfer"]
    assert uploads(ledger) == open_before


def test_what_is_not_the_ledger_is_not_believed(ledger: Ledger, path: Path, header: Path) -> None:
    for own in (Own(404), Own(200), Own(403), Own(413)):
        with proxy(ledger, lambda _, own=own: own) as between:  # pyright: ignore[reportUnknownLambdaType] -- a default binds it
            with pytest.raises(UndeliveredError) as caught:
                send(ledger, path, header, url=between.url)
            assert caught.value.status == own.status
        for one in folder_of(path).iterdir():
            one.unlink()


def test_a_ledger_that_is_down_ends_it_and_the_same_command_goes_on(
    ledger: Ledger, path: Path, header: Path, source: str
) -> None:
    asked: list[tuple[str, str]] = []
    with proxy(ledger, lambda _: None) as between:

        def gate(method: str, path: str) -> Own | None:
            asked.append((method, path))
            return Own(503) if path.endswith("/parts/4") else None

        between.gate = gate
        with pytest.raises(UndeliveredError) as caught:
            send(ledger, path, header, url=between.url, backoff=IMPATIENT, parallel=1)
        assert (caught.value.status, caught.value.line) == (503, 31)
        asked.clear()
        between.gate = lambda method, path: asked.append((method, path))
        done = send(ledger, path, header, url=between.url)
    assert done["status"] == "recorded"
    # What is there is not sent again.
    parts = sorted(path.rpartition("/")[2] for method, path in asked if method == "PUT")
    assert parts == ["4", "5"]
    assert ordinary(ledger, source, PERSONS)["transfer"] == done["transfer"]


def interrupted(ledger: Ledger, path: Path, header: Path, stage: str, parts: int = 0) -> None:
    """A run that ends in this stage, once so many persons are sent."""

    def stop(progress: Progress) -> None:
        if progress.stage == stage and progress.done >= parts:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(ledger, path, header, stop)


def asked(ledger: Ledger, method: str, bulk: str) -> int:
    with closing(HTTPConnection("127.0.0.1", ledger.port, timeout=60)) as connection:
        headers = {"Authorization": f"Bearer {key_of(ledger)}"}
        connection.request(method, f"{PATH}/{bulk}", headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status


def bulk_of(path: Path) -> str:
    content = (folder_of(path) / "journal.ndjson").read_text("utf-8")
    return content.rpartition('{"announced":"')[2].partition('"')[0]


def test_one_that_was_aborted_meanwhile_is_begun_anew(
    ledger: Ledger, path: Path, header: Path, source: str
) -> None:
    interrupted(ledger, path, header, SENDING, 20)
    first = bulk_of(path)
    assert asked(ledger, "DELETE", first) == 204
    done = send(ledger, path, header)
    assert (done["status"], done["persons"]) == ("recorded", 45)
    assert bulk_of(path) != first
    assert ordinary(ledger, source, PERSONS)["transfer"] == done["transfer"]


def forget(ledger: Ledger, bulk: str) -> None:
    """What expiry leaves of a bulk transfer: nothing."""
    with psycopg.connect(ledger.urls.owner) as connection:
        for table in ("bulk_pieces", "bulk_parts", "bulk_transfers"):
            connection.execute(
                f"DELETE FROM ledger.{table} WHERE bulk = %(bulk)s",  # noqa: S608 -- names of ours
                {"bulk": bulk},
            )


@pytest.mark.parametrize("parts", [0, 20, 45])
def test_one_that_expired_is_begun_anew(
    ledger: Ledger, path: Path, header: Path, source: str, parts: int
) -> None:
    interrupted(ledger, path, header, SENDING, parts)
    first = bulk_of(path)
    forget(ledger, first)
    assert asked(ledger, "GET", first) == 404
    done = send(ledger, path, header)
    assert (done["status"], done["persons"]) == ("recorded", 45)
    assert ordinary(ledger, source, PERSONS)["transfer"] == done["transfer"]


def test_a_result_that_is_forgotten_is_found_as_a_duplicate(
    ledger: Ledger, path: Path, header: Path
) -> None:
    done = send(ledger, path, header)
    journal = folder_of(path) / "journal.ndjson"
    *steps, _ = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(steps))
    forget(ledger, bulk_of(path))
    again = send(ledger, path, header)
    assert (again["status"], again["transfer"]) == ("duplicate", done["transfer"])


def test_the_committer_may_die_and_who_waits_learns_what_became_of_it(
    ledger: Ledger, path: Path, header: Path
) -> None:
    ledger.kill("commit")
    try:
        interrupted(ledger, path, header, RECORDING)
        begun: list[Progress] = []

        def revive(progress: Progress) -> None:
            if progress.stage == RECORDING and not begun:
                ledger.start("commit")
                begun.append(progress)

        done = send(ledger, path, header, revive)
    except BaseException:
        ledger.start("commit")
        raise
    assert begun
    assert (done["status"], done["persons"]) == ("recorded", 45)


def test_a_journal_torn_at_any_byte_is_gone_on_from(
    ledger: Ledger, path: Path, header: Path
) -> None:
    done = send(ledger, path, header)
    journal = folder_of(path) / "journal.ndjson"
    content = journal.read_bytes()
    known = content.index(b'{"announced"')
    for cut in [*range(known, len(content), 23), len(content) - 1]:
        journal.write_bytes(content[:cut])
        again = send(ledger, path, header)
        assert again == done, cut
    journal.write_bytes(content[:known] + b"}{\n" + content[known:])
    with pytest.raises(FileError, match="JOURNAL_DAMAGED"):
        send(ledger, path, header)
