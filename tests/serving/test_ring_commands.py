"""The key ring: rotated beside a writer, lost, recovered, destroyed; what its commands refuse."""

import threading
import time
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from api.container import Container
from api.server.container_opener import check_keys
from api.server.container_opener import opened as opened_house
from api.server.key_ring_check import RingSample, RingTable
from api.server.secrets import OtherMastersError
from ledger.clock import day_in_japan, now
from ledger.crypto.epoch import KeyWorkRefusedError, demo_masters, demo_secret
from ledger.crypto.epoch_names import week_of
from ledger.crypto.escrow import copy_of
from ledger.crypto.pseudonyms import random_uuid
from ledger.crypto.ring_check import open_files
from ledger.retention.journal_file import ERASURES
from ledger.store.advisory_lock import LeaseLostError, exclusive_lock
from ledger.store.connections import PURGER, Connections
from tests.database import Database
from tests.journals import ROW_MAC, journal_in
from tests.matrix import every
from tests.serving.houses import house_of, record
from tests.serving.processes import command, environment
from tests.serving.sealed_place import FIRST, NEXT, WARNED, EarlierPlace, Place
from tests.store.samples import end_lock


@pytest.fixture
def place(tmp_path: Path, database: Database) -> Place:
    return Place(tmp_path, database)


def readable(house: Container) -> int:
    """How many events open."""
    facts = house.reads.facts_after(0, 1_000)
    return sum(one.content is not None for one in house.streams.opened(facts))


def sample_of(house: Container) -> RingSample:
    return RingSample(house.writer, house.secret.row_mac)


def epochs_in(database: Database) -> dict[str, int]:
    with psycopg.connect(database.admin) as connection:
        return dict(
            connection.execute(
                "SELECT epoch, count(*) FROM ledger.data_keys GROUP BY epoch"
            ).fetchall()
        )


def test_a_lost_master_is_recovered_from_escrow(place: Place) -> None:
    urls, master = place.database.urls, place.epochs / "2026-W48"
    with house_of(urls, place.settings) as house:
        record(house, "1", "2")
    code, lines = place.run("check")
    assert code == 1
    assert "epoch-2026-W48 has no copy in escrow" in lines
    assert "ledger-secret has no copy in escrow" in lines
    assert place.run("escrow") == (
        0,
        ["ledger-secret: written", "epoch-2026-W48: written"],
    )
    assert place.run("escrow")[1] == ["ledger-secret: is there", "epoch-2026-W48: is there"]
    assert place.run("check", "--all", "--identity", str(place.folder / "identity")) == (
        0,
        [WARNED, "0 faults"],
    )
    lost = master.read_bytes()
    master.write_text("00" * 32)
    with (
        pytest.raises(OtherMastersError, match="does not open"),
        opened_house(place.settings, urls),
    ):
        pass
    code, lines = place.run("check")
    assert code == 1
    assert any(line.endswith("a row of the key ring does not open") for line in lines)
    assert "the copy epoch-2026-W48 in escrow is of another key than the one in use" in lines
    master.rename(place.epochs / "2026-W47")
    with (
        pytest.raises(OtherMastersError, match="2026-W48 of a living key is not there"),
        opened_house(place.settings, urls),
    ):
        pass
    code, lines = place.run("check")
    assert code == 1
    assert "the epoch master 2026-W48 is not there: it wraps 1 living keys" in lines
    # The one who recovers has the copies and the identity, and nothing else.
    recover = ("--recover", "2026-W48", "--identity", str(place.folder / "identity"))
    given = {name: "" for name in place.given if name != "LEDGER_ESCROW_DIR"}
    (place.epochs / "2026-W47").unlink()
    alone = "the epoch master 2026-W48 is in escrow alone: backups of its time do not open"
    assert any(line.startswith(alone) for line in lines)
    code, lines = place.run("escrow", *recover, "--into", str(place.epochs), **given)
    assert (code, lines) == (0, [f"written: {master}"])
    assert (master.read_bytes(), master.stat().st_mode & 0o777) == (lost, 0o600)
    with opened_house(place.settings, urls) as house:
        assert readable(house) == 2
    code, lines = place.run("escrow", *recover, "--into", str(place.epochs), **given)
    assert (code, lines) == (1, ["ledger: the file is there already; it is not replaced"])
    secret = ("--recover", "secret", "--identity", str(place.folder / "identity"))
    assert place.run("escrow", *secret, "--into", str(place.folder / "new"), **given)[0] == 0
    found = (place.folder / "new" / "secret").read_bytes()
    assert found == (place.folder / "sealed" / "secret").read_bytes()


def test_a_rotation_runs_beside_a_writer_and_loses_nothing(place: Place) -> None:
    place.rotate(FIRST)
    stop, sent = threading.Event(), list[str]()
    with house_of(place.database.urls, place.settings) as house:

        def write() -> None:
            while not stop.is_set():
                record(house, f"writer-{len(sent)}")
                house.keys.forget(row.key_id for row in sample_of(house).rows())
                sent.append("")

        writing = threading.Thread(target=write)
        writing.start()
        try:
            for week in range(1, 4):
                while len(sent) < week * 5:
                    time.sleep(0.01)
                place.rotate(FIRST + timedelta(days=7 * week))
        finally:
            stop.set()
            writing.join(30)
        assert len(sent) >= 15
        place.rotate(FIRST + timedelta(days=21))
        check_keys(house)
        assert readable(house) == len(sent)
    assert set(epochs_in(place.database)) == {"2026-W51"}


def test_a_destroyed_epoch_makes_an_old_copy_of_the_table_unreadable(place: Place) -> None:
    place.rotate(FIRST)
    with house_of(place.database.urls, place.settings) as house:
        record(house, "1")
    with psycopg.connect(place.database.admin, autocommit=True) as connection:
        connection.execute("CREATE TABLE backup AS SELECT * FROM ledger.data_keys")
        place.rotate(NEXT)
        place.rotate(NEXT + timedelta(days=60))
        assert "2026-W48" not in {file.name for file in place.epochs.iterdir()}
        copies = {file.name for file in (place.folder / "escrow").iterdir()}
        assert not any(name.startswith(copy_of("2026-W48")) for name in copies)
        with house_of(place.database.urls, place.settings) as house:
            assert readable(house) == 1
        connection.execute(
            "UPDATE ledger.data_keys AS k SET epoch = b.epoch, wrapped = b.wrapped"
            " FROM backup AS b WHERE b.key_id = k.key_id"
        )
        with (
            pytest.raises(OtherMastersError, match="2026-W48 of a living key is not there"),
            opened_house(place.settings, place.database.urls),
        ):
            pass


def test_a_rotation_that_is_killed_goes_on_the_next_time(
    tmp_path: Path, database: Database
) -> None:
    place = EarlierPlace(tmp_path, database)
    old, new = week_of(EarlierPlace.first_day), week_of(day_in_japan(now()))
    with house_of(database.urls, place.settings) as house:
        record(house, "1")
        for n in range(1_500):
            house.keys.key_for("record", day=date(2040, 1, 1) + timedelta(days=n))
    given = environment(**place.given)
    with command("keys", "rotate", given=given) as rotating:
        while new not in epochs_in(database):
            assert rotating.process.poll() is None, rotating.text
            time.sleep(0.01)
        rotating.process.kill()
        rotating.end()
    assert set(epochs_in(database)) == {old, new}
    with opened_house(place.settings, database.urls) as house:
        assert readable(house) == 1
    code, lines = place.run("rotate")
    assert (code, lines[0]) == (0, f"epoch {new} goes on")
    assert lines[-1].startswith(f"epoch master {old} waits for the backups of its time, until ")
    assert epochs_in(database) == {new: 1_501}
    assert place.run("check", "--all") == (0, [WARNED, "0 faults"])


def test_every_row_that_does_not_open_is_named_or_counted(place: Place) -> None:
    place.rotate(FIRST)
    with house_of(place.database.urls, place.settings) as house:
        for n in range(30):
            house.keys.key_for("record", day=NEXT + timedelta(days=n))
    with psycopg.connect(place.database.admin) as connection:
        connection.execute("UPDATE ledger.data_keys SET wrapped = decode(repeat('5a', 60), 'hex')")
    code, lines = place.run("check", "--all")
    assert code == 1
    assert sum("does not open" in line for line in lines) == 20
    assert lines[-2:] == ["10 more rows of the key ring do not open", "21 faults"]
    code, lines = place.run("check")
    assert (code, lines[-1]) == (1, "21 faults")
    (place.folder / "sealed" / "secret").write_text("5e" * 32)
    code, lines = place.run("check")
    assert lines[1] == "the ledger secret is not the one this ledger was begun with"
    assert "the copy ledger-secret in escrow is of another key than the one in use" in lines


def test_only_one_process_changes_the_masters(place: Place) -> None:
    with psycopg.connect(place.database.admin) as connection:
        connection.execute("SELECT pg_advisory_lock(7091726530417)")
        with pytest.raises(KeyWorkRefusedError, match="another process"):
            place.rotate(FIRST)
    # Whoever was overtaken is not told which masters are idle.
    with (
        closing(Connections(place.database.urls.purger, PURGER)) as purger,
        exclusive_lock(purger, 1) as one,
    ):
        table = RingTable(purger, ROW_MAC, one)
        assert table.idle_since(["2026-W01"], FIRST) == {"2026-W01": FIRST}
        end_lock(place.database)
        with exclusive_lock(purger, 1) as other:
            assert other is not None
            with pytest.raises(LeaseLostError):
                table.idle_since(["2026-W01"], FIRST)


def test_readiness_sees_a_missing_epoch_among_many(place: Place) -> None:
    place.rotate(FIRST)
    with house_of(place.database.urls, place.settings) as house:
        sample = sample_of(house)
        record(house, "1")
        house.keys.masters.create("2026-W49", lambda _: None)
        house.keys.key_for("record", day=date(2041, 1, 1))
        check_keys(house, sample)
        assert {row.epoch for row in sample.rows()} == {"2026-W48", "2026-W49"}
        house.keys.masters.destroy("2026-W48")
        with pytest.raises(OtherMastersError, match="2026-W48"):
            check_keys(house, sample)


SET_BOTH = "set LEDGER_ESCROW_RECIPIENT and LEDGER_ESCROW_DIR"
DIR = "LEDGER_EPOCH_MASTER_DIR"


REFUSED: dict[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "rotate without escrow": (
        ("rotate",),
        {"LEDGER_ESCROW_RECIPIENT": "", "LEDGER_ESCROW_DIR": ""},
        f"ledger: a new epoch master needs a copy in escrow before it wraps anything: {SET_BOTH}",
    ),
    "a service in clear": (
        ("check",),
        {DIR: "", "LEDGER_KMS_URL": "http://kms.example.jp/v1/transit"},
        "ledger: LEDGER_KMS_URL: expected https://…, or http on this machine itself",
    ),
}


@every("refused", REFUSED)
def test_what_cannot_be_done_is_said_in_a_sentence(place: Place, refused: str) -> None:
    words, given, sentence = REFUSED[refused]
    code, lines = place.run(*words, **given)
    assert (code, lines[-1]) == (1, sentence)


def test_the_published_keys_of_the_demonstration_are_named(place: Place) -> None:
    [(name, master)] = demo_masters().masters.items()
    code, lines = place.run(
        "check",
        LEDGER_EPOCH_MASTER_DIR="",
        LEDGER_EPOCH_MASTER=f"{name}:{master.hex()}",
        LEDGER_SECRET_FILE="",
        LEDGER_SECRET=demo_secret().hex(),
    )
    assert code == 1
    assert "a key of the demonstration is in use: it is published and protects nothing" in lines


def test_secrets_that_others_may_read_are_faults(place: Place) -> None:
    place.rotate(FIRST)
    assert place.run("check") == (0, [WARNED, "0 faults"])
    journal = journal_in(place.folder / "journal")
    journal.begin(random_uuid(), now())
    opened = {
        "the file of LEDGER_SECRET_FILE": (place.folder / "sealed" / "secret", 0o644),
        "the file of the epoch master 2026-W48": (place.epochs / "2026-W48", 0o640),
        "erasures.ndjson of the erasure journal": (journal.folder / ERASURES, 0o602),
    }
    for path, mode in opened.values():
        path.chmod(mode)
    code, lines = place.run("check")
    assert code == 1
    assert sorted(lines[1:-1]) == sorted(
        f"{told} is open to others than its owner (mode {mode:04o}): chmod 600, and take what it "
        "holds for read by whoever could"
        for told, (_, mode) in opened.items()
    )
    for path, _ in opened.values():
        path.chmod(0o600)
    assert place.run("check")[0] == 0


def test_what_a_deployment_mounted_is_its_own_affair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    file.write_text("")
    file.chmod(0o444)
    found = {"it": file, "what is not there": tmp_path / "none", "no file": tmp_path}
    assert [fault.split(" is open")[0] for fault in open_files(found)] == ["it"]
    monkeypatch.setattr("os.geteuid", lambda: file.stat().st_uid + 1)
    assert list(open_files(found)) == []


def test_a_lost_master_is_to_be_recovered_and_leaves_no_other_in_its_place(
    tmp_path: Path, database: Database
) -> None:
    place = EarlierPlace(tmp_path, database)
    assert place.run("rotate")[0] == 0
    before = {file.name for file in place.epochs.iterdir()}
    lost = place.epochs / max(before)
    lost.rename(place.folder / "away")
    place.run("rotate")
    code, lines = place.run("rotate")
    assert code == 1
    assert lines[-1].startswith(f"ledger: the epoch master {lost.name} is lost: ")
    assert f"ledger keys escrow --recover {lost.name}" in lines[-1]
    assert "move" not in lines[-1]
    assert {file.name for file in place.epochs.iterdir()} == before - {lost.name}


def states(place: Place) -> dict[str, str]:
    """Id → state of each key, as the list tells them."""
    code, lines = place.run("list")
    assert code == 0, lines
    cells = [[cell.strip() for cell in line.split("│")] for line in lines if "│" in line]
    return {one[1]: one[3] for one in cells}


def test_keys_of_before_rows_had_macs_are_confirmed_by_their_ids_and_changed_ones_never(
    place: Place, database: Database
) -> None:
    for label in ("old", "changed", "new"):
        code, lines = place.run("create", "--label", label, "--scope", "records:read")
        assert code == 0, lines
    with psycopg.connect(database.urls.owner) as connection:
        ids = dict(connection.execute("SELECT label, id FROM ledger.api_keys").fetchall())
        connection.execute("UPDATE ledger.api_keys SET mac = NULL WHERE label = 'old'")
        connection.execute("UPDATE ledger.api_keys SET label = 'c' WHERE label = 'changed'")
    old, changed, new = (ids[label] for label in ("old", "changed", "new"))
    assert states(place) == {old: "unconfirmed", changed: "altered", new: "valid"}
    code, lines = place.run("confirm", old, changed)
    assert code == 1
    assert f"{changed}: there is no unconfirmed key with this id" in lines
    assert states(place) == {old: "valid", changed: "altered", new: "valid"}


def test_no_key_is_made_under_another_secret(place: Place) -> None:
    assert place.run("create", "--label", "a", "--scope", "records:read")[0] == 0
    given = {"LEDGER_SECRET_FILE": "", "LEDGER_SECRET": "ab" * 32}
    code, lines = place.run("create", "--label", "b", "--scope", "records:read", **given)
    assert code == 1
    assert "the ledger secret is not the one this ledger was begun with" in lines[-1]
    assert len(states(place)) == 1
