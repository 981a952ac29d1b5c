"""A log that went on in another epoch, over HTTP: where it goes on, and what stays."""

import dataclasses
from collections.abc import Iterator
from hashlib import sha256

import psycopg
import pytest

from api.container import Container
from api.server.secrets import secrets_of
from api.signed_log import signed_log
from ledger.clock import now
from ledger.crypto.notes import SignedNote
from ledger.crypto.pseudonyms import random_uuid
from ledger.log.epoch import StartLogEpoch
from ledger.merkle.checkpoint import Checkpoint, LogReceipt
from ledger.merkle.tiled_tree import TiledTree
from projections.log.epochs import EndedLog, ended
from projections.log.signed_log import SignedLog
from tests.database import Database
from tests.doors.corridor import SETTINGS, Corridor, open_doors
from tests.doors.samples import provision
from tests.matrix import every

ORIGIN = "ledger.example.jp/doors"


@dataclasses.dataclass(frozen=True)
class Restored:
    """A ledger that was restored behind its last checkpoint, and began an epoch."""

    doors: Corridor
    lost: EndedLog
    new: Checkpoint
    kept: dict[str, str]
    receipt: str


def _log(doors: Corridor) -> SignedLog:
    found = signed_log(doors.app.state.services.settings)
    assert found is not None
    return found


def begin_epoch(house: Container, log: SignedLog) -> tuple[EndedLog, Checkpoint]:
    lost = ended(log.integrator(house.reads, house.reader), log.epoch)
    old = lost.checkpoint
    told = (old.origin, old.size, old.root, lost.digest, lost.parted_after)
    command = StartLogEpoch(random_uuid(), "0" * 32, log.epoch + 1, *told, "障害", "運用担当")
    first = house.log_epochs().start(command, now())
    # Cut off here and begun again: it stands.
    again = dataclasses.replace(command, command=random_uuid())
    assert house.log_epochs().start(again, now()) == first == house.reads.head()
    following = log.of(log.epoch + 1)
    return lost, following.integrator(house.reads, house.reader).follow(lost.note)


@pytest.fixture(scope="module")
def restored(
    shared_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Restored]:
    folder = tmp_path_factory.mktemp("log")
    settings = dataclasses.replace(
        SETTINGS,
        log_origin=ORIGIN,
        log_key=sha256(b"log of the doors").digest(),
        log_dir=folder / "tiles",
        log_anchor=folder / "anchor",
    )
    with open_doors(shared_database.urls, settings) as doors:
        kept = doors.record(provision())
        doors.record(provision())
        house = Container(doors.urls, settings.name, secrets_of(settings))
        try:
            log = _log(doors)
            behind = house.reads.head()
            doors.record(provision())
            log.integrator(house.reads, house.reader).begin()
            path = f"/v1/transfers/{kept['transfer']}/receipt"
            receipt = doors.ask("GET", path, key=doors.emitter).text
            set_back(shared_database, behind)
            lost, new = begin_epoch(house, log)
        finally:
            house.close()
    with open_doors(shared_database.urls, settings) as doors:
        yield Restored(doors, lost, new, kept, receipt)


def set_back(database: Database, position: int) -> None:
    """As a restore of an older state does."""
    with psycopg.connect(database.admin) as connection:
        for table in ("events", "head"):
            connection.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL")
        connection.execute("DELETE FROM ledger.events WHERE notification_id > %s", (position,))
        connection.execute("UPDATE ledger.head SET position = %s", (position,))
        for table in ("events", "head"):
            connection.execute(f"ALTER TABLE ledger.{table} ENABLE TRIGGER ALL")


def fetched(doors: Corridor, path: str) -> bytes:
    got = doors.client.get(path, headers={"Authorization": f"Bearer {doors.key('audit:read')}"})
    assert got.status_code == 200, got.text
    return got.content


def test_each_epoch_has_its_checkpoint_and_tiles_under_its_own_address(restored: Restored) -> None:
    doors, lost, new = restored.doors, restored.lost, restored.new
    for prefix, epoch, checkpoint in (
        ("/log", 1, lost.checkpoint),
        ("/log/epochs/2", 2, new),
    ):
        note = SignedNote.read(fetched(doors, f"{prefix}/checkpoint").decode())
        note.verified([_log(doors).of(epoch).verifier])
        assert Checkpoint.read(note.text) == checkpoint
        tree = TiledTree(
            checkpoint.size, lambda tile, at=prefix: fetched(doors, f"{at}/{tile.name}")
        )
        assert tree.root() == checkpoint.root
    assert (lost.checkpoint.origin, new.origin) == (ORIGIN, "ledger.example.jp/epoch-2/doors")


def test_the_ended_epoch_says_where_the_log_goes_on(restored: Restored) -> None:
    doors = restored.doors
    key = doors.key("audit:read")
    old = doors.ask("GET", "/log/checkpoint", key=key)
    assert old.headers["link"] == '</log/epochs/2/checkpoint>; rel="latest-version"'
    assert "link" not in doors.ask("GET", "/log/epochs/2/checkpoint", key=key).headers


@every(
    "path",
    ["1/checkpoint", "3/checkpoint", "02/checkpoint", "2/anchor", "2/tile/0/999", "2/", "x/y"],
)
def test_what_no_epoch_has_is_not_found(restored: Restored, path: str) -> None:
    key = restored.doors.key("audit:read")
    answer = restored.doors.ask("GET", f"/log/epochs/{path}", key=key)
    assert (answer.status, answer.code) == (404, "NOT_FOUND")


def test_new_receipts_are_of_the_new_epoch_and_old_ones_verify(restored: Restored) -> None:
    path = f"/v1/transfers/{restored.kept['transfer']}/receipt"
    new = restored.doors.ask("GET", path, key=restored.doors.emitter).text
    for text, epoch in ((restored.receipt, 1), (new, 2)):
        SignedNote.read(LogReceipt.read(text).note).verified(
            [_log(restored.doors).of(epoch).verifier]
        )
    assert LogReceipt.read(restored.receipt).extra == LogReceipt.read(new).extra


@every("name", ["after", "as_of"])
def test_a_position_that_was_lost_is_answered_with_the_epoch(restored: Restored, name: str) -> None:
    doors, gone = restored.doors, restored.lost.checkpoint.size + 50
    asked = {
        "identifiers": [{"scheme": "member", "id": "M-0042-7781"}],
        "case": "C-2026-0031",
        "reason": "開示請求の調査",
        name: gone,
    }
    answer = doors.ask("POST", "/v1/histories", asked, key=doors.key("records:read"))
    assert (answer.status, answer.code) == (422, "LOG_EPOCH_CHANGED"), answer.text
    assert answer.errors == {f"/{name}": "LOG_EPOCH_CHANGED"}
    told = answer.body
    assert (told["epoch"], told["position"]) == (2, gone)
    assert told["parted_after"] == restored.lost.parted_after
    assert told["head"] >= restored.new.size
