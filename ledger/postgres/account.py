"""Whose process the server is: PostgreSQL refuses to run as root.

An ordinary user runs it as itself. Root runs it as a named unprivileged system user, which is
created when it is missing. Nothing here changes the mode or owner of anything that is not ours.
"""

import logging
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.postgres.errors import PostgresError

log = logging.getLogger(__name__)

DEFAULT_NAME: Final = "provision-ledger"
"""System user that runs the server when root starts it."""


@dataclass(frozen=True, slots=True)
class Account:
    """An OS user.

    Attributes:
        switched: it is another user than this process's.
    """

    name: str
    uid: int
    gid: int
    switched: bool


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """How a command ended."""

    code: int
    output: str
    errors: str


def current_account() -> Account:
    """This process's own user."""
    return Account(str(os.geteuid()), os.geteuid(), os.getegid(), switched=False)


def server_account(name: str = DEFAULT_NAME) -> Account:
    """The user that runs the server: ourselves, or as root the system user `name`.

    Raises:
        PostgresError: the user is missing and could not be created, or is root itself.
    """
    if os.geteuid() != 0:
        return current_account()
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        _create(name)
        entry = pwd.getpwnam(name)
    if entry.pw_uid == 0:
        raise PostgresError(f"PostgreSQL cannot run as {name}: that is root")
    return Account(name, entry.pw_uid, entry.pw_gid, switched=True)


def _create(name: str) -> None:
    log.warning(
        "PostgreSQL does not run as root: creating the system user %s, without a password, "
        "a shell and a home folder, to run it",
        name,
    )
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        raise PostgresError(f"useradd was not found: create a system user named {name} yourself")
    command = [useradd, "--system", "--user-group", "--no-create-home"]
    command += ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", name]
    outcome = run(command, current_account())
    try:
        pwd.getpwnam(name)  # Another process may have been faster; then useradd failed, rightly.
    except KeyError as error:
        raise PostgresError(f"the system user {name} could not be created: {outcome}") from error


def run(command: Sequence[str | Path], account: Account) -> CommandOutcome:
    """Run `command` as `account` with a bare environment, and wait for it.

    Raises:
        OSError: the command cannot be executed by that user.
    """
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    # Files, not pipes: a server that stays behind would hold a pipe open and us waiting.
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        done = subprocess.run(  # noqa: S603 -- no shell; callers pass paths and settings of ours
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            check=False,
            cwd="/",  # ours may be unreachable for the other user
            env=environment,
            user=account.uid if account.switched else None,
            group=account.gid if account.switched else None,
            extra_groups=[] if account.switched else None,
            umask=0o077,
        )
        output.seek(0)
        errors.seek(0)
        return CommandOutcome(done.returncode, output.read().strip(), errors.read().strip())


def unreachable_folder(path: Path, account: Account) -> Path | None:
    """The first folder on the way to `path`, itself included, that `account` cannot enter."""
    folders = [*reversed(path.parents), path]
    script = 'for folder; do [ -x "$folder" ] || { printf %s "$folder"; exit 1; }; done'
    outcome = run(["/bin/sh", "-c", script, "sh", *folders], account)
    return None if outcome.code == 0 else Path(outcome.output)
