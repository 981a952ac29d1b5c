"""`ledger notices publish FILE`: what `POST /v1/notices` takes, from a file."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import TypeAdapter, ValidationError

from api.cli.retention import ACTOR, ISSUER
from api.database import prepared
from api.observability import configure
from api.problems.refusals import DuplicateMemberError, MalformedBodyError
from api.resources.notices.schemas import Body, JointUse, OptOut, publishing
from api.server.container_opener import opened
from api.server.secrets import secrets_of
from api.server.startup_check import check_agreement
from api.settings.settings import Settings
from api.web.intake import parse_json
from api.web.items import random_command
from ledger.cases.refusals import StaleVersionError
from ledger.errors import AlreadyActiveError, Defect, MalformedError
from ledger.format.events import NoticePublished
from ledger.law.notice_changes import CHANGE_VERDICTS
from ledger.notices import notice

group: Final = typer.Typer(
    help="Joint-use notices and opt-out filings: publish.", no_args_is_help=True
)

_BODY: Final = TypeAdapter[JointUse | OptOut](Body)
_BYTES_MAX: Final = 4 * 1024 * 1024
_UNLAWFUL: Final = 1
_NOT_MEANT: Final = "nothing was published: a change is not allowed; see --record-unlawful-changes"
_WRONG: Final = 2


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.add_typer(group, name="notices")


@group.callback()
def _group() -> None:
    """A callback keeps a group with one command a group."""


@group.command()
def publish(
    file: Annotated[Path, typer.Argument(help="JSON, as `POST /v1/notices` takes it.")],
    *,
    check: Annotated[bool, typer.Option("--check", help="Judge alone; publish nothing.")] = False,
    record_unlawful_changes: Annotated[
        bool,
        typer.Option(
            "--record-unlawful-changes",
            help="Record changes that Art. 27(6) does not allow, with their findings.",
        ),
    ] = False,
) -> None:
    """Publish a version, an amendment or a filing, and tell the verdict of each of its changes.

    Ends with 1, and publishes nothing, when a change is not allowed and it is not said that it is
    to be recorded all the same; with 2 when the file states nothing that can be published.
    """
    body = _read(file)
    settings = Settings.from_environment(os.environ)
    configure(settings.log_level)
    secrets_of(settings)
    with prepared(settings) as urls:
        check_agreement(settings, urls)
        with opened(settings, urls) as container:
            ledger = container.ledger()
            actor = container.secret.actor(ISSUER, ACTOR)
            found = [one for one in ledger.notices() if one.notice_id == body.notice_id]
            state = found[0] if found else None
            command = publishing(body, random_command(), actor, state.version if state else 0)
            meant = command.records_unlawful or record_unlawful_changes
            command = replace(command, records_unlawful=meant)
            try:
                # Judged before anything is published, by the decision of the append.
                judged = notice.publish(replace(command, records_unlawful=True), state)
                _print_verdicts(judged)
                if check:
                    raise typer.Exit(_UNLAWFUL if judged.findings else 0)
                receipt = ledger.publish(command, container.now())
            except notice.UnlawfulChangesError:
                raise _ended(_UNLAWFUL, _NOT_MEANT) from None
            except MalformedError as error:
                raise _wrong(error.defects) from None
            except (AlreadyActiveError, StaleVersionError) as error:
                raise _ended(_WRONG, error.code) from None
    typer.echo(f"published at position {receipt.position}")


def _read(file: Path) -> JointUse | OptOut:
    """The body that the file states.

    Raises:
        typer.Exit: it states none.
    """
    try:
        with file.open("rb") as opened_file:
            content = opened_file.read(_BYTES_MAX + 1)
    except OSError as error:
        raise _ended(_WRONG, f"the file cannot be read: {error.strerror}") from None
    if len(content) > _BYTES_MAX:
        raise _ended(_WRONG, f"the file is longer than {_BYTES_MAX} bytes")
    try:
        return _BODY.validate_python(parse_json(content))
    except (MalformedBodyError, DuplicateMemberError) as error:
        raise _ended(_WRONG, f"the file is no JSON of one meaning: {error.code}") from None
    except MalformedError as error:
        raise _wrong(error.defects) from None
    except ValidationError as error:
        raise _wrong(_defect(one["loc"][1:], one["type"]) for one in error.errors()) from None


def _defect(place: tuple[str | int, ...], kind: str) -> Defect:
    """The place and the rule, never the value; neither the name of a member that is unknown."""
    known = place[:-1] if kind == "extra_forbidden" else place
    return Defect("".join(f"/{step}" for step in known), "SCHEMA", kind)


def _print_verdicts(judged: NoticePublished) -> None:
    for one in judged.changes:
        verdict = CHANGE_VERDICTS[one.code]
        allowed = "allowed" if verdict.is_lawful else "not allowed"
        typer.echo(f"{one.pointer}: {allowed}, {one.code} (Act {verdict.article})")
    if not judged.changes:
        typer.echo("no change that Act 27(6) speaks of")


def _wrong(defects: Iterable[Defect]) -> typer.Exit:
    for one in defects:
        typer.echo(f"{one.pointer or '/'}: {one.code}: {one.detail}", err=True)
    return _ended(_WRONG, "the file states nothing that can be published")


def _ended(code: int, why: str) -> typer.Exit:
    typer.echo(f"ledger notices: {why}", err=True)
    return typer.Exit(code)
