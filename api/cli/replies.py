"""`ledger replies`: one that went out made again and compared, its code read and looked up."""

import hashlib
import json
import os
import sys
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Final, NoReturn
from uuid import UUID

import typer

from api.case_replies import Replies
from api.cli.retention import ACTOR, ISSUER
from api.container import Container
from api.database import existing
from api.observability import configure
from api.server.container_opener import opened
from api.server.reasons import why
from api.server.secrets import secrets_of
from api.settings.settings import Settings
from ledger.accesses.access import REPLY_FILE
from ledger.cases.caseload import Caseload
from ledger.cases.dispatched_replies import Reply
from ledger.cases.letters import codes
from ledger.commands import ViewDocument
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import NotFoundError
from ledger.service.group import WorkerGroup

DIFFERS: Final = 1
"""A document is not what was sent."""

UNKNOWN: Final = 2
"""It could not be made again: that says nothing about what was sent."""

_RECORDS: Final = "reply.json"
_REASON: Final = "inspection"

group: Final = typer.Typer(help="Replies that went out: again, find, match.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.add_typer(group, name="replies")


_Case = Annotated[str, typer.Argument(help="The number of the case.")]
_Number = Annotated[int | None, typer.Option("--reply", help="Which reply; else the newest.")]
_Position = Annotated[
    int | None, typer.Option(help="The position at which the reply went out, in place of --reply.")
]
_Code = Annotated[str, typer.Argument(help="The code, as typed or as the QR code was scanned.")]
_File = Annotated[Path, typer.Argument(help="The letter as JSON, of its files or its evidence.")]
_Output = Annotated[
    Path | None,
    typer.Option(help="A new folder for what was made again; that it was is put on record."),
]


@group.command("again")
def rebuild_reply(
    case: _Case,
    *,
    number: _Number = None,
    position: _Position = None,
    output: _Output = None,
) -> None:
    """Make a reply again from its case and its records, and compare it with what was sent.

    Prints name, SHA-256 and verdict of each document, and nothing of what stands in it. Ends with
    0 when every byte is the same, with 1 when a document differs, with 2 when it cannot be made.
    Another version of the renderer may set other bytes: then the records are the same.
    """
    try:
        settings = Settings.from_environment(os.environ)
        configure(settings.log_level)
        with _replies(settings) as (container, replies):
            stream, found = _reply(container, case, number, position)
            made = dict(replies.reproduce(stream, found).documents)
            stored = replies.stored(stream, found)
            if output is not None:
                _written(made, output)
                _on_record(container, stream, found)
    except NotFoundError:
        _end(UNKNOWN, "no such reply went out")
    except FileExistsError:
        _end(UNKNOWN, "there is something already: name a folder where nothing is")
    except Exception as error:  # noqa: BLE001 -- every reason means the same: nothing is known
        _end(UNKNOWN, why(error))
    lines, verdict, code = compared(found, made, stored)
    for line in lines:
        typer.echo(line)
    typer.echo(verdict, err=code != 0)
    sys.exit(code)


@group.command()
def find(code: _Code) -> None:
    """Say which replies bear this code: case, number and position, and nothing of their content.

    Ends with 0 when one does, with 1 when none that is kept does, with 2 when this is no code or
    nothing could be asked.
    """
    read = _read(code)
    try:
        settings = Settings.from_environment(os.environ)
        configure(settings.log_level)
        with _replies(settings) as (container, _):
            cases = Caseload(container.streams).states(container.now())
    except Exception as error:  # noqa: BLE001 -- every reason means the same: nothing is known
        _end(UNKNOWN, why(error))
    found = [
        f"case {state.number}, reply {number}, sent at position {one.position}"
        for state in cases
        for number, one in enumerate(state.replies, 1)
        if one.code == read
    ]
    if not found:
        hint = "" if codes.fits(read) else "; its last digit does not fit: read it again"
        _end(DIFFERS, f"no reply that is kept bears this code{hint}")
    for line in found:
        typer.echo(line)


@group.command()
def match(file: _File, code: _Code) -> None:
    """Say whether a letter on paper is the letter of this file, by the code that is printed on it.

    Offline: no ledger, no settings. Ends with 0 when it is, with 1 when it is another or its code
    is not bound to what it says, with 2 when file or code cannot be read.
    """
    read = _read(code)
    try:
        shown = json.loads(file.read_bytes())
        made = codes.code_of(shown) if shown.get("code_salt") else None
    except (OSError, ValueError, AttributeError, TypeError):
        _end(UNKNOWN, "the file is no letter")
    if made is None:
        _end(DIFFERS, "the letter is from before codes were bound to what a letter says")
    if made != read:
        _end(DIFFERS, "the code on paper is not the one that this file makes")
    typer.echo("the letter on paper bears the code of this file")


def _read(code: str) -> str:
    read = codes.read(code)
    if read is None:
        _end(UNKNOWN, "a code has five groups of four digits or letters")
    return read


@contextmanager
def _replies(settings: Settings) -> Generator[tuple[Container, Replies]]:
    secrets_of(settings)
    with existing(settings) as urls, opened(settings, urls) as container:
        workers = WorkerGroup(container.ledger, container.now, workers=1)
        try:
            with closing(container.replies(settings, workers)) as replies:
                yield container, replies
        finally:
            workers.stop()


def _reply(
    container: Container, case: str, number: int | None, position: int | None
) -> tuple[UUID, int]:
    """(stream of the case, number of the reply).

    Raises:
        NotFoundError: there is no such case, or it has no such reply.
    """
    stream = container.ledger().case_numbered(case)
    state = None if stream is None else container.streams.case_state(stream)
    if stream is None or state is None or not state.replies:
        raise NotFoundError
    sent: Mapping[int, Reply] = dict(enumerate(state.replies, 1))
    if position is not None:
        numbers = [n for n, one in sent.items() if one.position == position]
        if not numbers or number not in (None, numbers[0]):
            raise NotFoundError
        return stream, numbers[0]
    if number is not None and number not in sent:
        raise NotFoundError
    return stream, number or len(sent)


def _written(made: Mapping[str, bytes], folder: Path) -> None:
    folder.mkdir(mode=0o700)
    for name, content in made.items():
        file = folder / name
        file.touch(mode=0o600)
        file.write_bytes(content)


def _on_record(container: Container, stream: UUID, number: int) -> None:
    actor = container.secret.actor(ISSUER, ACTOR)
    access = ViewDocument(random_uuid(), actor, stream, REPLY_FILE, number, "reply.zip", _REASON)
    container.ledger().view(access, container.now())


def compared(
    number: int, made: Mapping[str, bytes], stored: Mapping[str, bytes]
) -> tuple[list[str], str, int]:
    """A line each document, a sentence on all of them, and the code to end with.

    Args:
        made: name → bytes, as made again; stored: as they were sent.
    """
    names = sorted({*made, *stored})
    same = [name for name in names if made.get(name) == stored.get(name)]
    lines: list[str] = []
    for name in names:
        content = made.get(name)
        digest = "-" * 64 if content is None else hashlib.sha256(content).hexdigest()
        lines.append(f"{digest}  {name}  {'as it was sent' if name in same else 'DIFFERS'}")
    if len(same) == len(names):
        return lines, f"reply {number} is made again, byte for byte as it was sent", 0
    if _RECORDS in same:
        verdict = "the letter is set otherwise than it was; its records are as they were sent"
        return lines, verdict, DIFFERS
    return lines, "what is made again is not what was sent", DIFFERS


def _end(code: int, sentence: str) -> NoReturn:
    typer.echo(f"ledger: {sentence}", err=True)
    sys.exit(code)
