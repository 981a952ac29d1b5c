"""The page that imports a file does so: its file and its command, run, print what it shows."""

import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from tests.canary import traces
from tests.chaos.ledger import Ledger
from tests.docs.markdown import DOCS, Fence, fences_of
from tests.importing.conftest import ledger
from tests.importing.running import left

__all__ = ["ledger"]

PAGE = DOCS / "how-to" / "import-a-file.md"


def printed(ledger: Ledger, files: Sequence[Fence], command: Fence) -> Result:
    """What the command of the page prints, run beside the files of the page."""
    for file in files:
        Path(file.mark.removeprefix("file: ")).write_text(file.text, "utf-8")
    Path("key.txt").write_text(ledger.key(), "utf-8")
    _, _, *words = shlex.split(command.text)
    url = f"http://127.0.0.1:{ledger.port}"
    done = CliRunner().invoke(app, [url if one.startswith("http://") else one for one in words])
    assert not traces(done.output)
    return done


def test_the_page_about_files_prints_what_it_shows(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file, command, output, *many = fences_of(PAGE)
    done = printed(ledger, [file], command)
    assert (done.stdout, done.exit_code) == (output.text, 1)
    first, second, third = left(Path("transfers.csv"), "report")
    assert (first["status"], first["findings"], first["lawful"]) == ("recorded", [], True)
    assert (second["status"], second["lawful"]) == ("recorded", False)
    assert (third["status"], third["code"]) == ("quarantine", "SCHEMA_VIOLATION")
    [kept] = left(Path("transfers.csv"), "quarantine")
    assert kept["raw"] == file.text.splitlines(keepends=True)[3]
    assert "/data/items" in [error["pointer"] for error in kept["errors"]]
    # What it shows of a transfer of many persons.
    transfer, members, command, output = many[:4]
    done = printed(ledger, [transfer, members], command)
    assert (done.stdout, done.exit_code) == (output.text, 0)
    [report] = left(Path("members.csv"), "report")
    assert (report["status"], report["left_out"], report["lawful"]) == ("recorded", [], True)
