"""The page that imports a file does so: its file and its command, run, print what it shows."""

import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from tests.canary import traces
from tests.chaos.ledger import Ledger
from tests.docs.markdown import DOCS, fences_of
from tests.importing.conftest import ledger
from tests.importing.running import left

__all__ = ["ledger"]

PAGE = DOCS / "how-to" / "import-a-file.md"


def test_the_page_about_files_prints_what_it_shows(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file, command, output, *_ = fences_of(PAGE)
    Path(file.mark.removeprefix("file: ")).write_text(file.text, "utf-8")
    Path("key.txt").write_text(ledger.key(), "utf-8")
    _, _, *words = shlex.split(command.text)
    url = f"http://127.0.0.1:{ledger.port}"
    given = [url if word.startswith("http://") else word for word in words]
    done = CliRunner().invoke(app, given)
    assert done.stdout == output.text
    assert done.exit_code == 1
    first, second, third = left(Path("transfers.csv"), "report")
    assert (first["status"], first["findings"], first["lawful"]) == ("recorded", [], True)
    assert (second["status"], second["lawful"]) == ("recorded", False)
    assert (third["status"], third["code"]) == ("quarantine", "SCHEMA_VIOLATION")
    [kept] = left(Path("transfers.csv"), "quarantine")
    assert kept["raw"] == file.text.splitlines(keepends=True)[3]
    assert "/data/items" in [error["pointer"] for error in kept["errors"]]
    assert not traces(done.output)


def test_the_page_about_many_persons_prints_what_it_shows(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    transfer, members, command, output = list(fences_of(PAGE))[3:7]
    for file in (transfer, members):
        Path(file.mark.removeprefix("file: ")).write_text(file.text, "utf-8")
    Path("key.txt").write_text(ledger.key(), "utf-8")
    _, _, *words = shlex.split(command.text)
    url = f"http://127.0.0.1:{ledger.port}"
    done = CliRunner().invoke(app, [url if one.startswith("http://") else one for one in words])
    assert done.stdout == output.text
    assert done.exit_code == 0
    [report] = left(Path("members.csv"), "report")
    assert (report["status"], report["left_out"], report["lawful"]) == ("recorded", [], True)
    assert not traces(done.output)
