"""The folders and files of an embedded server.

```
<home>/               ours; as root 0711 (the server's user passes through), else 0700
    lock              0600, ours: held while somebody starts or stops the server
    owner             0600, ours: held by the process that will stop it, as long as it lives
    pgpass            0600, ours: generated passwords of the superuser and the logins
    postgres-18/      the server's, 0700: its data; the major version is in the name
    run/              the server's, 0700: its Unix socket
    log/              the server's, 0700: postgres-18.log
```
"""

import fcntl
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Final

from ledger.postgres.account import Account, unreachable_folder
from ledger.postgres.errors import MajorVersionError, PostgresError, UnreachableFolderError
from ledger.postgres.roles import SERVING

SUPERUSER: Final = "postgres"
LOGIN: Final = "provision_ledger"
"""It owns the database."""
LOGINS: Final = MappingProxyType(
    {role: f"{LOGIN}_{role.removeprefix('ledger_')}" for role in SERVING}
)
"""Role that serves → its login."""
_SYSTEM_HOME: Final = Path("/var/lib/provision-ledger")
_APPLICATION: Final = "provision-ledger"
_SOCKET_PATH_BYTES_MAX: Final = 103
"""Shortest `sun_path` of the systems we know is 104 bytes with its final zero (macOS, BSD)."""
_SOCKET_NAME: Final = ".s.PGSQL.5432.lock"
_LOG_BYTES_MAX: Final = 16 * 1024 * 1024
_UNSAFE: Final = frozenset('"$`\\\n,')
"""pg_ctl puts paths between double quotes into a shell command, the server lists into a setting."""


def system_home() -> Path:
    """Default folder when root starts the server: as system services have it."""
    return _SYSTEM_HOME


def default_home() -> Path:
    """`/var/lib/provision-ledger` as root, else the XDG data folder of the user."""
    if os.geteuid() == 0:
        return _SYSTEM_HOME
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / _APPLICATION


def make_folders(path: Path, mode: int) -> None:
    """Make `path` and the folders above it that are missing, with `mode`; touch none that is there.

    Raises:
        PostgresError: a folder is missing and cannot be made.
    """
    for folder in [*reversed(path.parents), path]:
        try:
            folder.mkdir()
        except OSError as error:
            if folder.is_dir():  # there already, maybe below something where we may not write
                continue
            raise PostgresError(f"{folder} cannot be made: {error.strerror}") from error
        folder.chmod(mode)


@dataclass(frozen=True, slots=True)
class Home:
    """A home folder for binaries of one major version, run by one account."""

    path: Path
    major: int
    account: Account

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.path / f"postgres-{self.major}"

    @property
    def fresh(self) -> Path:
        """Where `initdb` works before the folder gets its name."""
        return self.path / f"postgres-{self.major}.partial"

    @property
    def run(self) -> Path:
        """Folder of the Unix socket."""
        return self.path / "run"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.path / "log" / f"postgres-{self.major}.log"

    @property
    def pgpass(self) -> Path:
        """Password file in libpq's format."""
        return self.path / "pgpass"

    @property
    def socket_fits(self) -> bool:
        """Whether the socket's path is short enough for the system."""
        return len(os.fsencode(self.run / _SOCKET_NAME)) <= _SOCKET_PATH_BYTES_MAX

    def make(self) -> None:
        """Make the home folder if it is missing; touch none that is there.

        Raises:
            PostgresError: it cannot be made, or PostgreSQL's own tools would misread its path.
        """
        if _UNSAFE & set(str(self.path)):
            raise PostgresError(f"{self.path}: a path with quotes, $, ` or a comma cannot be used")
        # Explicit, because a strict umask would shut the server's user out of our folder.
        make_folders(self.path, 0o711 if self.account.switched else 0o700)

    def make_inner(self) -> None:
        """Make the server's own folders inside; the lock is held.

        Raises:
            UnreachableFolderError: the server's user cannot reach the home folder.
        """
        blocked = unreachable_folder(self.path, self.account)
        if blocked is not None:
            raise UnreachableFolderError(
                f"the system user {self.account.name}, who runs PostgreSQL, cannot enter "
                f"{blocked}; choose a home folder that it can reach (the default is "
                f"{default_home()}), or start as an ordinary user"
            )
        for folder in (self.run, self.log.parent):
            self.make_private(folder)

    def make_private(self, folder: Path) -> None:
        """Make `folder` if it is missing: 0700, of the server's user."""
        if not folder.exists():
            folder.mkdir(mode=0o700)
            os.chown(folder, self.account.uid, self.account.gid)

    def refuse_other_major(self) -> None:
        """Refuse to begin an empty cluster beside one of another major version.

        Raises:
            MajorVersionError: it would look as if all data were lost.
        """
        others = sorted(path for path in self.path.glob("postgres-[0-9][0-9]") if path.is_dir())
        if self.data.exists() or not others:
            return
        raise MajorVersionError(
            f"{others[-1]} was written by another major version than the PostgreSQL {self.major} "
            "that was found; start that version (its programs' folder is a setting), take a "
            f"pg_dump, move {others[-1].name} away, start again and restore the dump"
        )

    def make_passwords(self) -> None:
        """Write the password file with new random passwords; it must not exist."""
        users = (SUPERUSER, LOGIN, *LOGINS.values())
        self.write_secret(self.pgpass, "".join(map(_new_line, users)))

    def add_passwords(self) -> None:
        """Add the passwords of logins that there were none of when the file was made."""
        text = self.pgpass.read_text() if self.pgpass.exists() else ""
        known = {line.split(":")[-2] for line in text.splitlines()}
        if not text or (missing := [user for user in LOGINS.values() if user not in known]) == []:
            return
        fresh = self.pgpass.with_suffix(".new")
        self.write_secret(fresh, text + "".join(map(_new_line, missing)))
        fresh.replace(self.pgpass)

    def password(self, user: str) -> str:
        """The password of `user`.

        Raises:
            PostgresError: the password file is gone or does not name the user.
        """
        try:
            lines = self.pgpass.read_text().splitlines()
        except FileNotFoundError:
            lines = []
        for line in lines:
            *_, name, password = line.split(":")
            if name == user:
                return password
        raise PostgresError(f"{self.pgpass} does not hold the password of {user}; restore it")

    def write_secret(self, path: Path, text: str) -> None:
        """Write `text` to `path`, a new file that only its owner reads."""
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(handle)

    def turn_log(self) -> None:
        """Put a log that has grown large aside; one old one is kept. The server must be down."""
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES_MAX:
            self.log.replace(self.log.with_suffix(".log.1"))

    @contextmanager
    def locked(self) -> Generator[None, None, None]:
        """Be the only one who starts or stops this server; waits for the other."""
        with _private(self.path / "lock") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def own(self) -> IO[str] | None:
        """The owner's mark, held until it is closed; None while another living process has it."""
        file = _private(self.path / "owner")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return file


def _private(path: Path) -> IO[str]:
    """A file to be locked, 0600: whoever can open it could hold its lock."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    os.fchmod(handle, 0o600)  # homes of before had 0644
    return os.fdopen(handle, "w")


def _new_line(user: str) -> str:
    """A line of the password file."""
    return f"*:*:*:{user}:{secrets.token_urlsafe(32)}\n"
