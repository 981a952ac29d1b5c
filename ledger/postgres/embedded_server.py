"""A PostgreSQL server of our own: started, found again, stopped; never killed by name.

Several processes can share it: who finds it running uses it, who started it stops it. If the one
that started it was killed, the server goes on, and the next that joins becomes the one to stop it.
It listens on a Unix socket in a folder that only its user can enter (127.0.0.1 where the socket's
path would be too long), and asks for a password (SCRAM) even there.
"""

import logging
import shlex
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import IO, Final, Self

import psycopg
from psycopg.conninfo import make_conninfo

from ledger.postgres import binaries, pidfile
from ledger.postgres.account import DEFAULT_NAME, CommandOutcome, run, server_account
from ledger.postgres.binaries import Binaries
from ledger.postgres.configuration import server_options
from ledger.postgres.errors import PostgresError, ServerStartError
from ledger.postgres.home import LOGIN, LOGINS, SUPERUSER, Home, default_home, system_home
from ledger.postgres.logins import make_login, take_back
from ledger.postgres.roles import Logins

log = logging.getLogger(__name__)

_POLL_SECONDS: Final = 0.05
_CONNECT_SECONDS_MAX: Final = 10
"""One attempt; a server that recovers refuses at once, a frozen one says nothing."""
_ORPHANS_SECONDS_MAX: Final = 60
"""How long the children of a killed server may keep its shared memory before we give up."""
_LOG_TAIL_CHARS: Final = 1500
_REQUIRE_AUTH_LIBPQ: Final = 160_000
_VERSION_17: Final = 17


@dataclass(frozen=True, slots=True)
class EmbeddedSettings:
    """How the embedded server runs.

    Attributes:
        account: system user that runs it when root starts it.
        programs: folder with `postgres`, `initdb`, `pg_ctl`; None: the wheel's, else the system's.
        start_seconds_max: how long a start may take; recovery of much WAL is long and is waited
            out.
        stop_seconds_max: after that a stop no longer waits for the clean end (nothing
            acknowledged is lost: the next start recovers).
        durable: False only for tests that lose nothing: no fsync.
        options: PostgreSQL settings over our own.
    """

    account: str = DEFAULT_NAME
    programs: Path | None = None
    start_seconds_max: int = 3600
    stop_seconds_max: int = 60
    durable: bool = True
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class EmbeddedServer:
    """The server of one home folder.

    As a context manager it starts the server, or joins the running one, and stops it at the end
    only if it owns it: nobody else who is alive started it.
    """

    def __init__(self, home: Path | None = None, settings: EmbeddedSettings | None = None) -> None:
        """Find the programs and the account; nothing is started or written in `home` yet.

        Args:
            home: None: `default_home()`.
            settings: None: the defaults.

        Raises:
            BinariesError: no PostgreSQL runs here.
        """
        self._settings = settings or EmbeddedSettings()
        self._account = server_account(self._settings.account)
        store = (system_home() if self._account.switched else default_home()) / "programs"
        self._binaries: Binaries = binaries.find(self._account, self._settings.programs, store)
        self._home = Home((home or default_home()).absolute(), self._binaries.major, self._account)
        self._mark: IO[str] | None = None

    @property
    def settings(self) -> EmbeddedSettings:
        """How it runs."""
        return self._settings

    @property
    def programs(self) -> Path:
        """Folder of the server's programs."""
        return self._binaries.folder

    @property
    def home(self) -> Home:
        """Folders and files of the server."""
        return self._home

    @property
    def owned(self) -> bool:
        """Whether this object started the server, or inherited it from a process that died."""
        return self._mark is not None

    def start(self) -> None:
        """Start the server, or join the one that runs; return when it accepts connections.

        Raises:
            UnreachableFolderError: the server's user cannot reach the home folder.
            MajorVersionError: the home folder holds data of another major version.
            ServerStartError: it did not start; the end of its log is in the message.
        """
        self._home.make()
        with self._home.locked():
            self._home.make_inner()
            self._home.refuse_other_major()
            if not self._home.data.exists():
                self._create_cluster()
            self._mark = self._mark or self._home.own()
            try:
                if not pidfile.is_alive(self._home.data):
                    self._launch()
                self._await_connection()
                self._ensure_logins()
            finally:
                if not pidfile.is_alive(self._home.data):
                    self._disown()

    def stop(self) -> None:
        """Stop the server, whoever started it: first cleanly, after a time without waiting.

        Raises:
            PostgresError: it still runs.
        """
        with self._home.locked():
            for mode in ("fast", "immediate"):
                if not pidfile.is_alive(self._home.data):
                    break
                seconds = str(self._settings.stop_seconds_max)
                outcome = self._pg_ctl("stop", "-m", mode, "-w", "-t", seconds)
                if outcome.code != 0:
                    log.warning("PostgreSQL did not stop (%s) within %s s", mode, seconds)
            self._disown()
            if pidfile.is_alive(self._home.data):
                raise PostgresError("PostgreSQL still runs although it was told to stop twice")

    def url(self, database: str) -> str:
        """Connection string of the owner's login; it names the password file, not the password."""
        return self._url(LOGIN, database)

    def logins(self, database: str) -> Logins:
        """Role that serves → connection string of its login."""
        return {role: self._url(user, database) for role, user in LOGINS.items()}

    def admin_url(self, database: str = "postgres") -> str:
        """Connection string of the superuser: for `prepare` and maintenance only."""
        return self._url(SUPERUSER, database)

    def __enter__(self) -> Self:
        """Start the server or join the running one."""
        try:
            self.start()
        except BaseException:
            # An interrupt while it recovers: what we began must not stay behind unowned.
            if self.owned:
                self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the server if this object owns it."""
        if self.owned:
            self.stop()

    def _disown(self) -> None:
        if self._mark is not None:
            self._mark.close()
            self._mark = None

    def _url(self, user: str, database: str) -> str:
        server = pidfile.running(self._home.data)
        if server is None:
            raise PostgresError("the embedded PostgreSQL is not running")
        parts: dict[str, str | int] = {
            "host": server.host,
            "port": server.port,
            "user": user,
            "dbname": database,
            "passfile": str(self._home.pgpass),
        }
        if psycopg.pq.version() >= _REQUIRE_AUTH_LIBPQ:
            # Whoever else listens there never gets the password in clear.
            parts["require_auth"] = "scram-sha-256"
        return make_conninfo("", **parts)

    def _pg_ctl(self, *arguments: str | Path) -> CommandOutcome:
        program = self._binaries.folder / "pg_ctl"
        return run([program, "-D", self._home.data, *arguments], self._account)

    def _create_cluster(self) -> None:
        """Run `initdb` in a folder that gets its real name only when everything is there."""
        home = self._home
        log.info("creating the PostgreSQL %s data folder %s", home.major, home.data)
        shutil.rmtree(home.fresh, ignore_errors=True)  # of a start that was cut off
        home.make_private(home.fresh)
        home.make_passwords()
        handed_over = home.path / "initial-password"
        home.write_secret(handed_over, home.password(SUPERUSER))
        shutil.chown(handed_over, home.account.uid, home.account.gid)
        command: list[str | Path] = [self._binaries.folder / "initdb", "-D", home.fresh]
        command += ["-U", SUPERUSER, "-A", "scram-sha-256", "--pwfile", handed_over]
        command += ["-E", "UTF8", "--locale=C", "--data-checksums", "--no-instructions"]
        if home.major >= _VERSION_17:
            # Japanese text sorts by code point on every system; before 17, "C" does the same.
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not self._settings.durable:
            command.append("--no-sync")
        try:
            outcome = run(command, home.account)
        finally:
            handed_over.unlink(missing_ok=True)
        if outcome.code != 0:
            raise ServerStartError(f"initdb failed: {outcome.errors[-_LOG_TAIL_CHARS:]}")
        home.fresh.rename(home.data)

    def _launch(self) -> None:
        """Start the postmaster and wait until it accepts connections, however long it recovers."""
        home = self._home
        for path in pidfile.remove_stale(home.data, home.run):
            log.warning("%s: removed, the server that wrote it no longer runs", path)
        home.turn_log()
        seconds = str(self._settings.start_seconds_max)
        deadline = time.monotonic() + _ORPHANS_SECONDS_MAX
        while True:
            begin = home.log.stat().st_size if home.log.exists() else 0
            options = server_options(home, self._settings.options, durable=self._settings.durable)
            quoted = " ".join(map(shlex.quote, options))
            outcome = self._pg_ctl("start", "-w", "-t", seconds, "-l", home.log, "-o", quoted)
            if outcome.code == 0:
                return
            log_text = _text_after(home.log, begin)
            if "shared memory block" not in log_text or time.monotonic() > deadline:
                raise ServerStartError(
                    f"PostgreSQL did not start within {seconds} s or ended: {outcome.errors}\n"
                    f"{log_text[-_LOG_TAIL_CHARS:]}"
                )
            # The children of a killed server are still ending; they notice within moments.
            time.sleep(_POLL_SECONDS)

    def _await_connection(self) -> None:
        """Wait for a real connection: a server that somebody else started may still recover."""
        deadline = time.monotonic() + self._settings.start_seconds_max
        while True:
            try:
                psycopg.connect(self.admin_url(), connect_timeout=_CONNECT_SECONDS_MAX).close()
            except (psycopg.OperationalError, PostgresError) as error:
                if not pidfile.is_alive(self._home.data) or time.monotonic() > deadline:
                    raise ServerStartError(f"PostgreSQL cannot be reached: {error}") from error
                time.sleep(_POLL_SECONDS)
            else:
                return

    def _ensure_logins(self) -> None:
        self._home.add_passwords()
        with psycopg.connect(self.admin_url(), autocommit=True) as connection:
            for user in (LOGIN, *LOGINS.values()):
                make_login(connection, user, partial(self._home.password, user))
                take_back(connection, user, self._home.password(user))


def _text_after(path: Path, begin: int) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(begin)
        return file.read().decode(errors="replace").strip()
