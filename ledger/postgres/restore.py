"""Puts a database back: a base backup into an empty home, a dump into an empty database.

The passwords of the embedded server are no part of a backup: a restored one gets new ones, set in
single-user mode, where nobody else can connect.

Nothing that a base backup says of the configuration is believed: the files of it are written anew,
and what asks for another start than ours is refused.

Source: PostgreSQL, chapter 25 (Backup and Restore); RFC 5803 and RFC 7677 for the verifiers.
"""

import base64
import hashlib
import hmac
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psycopg

from ledger.postgres.account import run
from ledger.postgres.backup import LEDGER_DUMP, PROJECTIONS_DUMP
from ledger.postgres.clients import run_client
from ledger.postgres.configuration import NO_PROGRAMS
from ledger.postgres.embedded_server import EmbeddedServer
from ledger.postgres.errors import MajorVersionError, PostgresError, ServerStartError
from ledger.postgres.home import LOGIN, LOGINS, SUPERUSER, Home
from ledger.postgres.roles import OWNER, RoleUrls

_ITERATIONS: Final = 4_096
_SALT_BYTES: Final = 16
_MESSAGE_CHARS: Final = 1_500

# Of a read side that the projector owned nothing is restored: it could hold code.
_MADE_BY_OWNER: Final = re.compile(rf" FUNCTION projections serve\(text\) {OWNER}$", re.MULTILINE)

_COUNT_TABLES: Final = """
    SELECT count(*) FROM pg_class
    WHERE relnamespace IN (to_regnamespace('ledger'), to_regnamespace('projections'))"""


# What `initdb -A scram-sha-256` writes.
_ACCESS: Final = "".join(
    f"{line} scram-sha-256\n"
    for address in ("local {} all", "host {} all 127.0.0.1/32", "host {} all ::1/128")
    for line in (address.format("all"), address.format("replication"))
)
_CONFIGURATION: Final = {
    "postgresql.conf": "# Written by `ledger restore`; the settings are on the command line.\n",
    "postgresql.auto.conf": "",
    "pg_hba.conf": _ACCESS,
    "pg_ident.conf": "",
}
"""Name → text of each file that tells a server how to run and whom to let in."""
_TABLESPACES: Final = "pg_tblspc"
_TABLESPACE_MAP: Final = "tablespace_map"


class NotEmptyError(PostgresError):
    """Something stands where the backup should go; nothing was touched."""


class ForeignFileError(PostgresError):
    """A base backup holds something that `take_base` of an embedded server never writes."""


def restore_base(base: Path, server: EmbeddedServer, check: Callable[[Path], None]) -> None:
    """Make the data folder of `server`, which must have none, out of a base backup.

    Args:
        base: a folder that `take_base` made; it stays as it is.
        check: called with the copy, which nobody else can change any more; raises when it is not
            what was backed up.

    Raises:
        NotEmptyError: the home holds a database.
        ForeignFileError: a link, a tablespace, or a file that asks for another kind of start.
        MajorVersionError: the backup is that of another major version.
        ServerStartError: the copy does not come up.
    """
    home = server.home
    home.make()
    with home.locked():
        home.make_inner()
        check_home_is_empty(home)
        major = (base / "PG_VERSION").read_text("ascii").strip()
        if major != str(home.major):
            raise MajorVersionError(
                f"the backup was taken from PostgreSQL {major}, and {home.major} was found here: "
                f"install {major}, or restore a dump (`ledger backup --method dump`)"
            )
        shutil.rmtree(home.fresh, ignore_errors=True)  # of a restore that was cut off
        shutil.copytree(base, home.fresh, symlinks=True)
        for path in (home.fresh, *home.fresh.rglob("*")):
            os.chown(path, home.account.uid, home.account.gid, follow_symlinks=False)
        home.fresh.chmod(0o700)
        try:
            check(home.fresh)
            _refuse_foreign(home.fresh)
        except BaseException:
            shutil.rmtree(home.fresh)
            raise
        for name, text in _CONFIGURATION.items():
            home.write_secret(home.fresh / name, text)
            os.chown(home.fresh / name, home.account.uid, home.account.gid)
        home.make_passwords()
        _set_passwords(server)
        os.sync()  # The name must not reach the disk before what it stands for.
        home.fresh.rename(home.data)


def _refuse_foreign(data: Path) -> None:
    """Let nothing be started that is more than the one server that was backed up."""
    for path in sorted(data.rglob("*")):
        if (
            path.is_symlink()
            or path.parent == data / _TABLESPACES
            or (path.parent == data and (path.suffix == ".signal" or path.name == _TABLESPACE_MAP))
        ):
            name = path.relative_to(data).as_posix()
            raise ForeignFileError(f"the backup holds {name}, and no base backup made here does")


def check_home_is_empty(home: Home) -> None:
    """Pass when no database is there.

    Raises:
        NotEmptyError: there is one.
    """
    there = sorted(path.name for path in home.path.glob("postgres-[0-9][0-9]"))
    if there:
        raise NotEmptyError(
            f"{home.path} holds a database ({there[0]}): a backup is restored into an empty home; "
            f"move {there[0]} away first"
        )


def restore_dump(folder: Path, programs: Path, urls: RoleUrls) -> None:
    """Fill a database that has the roles and the schemas, and nothing in them.

    Args:
        folder: holds what `take_dump` made. A read side that is not the owner's is left out, and
            made anew from the events.
        programs: see `clients_for`.

    Raises:
        NotEmptyError: the schemas hold something.
        ClientError: it failed; what is there then is of no use.
    """
    with psycopg.connect(urls.owner) as connection:
        row = connection.execute(_COUNT_TABLES).fetchone()
    if row is None or row[0] != 0:
        raise NotEmptyError(
            "the database holds a ledger already: a dump is restored into an empty database"
        )
    # The ledger last: without it nothing opens what a failure leaves behind.
    for name in (PROJECTIONS_DUMP, LEDGER_DUMP):
        with tempfile.TemporaryDirectory(prefix="ledger-restore-") as made:
            contents = Path(made) / "contents"
            listed = run_client(programs / "pg_restore", ["--list", folder / name])
            if name == PROJECTIONS_DUMP and not _MADE_BY_OWNER.search(listed):
                continue
            # The schemas stand: they belong to a role that may not create any.
            kept = [line for line in listed.splitlines() if " SCHEMA - " not in line]
            contents.write_text("\n".join(kept) + "\n", "utf-8")
            options = ["--single-transaction", "--no-owner", f"--use-list={contents}"]
            run_client(programs / "pg_restore", [*options, folder / name], urls.owner)


def _set_passwords(server: EmbeddedServer) -> None:
    home = server.home
    statements = [
        f"ALTER ROLE {user} PASSWORD '{_verifier(home.password(user))}'\n"
        for user in (SUPERUSER, LOGIN)
    ]
    # A backup of before there were logins of roles has none; the start makes them.
    statements += [
        f"DO 'BEGIN ALTER ROLE {user} PASSWORD ''{_verifier(home.password(user))}''; "
        "EXCEPTION WHEN undefined_object THEN NULL; END'\n"
        for user in LOGINS.values()
    ]
    handed_over = home.path / "new-passwords"
    home.write_secret(handed_over, "".join(statements))
    shutil.chown(handed_over, home.account.uid, home.account.gid)
    script = 'from=$1 && shift && exec "$@" postgres < "$from"'
    command: list[str | Path] = [server.programs / "postgres", "--single", "-D", home.fresh]
    for name, value in {**NO_PROGRAMS, "log_min_messages": "log"}.items():
        command += ["-c", f"{name}={value}"]
    try:
        outcome = run(["/bin/sh", "-c", script, "sh", handed_over, *command], home.account)
    finally:
        handed_over.unlink(missing_ok=True)
    if outcome.code != 0 or "ERROR:" in outcome.errors:
        raise ServerStartError(f"the copy does not come up: {outcome.errors[-_MESSAGE_CHARS:]}")


def _verifier(password: str) -> str:
    """What the server keeps of an ASCII password (RFC 5803): the password cannot be had from it."""
    salt = os.urandom(_SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, _ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt_text, stored_text, server_text = (
        base64.b64encode(part).decode() for part in (salt, stored, server)
    )
    return f"SCRAM-SHA-256${_ITERATIONS}:{salt_text}${stored_text}:{server_text}"
