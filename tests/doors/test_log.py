"""The signed log over HTTP: a stranger verifies it from checkpoint, tiles and headers."""

import dataclasses
import json
from collections.abc import Iterator
from hashlib import sha256

import pytest

from api.container import Container
from api.server.secrets import secrets_of
from api.signed_log import signed_log
from ledger.crypto.notes import SignedNote
from ledger.merkle import verify_inclusion
from ledger.merkle.checkpoint import Checkpoint, LogReceipt
from ledger.merkle.tiled_tree import TiledTree
from ledger.merkle.tiles import Tile
from tests.database import Database
from tests.doors.corridor import SETTINGS, Corridor, open_doors
from tests.doors.samples import OTHER_SOURCE, provision
from tests.matrix import every

ORIGIN = "ledger.example.jp/doors"


@pytest.fixture(scope="module")
def signed(
    shared_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Corridor]:
    folder = tmp_path_factory.mktemp("log")
    settings = dataclasses.replace(
        SETTINGS,
        log_origin=ORIGIN,
        log_key=sha256(b"log of the doors").digest(),
        log_dir=folder / "tiles",
        log_anchor=folder / "anchor",
    )
    with open_doors(shared_database.urls, settings) as opened:
        yield opened


def sign(signed: Corridor) -> Checkpoint:
    """What the integrator does every few seconds."""
    services = signed.app.state.services
    log = signed_log(services.settings)
    assert log is not None
    house = Container(signed.urls, services.settings.name, secrets_of(services.settings))
    try:
        integrator = log.integrator(house.reads, house.reader)
        return integrator.begin() if log.anchor.read() is None else integrator.step()
    finally:
        house.close()


def fetched(signed: Corridor, path: str) -> bytes:
    key = signed.key("audit:read")
    got = signed.client.get(path, headers={"Authorization": f"Bearer {key}"})
    assert got.status_code == 200, got.text
    return got.content


def test_before_the_first_checkpoint_the_answer_is_to_come_again(signed: Corridor) -> None:
    answer = signed.ask("GET", "/log/checkpoint", key=signed.key("audit:read"))
    if answer.status == 200:
        return  # another test of this file signed before
    assert (answer.status, answer.code) == (503, "CHECKPOINT_PENDING")
    assert answer.headers["retry-after"]


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


def test_an_emitter_verifies_its_receipt_offline(signed: Corridor) -> None:
    recorded = [signed.record(provision()) for _ in range(3)]
    sign(signed)
    signed.record(provision())  # more is recorded than is signed
    log = signed_log(signed.app.state.services.settings)
    assert log is not None
    for one in recorded:
        got = signed.ask("GET", f"/v1/transfers/{one['transfer']}/receipt", key=signed.emitter)
        assert got.status == 200, got.text
        assert got.headers["content-disposition"].endswith('.tlog-proof"')
        receipt = LogReceipt.read(got.text)
        note = SignedNote.read(receipt.note)
        note.verified([log.verifier])
        told = Checkpoint.read(note.text)
        header = json.loads(receipt.extra)
        assert (header["stream"], receipt.index + 1) == (one["transfer"], one["position"])
        leaf = sha256(b"\0" + sha256(b"ppl/event/1\0" + receipt.extra).digest()).digest()
        assert verify_inclusion(leaf, receipt.index, told.size, receipt.path, told.root)
        assert "M-0042" not in got.text


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
        for path in ("/log/checkpoint", "/log/tile/0/000"):
            answer = corridor.ask("GET", path, key=corridor.key("audit:read"))
            assert (answer.status, answer.code) == (404, "NOT_FOUND")
