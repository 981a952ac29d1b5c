"""Base backups that somebody changed who does not hold the ledger secret.

Attack: whoever may write to the folder of a base backup changes the files of the server's
configuration, or adds files that ask for another start, and makes the hashes in its manifest
anew: the restored server would run a command of theirs, as a user who can read the ledger secret.

Held off by: a MAC over the manifest under a subkey of the ledger secret, checked before anything is
put back. A backup without one needs `--accept-unkeyed`; of that one, too, no configuration is
believed: its files are written anew, what runs or loads programs is switched off on the command
line, and signal files, links and tablespaces are refused.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import psycopg
import pytest

from ledger.backup.creation import take
from ledger.backup.manifest import (
    MANIFEST,
    BackupError,
    check_copy,
    check_files,
    files_of,
    read_manifest,
)
from ledger.crypto.epoch import demo_masters, demo_secret
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.postgres.backup import BASE
from ledger.postgres.embedded_server import EmbeddedServer
from ledger.postgres.restore import ForeignFileError, restore_base
from tests.database import LEDGER_NAME
from tests.journals import journal_in
from tests.ledger.inside import inside
from tests.postgres.backups import FAST, LATER, open_up, serving
from tests.postgres.temporary import temporary_folder
from tests.serving.processes import environment, run

SECRET: Final = LedgerSecret(demo_secret(), LEDGER_NAME)
PROGRAMS: Final = (
    "archive_mode",
    "archive_command",
    "restore_command",
    "shared_preload_libraries",
    "session_preload_libraries",
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with temporary_folder(FAST) as made:
        yield made


@pytest.fixture(scope="module")
def good(folder: Path) -> Path:
    """A base backup with a MAC; its journal is beside it."""
    journal = journal_in(folder / "journal")
    with serving(folder / "one") as database, inside(database) as house:
        open_up(journal, database)
        house.record("kept")
        take(folder / "good", database.urls, database.admin, journal, LATER, SECRET)
    return folder / "good"


def changed(good: Path, name: str, change: Callable[[Path], object]) -> Path:
    """A copy with a change in its base, of which the hashes agree with the files."""
    copy = good.parent / name
    shutil.copytree(good, copy, symlinks=True)
    change(copy / BASE)
    path = copy / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "files": files_of(copy)}))
    return copy


def without_mac(backup: Path) -> Path:
    """The same, as a version of before would have made it."""
    path = backup / MANIFEST
    members = json.loads(path.read_bytes())
    path.write_text(
        json.dumps({name: of for name, of in members.items() if name != "mac"} | {"format": 1})
    )
    return backup


def with_commands(mark: Path) -> Callable[[Path], None]:
    """Has the server run `touch` of `mark` in each way that a file of the backup can ask for."""

    def change(base: Path) -> None:
        for name in ("postgresql.conf", "postgresql.auto.conf"):
            with (base / name).open("a") as file:
                file.write(
                    f"\narchive_mode = on\narchive_command = 'touch {mark}'\n"
                    f"restore_command = 'touch {mark}'\nssl = off\nport = 1\n"
                )

    return change


def open_to_all(base: Path) -> None:
    """Lets everybody in, without a password."""
    (base / "pg_hba.conf").write_text("local all all trust\n")


def restoring(folder: Path, backup: Path, home: str, *options: str) -> tuple[int, str, Path]:
    """How `ledger restore` ends, what it says last, and where it was to put the backup."""
    given = environment(
        LEDGER_NAME=LEDGER_NAME,
        LEDGER_HOME=str(folder / home),
        LEDGER_JOURNAL_DIR=str(folder / "journal"),
        LEDGER_SECRET=demo_secret().hex(),
        LEDGER_EPOCH_MASTER=f"demo:{demo_masters().masters['demo'].hex()}",
    )
    code, printed = run("restore", str(backup), *options, given=given)
    assert "Traceback" not in printed, printed
    return code, printed.splitlines()[-1], folder / home


def test_a_backup_as_it_was_made_is_restored(folder: Path, good: Path) -> None:
    code, said, _ = restoring(folder, good, "as-made")
    assert (code, said) == (0, "restored: position 1, 0 keys destroyed again")


def test_a_backup_that_was_changed_is_refused_before_anything_is_put_back(
    folder: Path, good: Path
) -> None:
    backup = changed(good, "changed", with_commands(folder / "never"))
    check_files(backup, read_manifest(backup))  # the hashes alone say nothing
    code, said, home = restoring(folder, backup, "never-made", "--accept-unkeyed")
    assert code == 1
    assert "the MAC of manifest.json is not this ledger's" in said
    without_mac(backup)
    assert read_manifest(backup).mac is None
    code, said, home = restoring(folder, backup, "never-made")
    assert code == 1
    assert "manifest.json has no MAC" in said
    assert "--accept-unkeyed" in said
    assert not home.exists()
    assert not (folder / "never").exists()


def test_every_member_of_the_manifest_counts(good: Path) -> None:
    manifest = read_manifest(good)
    assert manifest.is_of(SECRET.backup_mac)
    assert not manifest.is_of(LedgerSecret(bytes(32), LEDGER_NAME).backup_mac)
    assert not manifest.is_of(LedgerSecret(demo_secret(), "another").backup_mac)
    path = good.parent / "members"
    path.mkdir()
    members = json.loads((good / MANIFEST).read_bytes())
    others: dict[str, object] = {
        "ledger": "another",
        "method": "dump",
        "taken_at": "2026-12-01T00:00:00+00:00",
        "head": 2,
        "root": "00" * 32,
        "postgres": "1",
        "schema": {},
        "epochs": [],
        "journal": False,
        "files": {},
        "mac": "00" * 32,
    }
    assert others.keys() == members.keys() - {"format"}
    unnoticed: list[str] = []
    for name, value in others.items():
        (path / MANIFEST).write_text(json.dumps({**members, name: value}))
        if read_manifest(path).is_of(SECRET.backup_mac):
            unnoticed.append(name)
    assert unnoticed == []


def test_of_a_backup_without_a_mac_no_configuration_is_believed(folder: Path, good: Path) -> None:
    mark = folder / "mark"
    planted = (with_commands(mark), open_to_all)
    backup = without_mac(
        changed(good, "unkeyed", lambda base: [change(base) for change in planted])
    )
    code, said, home = restoring(folder, backup, "accepted", "--accept-unkeyed")
    assert code == 0, said
    with (
        EmbeddedServer(home, FAST) as server,
        psycopg.connect(server.admin_url(), autocommit=True) as connection,
    ):
        shown = {
            name: connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
            for name in PROGRAMS
        }
        assert shown == dict.fromkeys(PROGRAMS, ("",)) | {
            "archive_mode": ("off",),
            "archive_command": ("(disabled)",),  # how an empty one is shown where nothing archives
        }
        files = "SELECT count(*) FROM pg_file_settings"
        assert connection.execute(files).fetchone() == (0,)
        methods = "SELECT DISTINCT auth_method FROM pg_hba_file_rules"
        assert connection.execute(methods).fetchall() == [("scram-sha-256",)]
        connection.execute("SELECT pg_switch_wal()")
    assert not mark.exists()


def test_no_edited_file_has_the_embedded_server_run_a_program(folder: Path) -> None:
    server = EmbeddedServer(folder / "edited", FAST)
    with server:
        pass
    with_commands(folder / "edited-mark")(server.home.data)
    with server, psycopg.connect(server.admin_url(), autocommit=True) as connection:
        assert connection.execute("SHOW archive_mode").fetchone() == ("off",)
        connection.execute("SELECT pg_switch_wal()")
    assert not (folder / "edited-mark").exists()


PLANTED: Final[dict[str, tuple[Callable[[Path], object], str]]] = {
    "standby": (lambda base: (base / "standby.signal").touch(), "standby.signal"),
    "recovery": (lambda base: (base / "recovery.signal").touch(), "recovery.signal"),
    "tablespaces": (lambda base: (base / "tablespace_map").touch(), "tablespace_map"),
    "a tablespace": (lambda base: (base / "pg_tblspc" / "1").mkdir(), "pg_tblspc/1"),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_what_asks_for_another_start_is_refused_and_nothing_stays(
    folder: Path, good: Path, planted: str
) -> None:
    change, name = PLANTED[planted]
    backup = changed(good, f"planted {planted}", change)
    server = EmbeddedServer(folder / "planted", FAST)
    check = partial(check_copy, manifest=read_manifest(backup), name=BASE)
    with pytest.raises(ForeignFileError, match=name):
        restore_base(backup / BASE, server, check)
    assert not server.home.data.exists()
    assert not server.home.fresh.exists()


def test_what_is_exchanged_after_the_check_is_noticed_in_the_copy(folder: Path, good: Path) -> None:
    def linked(base: Path) -> None:
        (base / "postgresql.auto.conf").unlink()
        (base / "postgresql.auto.conf").symlink_to("/etc/hostname")

    met: dict[str, str] = {}
    manifest = read_manifest(good)
    changes: dict[str, Callable[[Path], object]] = {
        "a file": lambda base: (base / "postgresql.auto.conf").write_text("port = 1"),
        "a link": linked,
        "a folder as a link": lambda base: (base / "more").symlink_to("/"),
    }
    for name, change in changes.items():
        backup = good.parent / f"late {name}"
        shutil.copytree(good, backup)
        change(backup / BASE)
        server = EmbeddedServer(folder / "late", FAST)
        with pytest.raises(BackupError) as raised:
            restore_base(backup / BASE, server, partial(check_copy, manifest=manifest, name=BASE))
        met[name] = str(raised.value).removeprefix("the backup is broken: ")
        assert not server.home.data.exists()
    assert met == {
        "a file": "postgresql.auto.conf was changed",
        "a link": "postgresql.auto.conf is no plain file (a link?)",
        "a folder as a link": "more is no plain file (a link?)",
    }
