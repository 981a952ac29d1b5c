"""`ledger proof`: what a proof that came with a reply proves, with the log's public key alone."""

import json
import sys
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from ledger.crypto.notes import Verifier
from ledger.errors import CorruptRecordError
from ledger.log.proof_records import read_proof

REFUSED: Final = 1
UNREAD: Final = 2


def register(app: typer.Typer) -> None:
    """Add the command of this module to `app`."""
    app.command()(proof)


def proof(
    file: Annotated[
        Path, typer.Argument(help="The file proof.json of a reply, or one showing of it.")
    ],
    key: Annotated[str, typer.Argument(help="The log's public key, as its operator hands it out.")],
) -> None:
    """Verify the proof of a reply, offline; it needs no ledger, no settings and no database.

    Prints each record as it was recorded. Ends with 0 when every record is proven, with 1 when the
    proof proves nothing, with 2 when file or key cannot be read.
    """
    try:
        verifier = Verifier.read(key)
        content = file.read_bytes()
    except CorruptRecordError:
        _end(UNREAD, "this is no public key of a log: it begins with the log's name and has two +")
    except OSError as error:
        _end(UNREAD, f"the file cannot be read: {error.strerror}")
    try:
        proven = read_proof(content, verifier, verifier.name.rpartition("/")[2])
    except CorruptRecordError as error:
        _end(REFUSED, f"the file proves nothing: {error}")
    for one in proven.records:
        contents = [json.loads(text) for text in (one.statement, one.line) if text is not None]
        positions = ", ".join(map(str, one.positions))
        typer.echo(f"recorded at position {positions}:")
        typer.echo(json.dumps(contents, ensure_ascii=False, indent=1))
    count = len(proven.records)
    count_text = "1 record is" if count == 1 else f"{count} records are"
    checkpoint = proven.checkpoint
    typer.echo(f"{count_text} proven, in {checkpoint.origin} as it was signed at {checkpoint.size}")
    if (answer := proven.answer) is None:
        typer.echo("not proven: that the reply told no other record (it binds no answer)")
        return
    whom = ", ".join(f"{one['scheme']} {one['id']}" for one in answer.identifiers)
    typer.echo(f"the answer of case {answer.case} about {whom or 'identifiers that are not shown'}")
    sentence = f"the reply told these records and no others, as of position {answer.as_of}"
    if answer.withheld:
        sentence += f"; of {answer.withheld} more lines it withholds something, they are not shown"
    typer.echo(f"bound at position {answer.position}: {sentence}")
    if answer.form == 1:
        typer.echo("not proven: that each record is shown in the version that the reply told")


def _end(code: int, sentence: str) -> NoReturn:
    typer.echo(f"ledger: {sentence}", err=True)
    sys.exit(code)
