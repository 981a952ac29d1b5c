"""A whole ledger as its processes run it, on a durable PostgreSQL of its own; parts of it die."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO

import psycopg

from api.auth import make
from api.database import DATABASE, MIGRATIONS
from ledger.clock import now
from ledger.postgres import pidfile
from ledger.postgres.embedded_server import EmbeddedServer, EmbeddedSettings
from ledger.postgres.prepare import prepare
from ledger.postgres.roles import RoleUrls
from tests.doors.samples import SOURCE
from tests.leaving import LEAVING
from tests.postgres.temporary import temporary_server
from tests.rows import key_table

SECRET, MASTER = bytes(range(32)), bytes(range(32, 64))
_DURABLE = EmbeddedSettings(options={"shared_buffers": "32MB", "max_connections": "60"})
PATIENCE_S = 180.0
"""So long a machine that is busy may take for anything."""
_NO_SERVER = b"the embedded PostgreSQL is not running"
"""Why a process ends by itself that begins in the very moment in which PostgreSQL is dead."""
_LOOK_S = 0.1


@dataclass(slots=True)
class Ledger:
    """Processes by name, and what they write.

    Attributes:
        output: standard error of the processes.
    """

    server: EmbeddedServer
    urls: RoleUrls
    listening: socket.socket
    output: Path
    _processes: dict[str, subprocess.Popen[bytes]] = field(
        default_factory=dict[str, "subprocess.Popen[bytes]"]
    )
    _files: list[IO[bytes]] = field(default_factory=list[IO[bytes]])
    _said: dict[str, int] = field(default_factory=dict[str, int])
    _changing: threading.RLock = field(default_factory=threading.RLock)

    @property
    def port(self) -> int:
        """Where the web process answers."""
        port: int = self.listening.getsockname()[1]
        return port

    def start(self, name: str) -> None:
        """Start a process as the supervisor of `ledger serve` does.

        Args:
            name: its task; a second one of the task has a name of its own: `commit:2`.
        """
        descriptor = self.listening.fileno()
        task, _, _ = name.partition(":")
        arguments = [task, str(descriptor), "0"] if task == "web" else [task]
        with self._changing:
            file = self.output.open("ab")
            self._files.append(file)
            self._said[name] = self._without_server()
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-P", "-m", "api.server.child", *arguments],
                stdin=subprocess.PIPE,
                stderr=file,
                pass_fds=(descriptor,),
                start_new_session=True,
                env=self._environment(),
            )

    def _environment(self) -> dict[str, str]:
        return {
            **{n: v for n, v in os.environ.items() if not n.startswith("LEDGER_")},
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "LEDGER_NAME": "test-ledger",
            "LEDGER_HOME": str(self.server.home.path),
            "LEDGER_SECRET": SECRET.hex(),
            "LEDGER_EPOCH_MASTER": f"2026-W48:{MASTER.hex()}",
            "LEDGER_API_URL": f"http://127.0.0.1:{self.port}",
        }

    def revive(self) -> None:
        """Start again what found no PostgreSQL, as whoever runs `ledger serve` does.

        What ends for another reason stays dead.
        """
        with self._changing:
            for name, process in list(self._processes.items()):
                if process.poll() is not None and self._without_server() > self._said[name]:
                    self.kill(name)
                    self.start(name)

    def _without_server(self) -> int:
        return self.output.read_bytes().count(_NO_SERVER)

    def await_answers(self) -> None:
        """Wait until the web process answers, and the database."""
        deadline = time.monotonic() + PATIENCE_S
        while not (self._is_alive() and self._is_recovered()):
            assert time.monotonic() < deadline, self.output.read_text()[-2_000:]
            time.sleep(0.02)

    def _is_recovered(self) -> bool:
        try:
            psycopg.connect(self.urls.projector).close()
        except psycopg.OperationalError:
            return False
        return True

    def _is_alive(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/health/live")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def kill(self, name: str) -> None:
        """kill -9 one of our processes, in the middle of whatever it does."""
        with self._changing:
            process = self._processes.pop(name)
        process.kill()
        process.wait(10)
        assert process.stdin is not None
        process.stdin.close()

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to one of our processes: SIGSTOP, SIGCONT."""
        with self._changing:
            self._processes[name].send_signal(number)

    def kill_postmaster(self) -> None:
        """kill -9 PostgreSQL's first process; its children notice and end."""
        running = pidfile.running(self.server.home.data)
        assert running is not None
        os.kill(running.pid, signal.SIGKILL)
        while pidfile.is_alive(self.server.home.data):
            time.sleep(0.01)

    def kill_backend(self) -> None:
        """kill -9 the session of a writer: PostgreSQL ends all others and recovers by itself."""
        with psycopg.connect(self.server.admin_url(), autocommit=True) as admin:
            row = admin.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
                " AND pid <> pg_backend_pid() ORDER BY state = 'active' DESC, random() LIMIT 1"
            ).fetchone()
            if row is not None:
                os.kill(row[0], signal.SIGKILL)

    def end_locks(self) -> int:
        """End the sessions that hold a lock for work that goes on elsewhere; how many those are."""
        with psycopg.connect(self.server.admin_url(), autocommit=True) as admin:
            row = admin.execute(
                "SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity AS a"
                " WHERE a.state = 'idle' AND EXISTS (SELECT FROM pg_locks AS l"
                " WHERE l.pid = a.pid AND l.locktype = 'advisory' AND l.granted)"
            ).fetchone()
        assert row is not None, "it counts"
        return row[0]

    def stop(self) -> None:
        """End what still runs."""
        for name in list(self._processes):
            self.kill(name)
        for file in self._files:
            file.close()

    def key(self) -> str:
        """A key of the emitter."""
        key, credential = make("load", frozenset({"events:write"}), SOURCE, at=now(), days=1)
        key_table(self.urls.owner, SECRET).add(key)
        return credential


@contextmanager
def running_ledger(folder: Path) -> Generator[Ledger]:
    """A running ledger; its server is stopped and removed at the end."""
    with temporary_server(_DURABLE) as server, socket.socket() as listening:
        login, admin, logins = server.url(DATABASE), server.admin_url(), server.logins(DATABASE)
        urls = prepare(login, "test-ledger", MIGRATIONS, admin=admin, logins=logins)
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        ledger = Ledger(server, urls, listening, folder / "stderr.log")
        over = threading.Event()

        def watch() -> None:
            while not over.wait(_LOOK_S):
                ledger.revive()

        watching = threading.Thread(target=watch, name="watching")
        try:
            ledger.start("web")
            ledger.start("follow")
            watching.start()
            ledger.await_answers()
            yield ledger
        finally:
            over.set()
            watching.join()
            ledger.stop()
            LEAVING.tell("output of a process", ledger.output.read_bytes())
            LEAVING.tell("log of PostgreSQL", server.home.log.read_bytes())
