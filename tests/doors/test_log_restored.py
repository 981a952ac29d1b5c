"""Between a restore behind the log and its next epoch no receipt is made that proves nothing."""

import dataclasses
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from api.container import Container
from api.server.secrets import secrets_of
from api.settings.settings import Settings
from api.signed_log import signed_log
from ledger.format.header import event_hash
from ledger.merkle import leaf_hash, verify_inclusion
from ledger.merkle.checkpoint import Checkpoint, LogReceipt
from tests.database import Database
from tests.doors.corridor import SETTINGS, Corridor, open_doors
from tests.doors.samples import provision
from tests.doors.test_log_epochs import set_back


@dataclasses.dataclass(frozen=True)
class Restored:
    """A ledger that was restored behind its last checkpoint and went on; nobody has acted yet.

    Attributes:
        lost: what is signed still.
        kept: recorded before the backup, `new` after the restore.
    """

    doors: Corridor
    lost: Checkpoint
    kept: dict[str, str]
    new: dict[str, str]


def signed(settings: Settings, doors: Corridor) -> Checkpoint:
    """What the integrator signs at first."""
    log = signed_log(settings)
    assert log is not None
    house = Container(doors.urls, settings.name, secrets_of(settings))
    try:
        return log.integrator(house.reads, house.reader).begin()
    finally:
        house.close()


@pytest.fixture
def restored(database: Database, tmp_path: Path) -> Iterator[Restored]:
    settings = dataclasses.replace(
        SETTINGS,
        log_origin="ledger.example.jp/doors",
        log_key=sha256(b"log of the doors").digest(),
        log_dir=tmp_path / "tiles",
        log_anchor=tmp_path / "anchor",
    )
    with open_doors(database.urls, settings, followed=False) as doors:
        kept = doors.record(provision())
        doors.record(provision())
        doors.record(provision())
        lost = signed(settings, doors)
    set_back(database, int(kept["position"]))
    with psycopg.connect(database.admin) as connection:
        # A restore brings back no ciphertext either of what was recorded later.
        connection.execute(
            "DELETE FROM ledger.sealed_parts WHERE position > %s", (int(kept["position"]),)
        )
    with open_doors(database.urls, settings, followed=False) as doors:
        new = doors.record(provision())
        assert int(new["position"]) <= lost.size
        yield Restored(doors, lost, kept, new)


def test_what_the_signed_log_does_not_hold_gets_no_receipt(restored: Restored) -> None:
    doors = restored.doors
    answer = doors.ask(
        "GET", f"/v1/transfers/{restored.new['transfer']}/receipt", key=doors.emitter
    )
    assert (answer.status, answer.code) == (503, "LOG_DIFFERS"), answer.text
    assert answer.body["retryable"] is False
    assert "tlog-proof" not in answer.text


def test_what_both_histories_hold_is_proven_by_what_was_signed(restored: Restored) -> None:
    doors, lost = restored.doors, restored.lost
    answer = doors.ask(
        "GET", f"/v1/transfers/{restored.kept['transfer']}/receipt", key=doors.emitter
    )
    assert answer.status == 200, answer.text
    read = LogReceipt.read(answer.text)
    leaf = leaf_hash(event_hash(read.extra))
    assert verify_inclusion(leaf, read.index, lost.size, read.path, lost.root)
