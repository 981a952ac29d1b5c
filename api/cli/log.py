"""`ledger log`: the signed log; make its key, sign now, hash everything again, build it anew."""

import os
import sys
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, NoReturn

import psycopg
import typer

from api.container import Container
from api.database import prepared
from api.observability import configure
from api.server.container_opener import opened
from api.server.integrator import locked
from api.server.secrets import secrets_of
from api.settings.environment import Environment, key_name, safe_url
from api.settings.log import check_engine
from api.settings.settings import Settings, SettingsError
from api.signed_log import signed_log
from ledger.crypto.files import write_atomically
from ledger.crypto.kms.engine import TransitEngine
from ledger.crypto.kms.signer import NAMED, public_key
from ledger.crypto.notes import Verifier
from ledger.crypto.pseudonyms import random_uuid
from ledger.crypto.seed_signer import SEED_BYTES, SeedSigner
from ledger.errors import MalformedError
from ledger.log import epoch
from ledger.log.epoch import StartLogEpoch
from ledger.log.log_root import leaves
from ledger.merkle.checkpoint import is_origin
from projections.log.cosignatures import CosignedCheckpoint
from projections.log.epochs import EndedLog, ended
from projections.log.event_check import first_fault
from projections.log.rebuild import rebuild as rebuild_tiles
from projections.log.signed_log import SignedLog
from projections.log.time_stamps import CheckpointStamps


def standings(signed: SignedLog, size: int) -> Iterator[str]:
    """A line for the quorum, one for each witness, one for time stamps; none where none is asked.

    Args:
        size: of the newest checkpoint.
    """
    if signed.stamped is not None:
        yield f"time stamps: {_stamped(signed.stamped, size)}"
    cosigned = signed.cosigned
    if cosigned is None:
        return
    if cosigned.policy.quorum is not None:
        yield f"enough witnesses: {_behind(cosigned.newest(), size)}"
    for witness in cosigned.policy.witnesses.values():
        note = "" if witness.url is not None else " (not asked: it has no address)"
        yield f"witness {witness.display_name}: {_behind(cosigned.by(witness), size)}{note}"


def _behind(seen: CosignedCheckpoint | None, size: int) -> str:
    if seen is None:
        return f"none yet of {size} events"
    at = datetime.fromtimestamp(seen.seconds, UTC)
    return _progress_text(seen.checkpoint.size, size, "cosigned", at)


def _stamped(stamped: CheckpointStamps, size: int) -> str:
    newest = stamped.newest()
    if newest is None:
        return f"none yet of {size} events"
    return _progress_text(newest.checkpoint.size, size, "stamped", newest.at)


def _progress_text(reached: int, size: int, done: str, at: datetime) -> str:
    backlog = f", {size - reached} behind" if size > reached else ""
    return f"{reached} events, {done} {at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}{backlog}"


_SECONDS_MAX: Final = 30.0


def kms_key(
    origin: Annotated[str, typer.Argument(help="Name of the log: ledger.example.jp/main")],
    key: Annotated[str, typer.Argument(help="What the key management service calls the key.")],
) -> None:
    """Find or make a key that signs the log in the key management service; print its public key.

    The service is that of LEDGER_LOG_KMS_URL and LEDGER_LOG_KMS_TOKEN_FILE. A key that is there is
    left as it is; the one that is made never leaves the service.
    """
    if not is_origin(origin):
        raise SettingsError(("a log's name has no scheme, no blank and no plus",))
    read = Environment({**os.environ, "LEDGER_LOG_KMS_KEY": key})
    url = read.read("LEDGER_LOG_KMS_URL", safe_url)
    check_engine(url, read)
    token = read.read("LEDGER_LOG_KMS_TOKEN_FILE", Path)
    name = read.read("LEDGER_LOG_KMS_KEY", key_name)
    if url is None or token is None or name is None or read.wrong:
        for setting, found in (("LEDGER_LOG_KMS_URL", url), ("LEDGER_LOG_KMS_TOKEN_FILE", token)):
            if found is None and read.get(setting) is None:
                read.refuse(setting, "set it to the service that is to keep the key")
        raise SettingsError(tuple(read.wrong))
    found = Verifier(origin, public_key(TransitEngine(url, token, _SECONDS_MAX, NAMED), name))
    typer.echo("set:", err=True)
    typer.echo(f"LEDGER_LOG_ORIGIN={origin}")
    typer.echo(f"LEDGER_LOG_KMS_URL={url}")
    typer.echo(f"LEDGER_LOG_KMS_TOKEN_FILE={token.absolute()}")
    typer.echo(f"LEDGER_LOG_KMS_KEY={name}")
    typer.echo(f"LEDGER_LOG_PUBLIC_KEY={found.text}")
    typer.echo("and give to who verifies:", err=True)
    typer.echo(found.text)


group: Final = typer.Typer(
    help="The signed log: key, checkpoint, check, rebuild.", no_args_is_help=True
)

ISSUER: Final = "ledger"
ACTOR: Final = "command line"
"""Who runs a command, as a name in the keyed hash of an actor."""

NOT_SIGNED: Final = "this ledger's log is not signed: set LEDGER_LOG_ORIGIN and LEDGER_LOG_KEY"


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.add_typer(group, name="log")


@contextmanager
def _opened() -> Generator[tuple[Container, SignedLog]]:
    settings = Settings.from_environment(os.environ)
    configure(settings.log_level)
    secrets_of(settings)
    signed = signed_log(settings)
    if signed is None:
        _end(NOT_SIGNED)
    with prepared(settings) as urls, opened(settings, urls) as container:
        yield container, signed


@contextmanager
def _advisory_lock(container: Container) -> Generator[None]:
    """The only one that writes tiles; whoever integrates must have ended or stand by."""
    with closing(psycopg.connect(container.urls.reader, autocommit=True)) as connection:
        if not locked(connection):
            _end("the log's integrator is at work: it signs by itself, or end it first")
        yield


@group.command()
def key(
    origin: Annotated[str, typer.Argument(help="Name of the log: ledger.example.jp/main")],
    file: Annotated[Path, typer.Argument(help="Where to put the key; it must not be there yet.")],
) -> None:
    """Make a key that signs the log, and print the public key that verifiers are given."""
    if not is_origin(origin):
        _end("a log's name has no scheme, no blank and no plus")
    if file.exists():
        _end("a file is there already: a log that was signed with that key needs it")
    seed = os.urandom(SEED_BYTES)
    try:
        write_atomically(file, seed.hex().encode())
    except OSError as error:
        _end(f"the file cannot be written: {error.strerror}")
    typer.echo("written, readable for you alone; keep a copy. Set:", err=True)
    typer.echo(f"LEDGER_LOG_ORIGIN={origin}")
    typer.echo(f"LEDGER_LOG_KEY_FILE={file.absolute()}")
    typer.echo("and give to who verifies:", err=True)
    typer.echo(SeedSigner(origin, seed).verifier.text)


group.command()(kms_key)


@group.command()
def show() -> None:
    """Print the public key, and the newest checkpoint as it is published.

    On standard error, how far the witnesses are with it.
    """
    settings = Settings.from_environment(os.environ)
    signed = signed_log(settings)
    if signed is None:
        _end(NOT_SIGNED)
    typer.echo(signed.verifier.text)
    note, newest = signed.published()
    typer.echo(note, nl=False)
    for line in standings(signed, newest.size):
        typer.echo(line, err=True)


@group.command()
def begin() -> None:
    """Begin the log of this ledger: sign it for the first time.

    Once in a ledger's life. One that was restored or moved goes on with its last checkpoint and its
    tiles: a second beginning would be a second tree under the same key.
    """
    with _opened() as (container, signed):
        newest = signed.integrator(container.reads, container.reader).begin()
    typer.echo(f"begun, and signed at {newest.size}")


@group.command()
def checkpoint() -> None:
    """Take in what is new and sign it now, where no integrator runs."""
    with _opened() as (container, signed), _advisory_lock(container):
        newest = signed.integrator(container.reads, container.reader).step()
    typer.echo(f"signed at {newest.size}")


@group.command()
def check() -> None:
    """Hash every event again and compare with tiles and checkpoint; name the first that differs.

    Ends with 1 when there is anything to name.
    """
    with _opened() as (container, signed):
        content = signed.anchor.read()
        if content is None:
            _end("no log was begun here, or its last checkpoint is somewhere else")
        newest = signed.integrator(container.reads, container.reader).read(content)
        events = leaves(container.reader, min(newest.size, container.reads.head()))
        fault = first_fault(newest, events, signed.folder.read)
    if fault is not None:
        typer.echo(fault.text)
        sys.exit(1)
    typer.echo(f"{newest.size} events are those of the signed tree")


@group.command()
def new_epoch(
    *,
    reason: Annotated[
        str, typer.Option(help="Why: what was lost, and that nothing brings it back.")
    ],
    by: Annotated[str, typer.Option(help="Who begins it.")],
    confirm: Annotated[
        str | None, typer.Option(metavar="CODE", help="What the first call printed.")
    ] = None,
) -> None:
    """Let the log go on under another name, after a restore behind its last checkpoint.

    The first call changes nothing: it says what is lost and prints a code. The second one, with
    the code, records that the epoch began and signs it. What was signed before stays as it is.
    """
    with _opened() as (container, signed), _advisory_lock(container):
        lost = ended(signed.integrator(container.reads, container.reader), signed.epoch)
        following = signed.of(signed.epoch + 1)
        _print_log_change(lost, following)
        command = _command(lost, following.epoch, container.secret.actor(ISSUER, ACTOR), reason, by)
        _check(command)
        if confirm is None:
            typer.echo(
                f"Nothing was changed. To begin it: the same command with --confirm {lost.code}"
            )
            return
        if confirm != lost.code:
            _end("this is not the code of what is lost here: look at it again")
        position = container.log_epochs().start(command, container.now())
        newest = following.integrator(container.reads, container.reader).follow(lost.note)
    typer.echo(f"begun with the event at position {position}, and signed at {newest.size}")
    typer.echo("and give to who verifies:", err=True)
    typer.echo(following.verifier.text)


def _check(command: StartLogEpoch) -> None:
    """Refuse what is typed before anything is written."""
    try:
        epoch.start(command, epoch.State())
    except MalformedError as error:
        _end("; ".join(f"--{one.pointer[1:]}: {one.detail}" for one in error.defects))


def _print_log_change(lost: EndedLog, following: SignedLog) -> None:
    size = lost.checkpoint.size
    typer.echo(f"{lost.checkpoint.origin} was signed at {size} events, and ends.")
    if lost.parted_after is None:
        typer.echo("The tiles are too damaged to tell where ledger and log parted.")
    else:
        typer.echo(
            f"Up to position {lost.parted_after} the ledger is the one that was signed;"
            f" {size - lost.parted_after} signed events behind it are gone or others."
        )
    typer.echo(f"{following.verifier.name} begins.")


def _command(lost: EndedLog, epoch: int, actor: str, reason: str, by: str) -> StartLogEpoch:
    old = lost.checkpoint
    return StartLogEpoch(
        random_uuid(),
        actor,
        epoch,
        old.origin,
        old.size,
        old.root,
        lost.digest,
        lost.parted_after,
        reason,
        by,
    )


@group.command()
def rebuild() -> None:
    """Write all tiles anew from the events, when the last checkpoint says that these are the same.

    For a folder that was lost or damaged. Nothing is signed: what was signed stands.
    """
    with _opened() as (container, signed), _advisory_lock(container):
        size = rebuild_tiles(signed.integrator(container.reads, container.reader))
    typer.echo(f"the tiles of {size} events are written")


def _end(sentence: str) -> NoReturn:
    typer.echo(f"ledger: {sentence}", err=True)
    raise typer.Exit(1)
