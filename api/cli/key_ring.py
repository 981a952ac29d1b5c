"""`ledger keys check|rotate|escrow`: the key ring, not the API keys."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated, Final

import typer

from api.database import journal_of, prepared
from api.server.key_ring_check import RingTable, rotate
from api.server.secrets import escrow_of, secrets_of
from api.server.startup_check import check_agreement
from api.settings.environment import Environment
from api.settings.settings import Settings
from ledger.clock import day_in_japan, now
from ledger.crypto.epoch import KeyWorkRefusedError
from ledger.crypto.epoch_folder import FolderMasters
from ledger.crypto.epoch_names import NAME
from ledger.crypto.escrow import SECRET, copy_of, identity_in, opened_copy
from ledger.crypto.files import write_atomically
from ledger.crypto.keyring import KeyRing
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.crypto.ring_check import escrow_faults, open_files, ring_faults, share_a_disk
from ledger.crypto.rotation import Rotation
from ledger.postgres.roles import RoleUrls
from ledger.retention.journal_file import ERASURES, HEAD
from ledger.store.connections import PURGER, WRITER, Connections
from ledger.store.secret_check import KIND, OtherSecretError, check_secret

PANEL: Final = "The key ring: data keys, epoch masters, escrow"
SECRET_FILES: Final = (
    "LEDGER_SECRET_FILE",
    "LEDGER_DATABASE_URL_FILE",
    "LEDGER_DATABASE_URL_WRITER_FILE",
    "LEDGER_DATABASE_URL_PROJECTOR_FILE",
    "LEDGER_DATABASE_URL_PURGER_FILE",
    "LEDGER_DATABASE_URL_READER_FILE",
    "LEDGER_KMS_TOKEN_FILE",
)
JOURNAL: Final = (ERASURES, HEAD)
SECRET_NAME: Final = "secret"  # noqa: S105 -- the name of a file

Identity = Annotated[
    Path | None, typer.Option(help="File of the recipient's age identity, as age-keygen writes it.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.command(rich_help_panel=PANEL)(check)
    app.command("rotate", rich_help_panel=PANEL)(rotate_masters)
    app.command(rich_help_panel=PANEL)(escrow)


def check(
    *,
    every: Annotated[bool, typer.Option("--all", help="Open every key, not a sample.")] = False,
    identity: Identity = None,
) -> None:
    """Prove that the key ring opens, and that escrow would bring its masters back.

    Names every fault and ends with 1 when there is one; files of secrets that others may read are
    faults too. It also serves for a restored backup: set LEDGER_DATABASE_URL (or LEDGER_HOME) to
    that.
    """
    settings = Settings.from_environment(os.environ)
    count = 0
    masters, copies = settings.epoch_master_dir, settings.escrow_dir
    if masters is not None and copies is not None and share_a_disk(masters, copies):
        typer.echo(
            "warning: the copies in escrow lie on the same file system as the masters, and are "
            "lost with it",
            err=True,
        )
    with prepared(settings) as urls:
        for fault in _faults(settings, urls, identity, every=every):
            typer.echo(fault)
            count += 1
    typer.echo(f"{count} faults", err=True)
    raise typer.Exit(1 if count else 0)


def _faults(
    settings: Settings, urls: RoleUrls, identity: Path | None, *, every: bool
) -> Iterator[str]:
    sealed_with, copies = secrets_of(settings), escrow_of(settings)
    opener = None if identity is None else identity_in(identity)
    secret = LedgerSecret(sealed_with.secret, settings.name)
    with (
        closing(Connections(urls.writer, WRITER)) as writer,
        closing(Connections(urls.reader, PURGER)) as reader,
    ):
        try:
            check_secret(writer, secret.lookup_key(KIND))
        except OtherSecretError as error:
            yield str(error)  # and it tells no row of the ring from a planted one
        else:
            table = RingTable(reader, secret.row_mac)
            keys = KeyRing(table, sealed_with.masters, settings.name, now)
            yield from ring_faults(keys, table, every=every, random=os.urandom)
    yield from escrow_faults(sealed_with.masters, sealed_with.secret, copies, opener)
    yield from open_files(_secret_files(settings))


def _secret_files(settings: Settings) -> dict[str, Path]:
    """Every file whose content is secret, or that nobody else may change: the erasure journal."""
    read = Environment(os.environ)
    named = {f"the file of {name}": read.read(name, Path) for name in SECRET_FILES}
    files = {label: path for label, path in named.items() if path is not None}
    if settings.epoch_master_dir is not None:
        for name in FolderMasters(settings.epoch_master_dir).names():
            files[f"the file of the epoch master {name}"] = settings.epoch_master_dir / name
    journal = journal_of(settings)
    if journal is not None:
        files |= {f"{name} of the erasure journal": journal.folder / name for name in JOURNAL}
    return files


def rotate_masters(
    *,
    clock_is_right: Annotated[
        bool, typer.Option("--clock-is-right", help="Go on after weeks without a rotation.")
    ] = False,
) -> None:
    """Make the week's epoch master, wrap every living key under it, destroy masters beyond use.

    Run it daily; it may be interrupted and run again, and the ledger serves meanwhile.
    """
    settings = Settings.from_environment(os.environ)
    with prepared(settings) as urls:
        # In a database that came back and is behind, other keys count as living than those in use.
        check_agreement(settings, urls)
        done = rotate(settings, urls, day_in_japan(now()), confirmed=clock_is_right)
    for line in _describe_rotation(done):
        typer.echo(line)


def _describe_rotation(done: Rotation) -> Iterator[str]:
    yield f"epoch {done.current} {'begins' if done.made else 'goes on'}"
    for name in done.copied:
        yield f"escrow copy of {name} written"
    yield f"{done.rewrapped} keys wrapped anew"
    for name, count in sorted(done.left.items()):
        yield f"{count} keys are still wrapped under {name}; the next run takes them"
    for name in done.destroyed:
        yield f"epoch master {name} destroyed, with its copy"
    for name, day in done.waiting.items():
        yield f"epoch master {name} waits for the backups of its time, until {day}"


def escrow(
    *,
    identity: Identity = None,
    recover: Annotated[
        str | None,
        typer.Option(help=f"An epoch's name, or `{SECRET_NAME}`: take it out of escrow."),
    ] = None,
    into: Annotated[
        Path | None, typer.Option(help="The folder that the recovered file goes to.")
    ] = None,
) -> None:
    """Write the escrow copies that are missing; or take one out with the recipient's identity.

    Recovery needs LEDGER_ESCROW_DIR only: it works where everything else is lost.
    """
    if recover is not None:
        if identity is None or into is None:
            raise typer.BadParameter("--recover also needs --identity and --into")
        typer.echo(f"written: {_recovered(recover, identity, into)}")
        return
    if identity is not None or into is not None:
        raise typer.BadParameter("--identity and --into belong to --recover")
    settings = Settings.from_environment(os.environ)
    sealed_with, copies = secrets_of(settings), escrow_of(settings)
    if copies is None:
        raise KeyWorkRefusedError(
            "there is no escrow: set LEDGER_ESCROW_RECIPIENT and LEDGER_ESCROW_DIR"
        )
    originals = {name: sealed_with.masters.exported(name) for name in sealed_with.masters.names()}
    for copy, original in (
        (SECRET, sealed_with.secret),
        *((copy_of(name), master) for name, master in originals.items()),
    ):
        if original is None:
            typer.echo(f"{copy}: kept by the key management service alone")
        else:
            typer.echo(f"{copy}: {'written' if copies.keep(copy, original) else 'is there'}")


def _recovered(name: str, identity: Path, into: Path) -> Path:
    folder = Environment(os.environ).read("LEDGER_ESCROW_DIR", Path)
    if folder is None:
        raise KeyWorkRefusedError("LEDGER_ESCROW_DIR: say where the copies are")
    if not NAME.fullmatch(name):
        raise typer.BadParameter("that is not the name of an epoch")
    file = into / name
    if file.exists():
        raise KeyWorkRefusedError("the file is there already; it is not replaced")
    copy = SECRET if name == SECRET_NAME else copy_of(name)
    original = opened_copy(folder, copy, identity_in(identity))
    try:
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(file, f"{original.hex()}\n".encode())
    except OSError as error:
        raise KeyWorkRefusedError(f"the file cannot be written: {error.strerror}") from None
    return file
