"""Takes a database away to a folder: the server's files as they are, or a dump of our schemas.

A base backup holds the whole server with the WAL that makes it consistent, and is checked by
`pg_verifybackup`. A dump needs no more than our own roles and fits every newer version.

Source: PostgreSQL, chapter 25 (Backup and Restore).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ledger.postgres.clients import ClientError, run_client
from ledger.postgres.roles import RoleUrls

BASE: Final = "base"
LEDGER_DUMP: Final = "ledger.dump"
PROJECTIONS_DUMP: Final = "projections.dump"

# What is sealed does not get smaller than its bytes, which a dump writes as hexadecimal digits:
# the cheapest level of each finds that. Of zstd it is the smallest, too.
_ZSTD: Final = "--compress=zstd:1"
_GZIP: Final = "--compress=1"
"""In the words of every version."""


def take_base(programs: Path, url: str, folder: Path) -> None:
    """Copy the server's files to `folder`/base, with the WAL that belongs to them, and verify them.

    Args:
        programs: see `clients_for`.
        url: of somebody who may replicate; the superuser of the embedded server may.

    Raises:
        ClientError: it failed, or what was written is not what the server sent.
    """
    target = folder / BASE
    options = ["--format=plain", "--wal-method=stream", "--checkpoint=fast"]
    options += ["--manifest-checksums=SHA256"]
    run_client(programs / "pg_basebackup", [f"--pgdata={target}", *options], url)
    run_client(programs / "pg_verifybackup", ["--quiet", target])


def take_dump(programs: Path, urls: RoleUrls, folder: Path, snapshot: str) -> None:
    """Dump the schemas ledger and projections as one exported snapshot sees them.

    The owner dumps them, the only one that may read all of it.

    Args:
        snapshot: name that `pg_export_snapshot` gave; its transaction must stay open.

    Raises:
        ClientError: it failed.
    """
    for schema, name in (("ledger", LEDGER_DUMP), ("projections", PROJECTIONS_DUMP)):
        options = ["--format=custom", f"--schema={schema}", f"--snapshot={snapshot}"]
        _dump(programs / "pg_dump", [*options, f"--file={folder / name}"], urls.owner)


def _dump(program: Path, options: Sequence[str], url: str) -> None:
    """Dump with zstd where this program was built with it (PostgreSQL 16 and newer, by choice)."""
    try:
        run_client(program, [_ZSTD, *options], url)
    except ClientError as error:
        # A program without it says so before it connects.
        if "compress" not in str(error):
            raise
        run_client(program, [_GZIP, *options], url)
