"""The signed log over HTTP: a stranger verifies it from checkpoint, tiles and headers."""

import dataclasses
import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.container import Container
from api.server.secrets import secrets_of
from api.settings.settings import Settings
from api.signed_log import signed_log
from ledger.clock import now
from ledger.crypto.notes import KeyType, Signature, SignedNote, Verifier
from ledger.crypto.policy import Policy
from ledger.crypto.pseudonyms import random_uuid
from ledger.crypto.seed_signer import SeedSigner
from ledger.format.header import event_hash
from ledger.log.epoch import StartLogEpoch
from ledger.merkle import leaf_hash, verify_inclusion
from ledger.merkle.checkpoint import Checkpoint, LogReceipt
from ledger.merkle.tiled_tree import TiledTree
from ledger.merkle.tiles import Tile
from projections.log.epochs import EndedLog, ended
from projections.log.signed_log import SignedLog
from tests.database import Database, Server, cloned_database
from tests.doors.corridor import SETTINGS, Corridor, open_doors
from tests.doors.samples import OTHER_SOURCE, provision
from tests.matrix import every

ORIGIN = "ledger.example.jp/doors"


def settings_in(folder: Path, **changes: Any) -> Settings:  # noqa: ANN401 -- any member
    """Those of a ledger whose log is signed."""
    return dataclasses.replace(
        SETTINGS,
        log_origin=ORIGIN,
        log_key=sha256(b"log of the doors").digest(),
        log_dir=folder / "tiles",
        log_anchor=folder / "anchor",
        **changes,
    )


@pytest.fixture(scope="module")
def signed(
    shared_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Corridor]:
    with open_doors(shared_database.urls, settings_in(tmp_path_factory.mktemp("log"))) as opened:
        yield opened


def log_of(doors: Corridor) -> SignedLog:
    found = signed_log(doors.app.state.services.settings)
    assert found is not None
    return found


@contextmanager
def house_of(doors: Corridor) -> Generator[Container]:
    settings = doors.app.state.services.settings
    with closing(Container(doors.urls, settings.name, secrets_of(settings))) as house:
        yield house


def sign(doors: Corridor) -> Checkpoint:
    """What the integrator does every few seconds."""
    log = log_of(doors)
    with house_of(doors) as house:
        integrator = log.integrator(house.reads, house.reader)
        return integrator.begin() if log.anchor.read() is None else integrator.step()


def fetched(doors: Corridor, path: str) -> bytes:
    got = doors.client.get(path, headers={"Authorization": f"Bearer {doors.key('audit:read')}"})
    assert got.status_code == 200, got.text
    return got.content


def receipt_of(
    signed: Corridor, recorded: Mapping[str, object]
) -> tuple[SignedNote, Checkpoint, LogReceipt]:
    """The receipt, whose path leads to its checkpoint."""
    got = signed.ask("GET", f"/v1/transfers/{recorded['transfer']}/receipt", key=signed.emitter)
    assert got.status == 200, got.text
    assert got.headers["content-disposition"].endswith('.tlog-proof"')
    assert "M-0042" not in got.text
    receipt = LogReceipt.read(got.text)
    note = SignedNote.read(receipt.note)
    told = Checkpoint.read(note.text)
    leaf = sha256(b"\0" + sha256(b"ppl/event/1\0" + receipt.extra).digest()).digest()
    assert verify_inclusion(leaf, receipt.index, told.size, receipt.path, told.root)
    return note, told, receipt


def test_an_emitter_verifies_its_receipt_offline(signed: Corridor) -> None:
    recorded = [signed.record(provision()) for _ in range(3)]
    sign(signed)
    signed.record(provision())  # more is recorded than is signed
    for one in recorded:
        note, _, receipt = receipt_of(signed, one)
        note.verified([log_of(signed).verifier])
        header = json.loads(receipt.extra)
        assert (header["stream"], receipt.index + 1) == (one["transfer"], one["position"])


def test_the_root_follows_from_the_tiles_and_the_tiles_from_the_headers(signed: Corridor) -> None:
    for _ in range(5):
        signed.record(provision())
    newest = sign(signed)
    note = SignedNote.read(fetched(signed, "/log/checkpoint").decode())
    log = signed_log(signed.app.state.services.settings)
    assert log is not None
    note.verified([log.verifier])
    told = Checkpoint.read(note.text)
    assert told == newest
    assert told.origin == ORIGIN
    tree = TiledTree(told.size, lambda tile: fetched(signed, f"/log/{tile.name}"))
    assert tree.root() == told.root
    rows = signed.fetch("SELECT state FROM ledger.events ORDER BY notification_id")
    headers = [bytes(state) for (state,) in rows][: told.size]
    leaves = [
        sha256(b"\0" + sha256(b"ppl/event/1\0" + header).digest()).digest() for header in headers
    ]
    tile = Tile(0, 0, told.size)
    assert fetched(signed, f"/log/{tile.name}") == b"".join(leaves)


def test_tiles_may_be_kept_for_ever_and_the_checkpoint_may_not(signed: Corridor) -> None:
    signed.record(provision())
    tile = Tile(0, 0, sign(signed).size)
    key = signed.key("exports:read")
    kept = signed.ask("GET", f"/log/{tile.name}", key=key).headers
    assert "immutable" in kept["cache-control"]
    assert kept["content-type"] == "application/octet-stream"
    newest = signed.ask("GET", "/log/checkpoint", key=key).headers
    assert newest["cache-control"] == "private, max-age=1"
    assert newest["content-type"] == "text/plain; charset=utf-8"


@every("name", ["0/999", "0/00", "0/../checkpoint", "entries/000", "64/000", "0/x001", "", "%00"])
def test_what_is_no_tile_of_the_tree_is_not_found(signed: Corridor, name: str) -> None:
    answer = signed.ask("GET", f"/log/tile/{name}", key=signed.key("audit:read"))
    assert (answer.status, answer.code) == (404, "NOT_FOUND")


def test_a_receipt_is_asked_for_again_until_the_log_is_signed_so_far(signed: Corridor) -> None:
    sign(signed)
    one = signed.record(provision())
    path = f"/v1/transfers/{one['transfer']}/receipt"
    answer = signed.ask("GET", path, key=signed.emitter)
    assert (answer.status, answer.code) == (503, "CHECKPOINT_PENDING")
    sign(signed)
    assert signed.ask("GET", path, key=signed.emitter).status == 200


def test_another_emitter_gets_no_receipt(signed: Corridor) -> None:
    one = signed.record(provision())
    sign(signed)
    other = signed.key("events:read.own", source=OTHER_SOURCE)
    for transfer in (one["transfer"], "0b0e2c5e-7a57-8000-8000-000000000001"):
        answer = signed.ask("GET", f"/v1/transfers/{transfer}/receipt", key=other)
        assert (answer.status, answer.code) == (404, "NOT_FOUND")


def test_a_ledger_without_a_key_has_no_log(database: Database) -> None:
    with open_doors(database.urls, followed=False) as corridor:
        for path in ("/log/checkpoint", "/log/tile/0/000", "/log/cosigned"):
            answer = corridor.ask("GET", path, key=corridor.key("audit:read"))
            assert (answer.status, answer.code) == (404, "NOT_FOUND")


# -- What witnesses cosigned, over HTTP: receipts carry it as soon as it is there --


WITNESS = SeedSigner("w1.example", b"1" * 32)
KEY = Verifier(WITNESS.name, WITNESS.verifier.public, KeyType.COSIGNATURE)
POLICY = Policy.read(f"witness one {KEY.text}\nquorum one\n".encode())


@pytest.fixture
def with_witness(database: Database, tmp_path: Path) -> Iterator[Corridor]:
    with open_doors(database.urls, settings_in(tmp_path, log_witness_policy=POLICY)) as opened:
        yield opened


def cosign(signed: Corridor) -> None:
    """What a witness does, and what is kept of it."""
    log = log_of(signed)
    note = SignedNote.read(log.published()[0])
    seconds = 1_700_000_000
    made = WITNESS.sign(f"cosignature/v1\ntime {seconds}\n{note.text}".encode())
    cosignature = Signature(KEY.name, KEY.id, seconds.to_bytes(8, "big") + made)
    assert log.cosigned is not None
    assert log.cosigned.add(note.text, note.signatures[0], POLICY.witnesses["one"], cosignature)


def test_a_receipt_carries_cosignatures_when_there_are_any(
    with_witness: Corridor,
) -> None:
    log, both = log_of(with_witness), [log_of(with_witness).verifier, KEY]
    first = with_witness.record(provision())
    sign(with_witness)
    note, told, _ = receipt_of(with_witness, first)
    assert [key for key, _ in note.verified(both)] == [log.verifier]
    cosign(with_witness)
    note, cosigned, _ = receipt_of(with_witness, first)
    assert [key for key, _ in note.verified(both)] == both
    assert cosigned == told
    # What is signed and not cosigned yet is proven without a witness, what was cosigned with it.
    second = with_witness.record(provision())
    sign(with_witness)
    note, told, _ = receipt_of(with_witness, second)
    assert [key for key, _ in note.verified(both)] == [log.verifier]
    assert told.size > cosigned.size
    note, told, _ = receipt_of(with_witness, first)
    assert [key for key, _ in note.verified(both)] == both
    assert told == cosigned


def test_auditors_read_the_newest_cosigned_checkpoint(with_witness: Corridor) -> None:
    key = with_witness.key("audit:read")
    assert (
        with_witness.ask("GET", "/log/cosigned", key=with_witness.emitter).code == "SCOPE_MISSING"
    )
    assert with_witness.ask("GET", "/log/cosigned", key=None).status == 401
    with_witness.record(provision())
    sign(with_witness)
    answer = with_witness.ask("GET", "/log/cosigned", key=key)
    assert (answer.status, answer.code) == (503, "CHECKPOINT_PENDING")
    cosign(with_witness)
    answer = with_witness.ask("GET", "/log/cosigned", key=key)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "private, max-age=1"
    note = SignedNote.read(answer.text)
    assert len(note.verified([log_of(with_witness).verifier, KEY])) == 2
    # What nobody cosigned as the policy says now is not handed out as if they had.
    other = SeedSigner("w2.example", b"2" * 32).verifier.public
    line = Verifier("w2.example", other, KeyType.COSIGNATURE).text
    stricter = Policy.read(
        f"witness one {KEY.text}\nwitness two {line}\ngroup g all one two\nquorum g\n".encode()
    )
    log = dataclasses.replace(log_of(with_witness), policy=stricter)
    assert log.cosigned is not None
    assert log.cosigned.newest() is None


# -- Between a restore behind the log and its next epoch no receipt is made that proves nothing --


@dataclasses.dataclass(frozen=True)
class Restored:
    """A ledger that was restored behind its last checkpoint and went on; nobody has acted yet.

    Attributes:
        lost: what is signed_of_log_restored still.
        kept: recorded before the backup, `new` after the restore.
    """

    doors: Corridor
    lost: Checkpoint
    kept: dict[str, str]
    new: dict[str, str]


@pytest.fixture
def restored(database: Database, tmp_path: Path) -> Iterator[Restored]:
    settings = settings_in(tmp_path)
    with open_doors(database.urls, settings, followed=False) as doors:
        kept, _, _ = (doors.record(provision()) for _ in range(3))
        lost = sign(doors)
    set_back(database, int(kept["position"]))
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


# -- A log that went on in another epoch, over HTTP: where it goes on, and what stays --


@dataclasses.dataclass(frozen=True)
class NextEpoch:
    """A ledger that was in_epoch_2 behind its last checkpoint, and began an epoch."""

    doors: Corridor
    lost: EndedLog
    new: Checkpoint
    kept: dict[str, str]
    receipt: str


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
def in_epoch_2(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NextEpoch]:
    settings = settings_in(tmp_path_factory.mktemp("epochs"))
    with cloned_database(server) as database:
        with open_doors(database.urls, settings) as doors:
            kept = doors.record(provision())
            doors.record(provision())
            behind = doors.head()
            doors.record(provision())
            sign(doors)
            path = f"/v1/transfers/{kept['transfer']}/receipt"
            receipt = doors.ask("GET", path, key=doors.emitter).text
            set_back(database, behind)
            with house_of(doors) as house:
                lost, new = begin_epoch(house, log_of(doors))
        with open_doors(database.urls, settings) as doors:
            yield NextEpoch(doors, lost, new, kept, receipt)


def set_back(database: Database, position: int) -> None:
    """As a restore of an older state does."""
    with psycopg.connect(database.admin) as connection:
        for table in ("events", "head"):
            connection.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL")
        connection.execute("DELETE FROM ledger.events WHERE notification_id > %s", (position,))
        connection.execute("UPDATE ledger.head SET position = %s", (position,))
        # A restore brings back no ciphertext either of what was recorded later.
        connection.execute("DELETE FROM ledger.sealed_parts WHERE position > %s", (position,))
        for table in ("events", "head"):
            connection.execute(f"ALTER TABLE ledger.{table} ENABLE TRIGGER ALL")


def test_each_epoch_has_its_checkpoint_and_tiles_under_its_own_address(
    in_epoch_2: NextEpoch,
) -> None:
    doors, lost, new = (
        in_epoch_2.doors,
        in_epoch_2.lost,
        in_epoch_2.new,
    )
    for prefix, epoch, checkpoint in (
        ("/log", 1, lost.checkpoint),
        ("/log/epochs/2", 2, new),
    ):
        note = SignedNote.read(fetched(doors, f"{prefix}/checkpoint").decode())
        note.verified([log_of(doors).of(epoch).verifier])
        assert Checkpoint.read(note.text) == checkpoint
        tree = TiledTree(
            checkpoint.size,
            lambda tile, at=prefix: fetched(doors, f"{at}/{tile.name}"),
        )
        assert tree.root() == checkpoint.root
    assert (lost.checkpoint.origin, new.origin) == (ORIGIN, "ledger.example.jp/epoch-2/doors")


def test_the_ended_epoch_says_where_the_log_goes_on(
    in_epoch_2: NextEpoch,
) -> None:
    doors = in_epoch_2.doors
    key = doors.key("audit:read")
    old = doors.ask("GET", "/log/checkpoint", key=key)
    assert old.headers["link"] == '</log/epochs/2/checkpoint>; rel="latest-version"'
    assert "link" not in doors.ask("GET", "/log/epochs/2/checkpoint", key=key).headers


@every(
    "path",
    ["1/checkpoint", "3/checkpoint", "02/checkpoint", "2/anchor", "2/tile/0/999", "2/", "x/y"],
)
def test_what_no_epoch_has_is_not_found(in_epoch_2: NextEpoch, path: str) -> None:
    key = in_epoch_2.doors.key("audit:read")
    answer = in_epoch_2.doors.ask("GET", f"/log/epochs/{path}", key=key)
    assert (answer.status, answer.code) == (404, "NOT_FOUND")


def test_new_receipts_are_of_the_new_epoch_and_old_ones_verify(
    in_epoch_2: NextEpoch,
) -> None:
    path = f"/v1/transfers/{in_epoch_2.kept['transfer']}/receipt"
    new = in_epoch_2.doors.ask("GET", path, key=in_epoch_2.doors.emitter).text
    for text, epoch in ((in_epoch_2.receipt, 1), (new, 2)):
        SignedNote.read(LogReceipt.read(text).note).verified(
            [log_of(in_epoch_2.doors).of(epoch).verifier]
        )
    assert LogReceipt.read(in_epoch_2.receipt).extra == LogReceipt.read(new).extra


@every("name", ["after", "as_of"])
def test_a_position_that_was_lost_is_answered_with_the_epoch(
    in_epoch_2: NextEpoch, name: str
) -> None:
    doors, gone = in_epoch_2.doors, in_epoch_2.lost.checkpoint.size + 50
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
    assert told["parted_after"] == in_epoch_2.lost.parted_after
    assert told["head"] >= in_epoch_2.new.size
