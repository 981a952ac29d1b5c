"""`ledger audit-bag`: the whole ledger in a bag, for who audits it elsewhere."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer

from api.cli.export import PROBLEMS
from api.cli.retention import ACTOR, ISSUER
from api.container import Container
from api.database import existing
from api.observability import configure
from api.resources.exports.export_run import ZIP, signed_of
from api.server.container_opener import opened
from api.server.secrets import secrets_of
from api.settings.settings import Settings
from api.signed_log import signed_log
from ledger.commands import ProduceAuditBag
from ledger.crypto.files import sync_folder
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import DoesNotStandError, NotFoundError
from ledger.exports.audit_approval import check_approved
from ledger.exports.audit_bag import AuditExporter, AuditRequest, FinishedAuditBag
from ledger.exports.bag import zipped
from projections.log.signed_log import SignedLog

_FAILED: Final = 1
_REFUSALS: Final[Mapping[type[Exception], str]] = {
    NotFoundError: "nobody asked for a bag of this id: see POST /v1/audit-bags",
    DoesNotStandError: "the bag is not approved by a second person, or it was made already",
}


def register(app: typer.Typer) -> None:
    """Add the command of this module to `app`."""
    app.command("audit-bag")(audit_bag)


def audit_bag(
    bag: Annotated[UUID, typer.Argument(help="Its id, as the request for it was answered.")],
    *,
    to: Annotated[
        Path, typer.Option("--to", help="A new folder, or a new file that ends in .zip.")
    ],
) -> None:
    """Put the whole ledger into a bag that `ledger audit BAG` audits, without its database.

    One person asks for it (POST /v1/audit-bags) and another approves it; then it is made once. In
    it are all events, all documents, what is excluded under Order 11, and the keys that open them:
    whoever holds it reads everything. The ledger's secret and its epoch masters are not in it. It
    is put on record before the bag has its name. Run `ledger fsck` first: a ledger with an event
    that it did not append is not put into a bag.
    """
    settings = Settings.from_environment(os.environ)
    configure(settings.log_level)
    secrets_of(settings)
    log = signed_log(settings)
    with existing(settings) as urls, opened(settings, urls) as container:
        try:
            made, position = _left(container, bag, to.absolute(), log)
        except (NotFoundError, DoesNotStandError) as error:
            typer.echo(f"ledger: {_REFUSALS[type(error)]}", err=True)
            raise typer.Exit(_FAILED) from None
        except tuple(PROBLEMS) as error:
            typer.echo(f"ledger: {PROBLEMS[type(error)]}", err=True)
            raise typer.Exit(_FAILED) from None
        except OSError as error:
            typer.echo(f"ledger: the bag cannot be written: {error.strerror}", err=True)
            raise typer.Exit(_FAILED) from None
    typer.echo(f"{made.size} events, {made.signed_size} of them signed")
    typer.echo(f"on record at position {position}", err=True)
    if log is None:
        typer.echo("the log is not signed: the bag has no checkpoint, and says so", err=True)


def _left(
    container: Container, bag: UUID, place: Path, log: SignedLog | None
) -> tuple[FinishedAuditBag, int]:
    """Make the bag beside its place, put it on record, and give it its name."""
    if place.exists():
        raise FileExistsError(place)
    audit_bags = container.ledger().audit_bags
    check_approved(audit_bags.find(bag))
    signed = signed_of(log)
    request = AuditRequest(bag, container.now())
    exporter = AuditExporter(container.streams, container.reader, container.macs, container.keys)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=place.parent) as temp_folder:
        folder = Path(temp_folder) / place.name.removesuffix(ZIP)
        made = exporter.make(request, signed, folder)
        whole = folder
        if place.suffix == ZIP:
            whole = Path(temp_folder) / place.name
            zipped(folder, whole)
            shutil.rmtree(folder)
        actor = container.secret.actor(ISSUER, ACTOR)
        size = (made.size, made.records, made.digest)
        command = ProduceAuditBag(random_uuid(), actor, bag, *size)
        receipt = audit_bags.produced(command, request.at)
        whole.rename(place)
        sync_folder(place.parent)
    return made, receipt.position
