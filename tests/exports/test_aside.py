"""Whatever ends the making of an export, it is served whole and on record once, or not at all."""

import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from api.resources.exports import maker
from api.resources.exports.export_run import Source
from api.resources.exports.maker import FOLDER, Maker
from api.resources.exports.stored_request import REQUEST, dump_filters, filters_of, packed_of
from ledger.clock import day_in_japan
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import (
    CorruptRecordError,
    MalformedError,
    NotFoundError,
    StoreUnavailableError,
)
from ledger.exports.export_request import RestlessError, UnlikeCheckpointError
from ledger.exports.filters import Filters
from ledger.exports.store import ExportBusyError, ExportChange, ExportRow, Exports
from ledger.store import staged_rows
from ledger.values import PrincipalRef
from tests.database import Database
from tests.ledger.given import ACTOR, data
from tests.ledger.inside import Inside, inside
from tests.store.samples import end_lock

WHY = "報告の求め"


@dataclass
class Desk:
    """A ledger with two records, and what makes its exports."""

    house: Inside
    exports: Exports

    @property
    def maker(self) -> Maker:
        house = self.house
        source = Source(house.house.streams, house.ledger, lambda: house.now)
        return Maker(self.exports, source, None)

    def ask(self, **filters: Any) -> UUID:  # noqa: ANN401 -- handed on
        told: Any = {REQUEST: dump_filters(Filters(**filters))}
        return self.exports.begin(random_uuid(), ACTOR, told, self.house.now).export

    def find(self, export: UUID) -> ExportRow:
        return self.exports.find(export, self.house.now)

    def on_record(self) -> list[str]:
        with psycopg.connect(self.house.database.urls.reader) as connection:
            found = connection.execute(
                "SELECT originator_id FROM ledger.events WHERE topic = 'export-produced'"
            ).fetchall()
        return [str(row[0]) for row in found]

    def is_whole(self, export: UUID) -> bool:
        """Whether the pieces are the zip file that was made, with its manifest."""
        one = self.find(export)
        packed = packed_of(one)
        assert packed is not None
        content = b"".join(staged_rows.part(partial(self.exports.piece, one), 0, packed.bytes))
        if sha256(content).hexdigest() != packed.sha256:
            return False
        with zipfile.ZipFile(io.BytesIO(content)) as bag:
            return bag.testzip() is None and f"export-{export}/bagit.txt" in bag.namelist()


@pytest.fixture
def desk(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with inside(database) as house:
        house.record("t1", data("P1"))
        house.record("t2", data("P2"))
        yield Desk(house, house.house.exports())


class EndedError(BaseException):
    """The process ends here."""


def ended(*_: object, **__: object) -> None:
    raise EndedError


def test_a_question_is_kept_as_it_was_asked(desk: Desk) -> None:
    day = day_in_japan(desk.house.now)
    asked: dict[str, Any] = {
        "first": day, "last": day, "counterparty": "c", "bases": ("none",), "findings": ("any",),
        "source": "https://a.example", "person": (PrincipalRef("member", "P1"),), "case": "C-1",
        "reason": WHY, "identified": True, "whole": True, "smallest": 3,
    }  # fmt: skip
    assert asked.keys() == set(Filters.__dataclass_fields__), "every filter is asked for here"
    assert filters_of(desk.find(desk.ask(**asked))) == Filters(**asked)


@pytest.mark.parametrize("place", ["packed", "part of the pieces"])
def test_one_that_was_interrupted_is_begun_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    # So that pieces of the one that was interrupted stand.
    monkeypatch.setattr(staged_rows, "PIECE_BYTES", 1_000)
    export = desk.ask()
    with monkeypatch.context() as patched:
        if place == "packed":
            patched.setattr(maker, "packed", ended)
        else:
            patched.setattr(maker.PieceWriter, "end", ended)
        with pytest.raises(EndedError):
            desk.maker.make_next()
    found = desk.find(export)
    assert (found.state, found.attempts, packed_of(found)) == ("making", 1, None)
    assert desk.on_record() == [], "nothing left"
    assert desk.maker.make_next()
    assert (desk.find(export).state, desk.find(export).attempts) == ("ready", 2)
    assert desk.is_whole(export)
    assert desk.on_record() == [str(export)]


def test_one_whose_event_may_stand_is_put_on_record_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = desk.ask()
    change = Exports.change

    def ends(exports: Exports, one: ExportRow, changed: ExportChange, at: Any) -> None:  # noqa: ANN401 -- handed on
        if changed.state == "ready":
            raise EndedError
        change(exports, one, changed, at)

    with monkeypatch.context() as patched:
        patched.setattr(Exports, "change", ends)
        with pytest.raises(EndedError):
            desk.maker.make_next()
    assert desk.find(export).state == "packed"
    assert desk.on_record() == [str(export)], "the event stands, the answer was lost"
    before = packed_of(desk.find(export))
    assert desk.maker.make_next()
    found = packed_of(desk.find(export))
    assert before is not None
    assert found is not None
    assert (found.sha256, found.digest) == (before.sha256, before.digest), "it was not made again"
    assert found.position is not None
    assert desk.on_record() == [str(export)]
    assert desk.is_whole(export)
    assert not desk.maker.make_next(), "nothing is left to make"


def test_what_passes_is_tried_again_and_what_does_not_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases: list[tuple[BaseException, str | None]] = [
        (StoreUnavailableError(), None),
        (OSError(28, "full"), "NO_SPACE"),
        (UnlikeCheckpointError(), "LOG_DIFFERS"),
        (RestlessError(), "INTERRUPTED"),
        (MalformedError(()), "MALFORMED"),
        (ZeroDivisionError(), "FAULT"),
    ]
    for error, code in cases:
        export = desk.ask()

        def fails(*_: object, error: BaseException = error) -> None:
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(maker.Exporter, "make", fails)
            if code is None:
                with pytest.raises(StoreUnavailableError):
                    desk.maker.make_next()
            else:
                assert desk.maker.make_next()
        found = desk.find(export)
        assert (found.state, found.error) == ("making" if code is None else "failed", code)
        if code is None:
            assert desk.maker.make_next()
    assert len(desk.on_record()) == 1


def test_progress_never_goes_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maker, "PROGRESS_S", 0.0)
    export = desk.ask()
    tell = desk.maker.progress_reporter(desk.find(export))
    told: list[int] = []
    for done in (1, 2, 1, 2):
        tell(done, 2)
        told.append(desk.find(export).done)
    assert told == [1, 2, 2, 2], "records that are written anew tell that something was excluded"


def test_an_export_is_made_by_one_process_at_a_time(desk: Desk) -> None:
    first, second = desk.ask(), desk.ask()
    with desk.exports.working(first):
        with pytest.raises(ExportBusyError), desk.exports.working(first):
            pass
        assert desk.maker.make_next(), "the other one is made meanwhile"
    assert (desk.find(first).state, desk.find(second).state) == ("waiting", "ready")


def test_who_was_overtaken_changes_nothing_of_an_export(desk: Desk) -> None:
    export = desk.ask()
    one = desk.find(export)

    def overtaken(change: Callable[[Exports], None]) -> None:
        with desk.exports.working(export) as first:
            end_lock(desk.house.database)
            with desk.exports.working(export) as second:
                second.put(one, 0, b"a bag")
            change(first)

    changes: list[Callable[[Exports], None]] = [
        lambda exports: exports.put(one, 0, b"another bag"),
        lambda exports: exports.change(one, ExportChange("failed", error="FAULT"), desk.house.now),
        lambda exports: exports.clear(one),
        lambda exports: exports.forget(export),
    ]
    for change in changes:
        with pytest.raises(ExportBusyError):
            overtaken(change)
    assert desk.exports.piece(one, 0) == b"a bag"
    assert desk.find(export).state == "waiting"


def test_what_a_killed_process_left_is_removed_and_nothing_else(desk: Desk, tmp_path: Path) -> None:
    left = tmp_path / f"{FOLDER}{desk.ask()}-abc"
    used_by = desk.ask()
    used, other = tmp_path / f"{FOLDER}{used_by}-abc", tmp_path / "somebody-elses"
    for folder in (left, used, other):
        folder.mkdir()
        (folder / "records.csv").write_text("x")
    with desk.exports.working(used_by):
        maker.tidy(desk.exports)
    assert (left.exists(), used.exists(), other.exists()) == (False, True, True)


def test_a_bag_goes_with_its_day_and_is_nowhere_else(desk: Desk, tmp_path: Path) -> None:
    export = desk.ask()
    desk.maker.make_next()
    assert list(tmp_path.glob(f"{FOLDER}*")) == []
    later = desk.house.now + timedelta(days=7)
    with pytest.raises(NotFoundError):
        desk.exports.find(export, later)
    assert desk.exports.newest(None, 0, 10, later) == []
    assert desk.exports.open(later) == []


def test_a_piece_cannot_stand_in_anothers_place(desk: Desk) -> None:
    export = desk.find(desk.ask())
    desk.exports.put(export, 0, b"first")
    desk.exports.put(export, 1, b"second")
    with psycopg.connect(desk.house.database.urls.writer) as connection:
        connection.execute("DELETE FROM ledger.export_pieces WHERE number = 0")
        connection.execute(
            "INSERT INTO ledger.export_pieces SELECT export, 0, sealed FROM ledger.export_pieces"
        )
    with pytest.raises(CorruptRecordError):
        desk.exports.piece(export, 0)
