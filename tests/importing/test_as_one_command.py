"""The command: how an import as one transfer ends, and what it prints."""

from pathlib import Path

import pytest
from typer.testing import Result

from tests.importing.items import ndjson
from tests.importing.persons import lines_of, person, transfer
from tests.importing.test_command import Run, command

__all__ = ["command"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return ndjson(tmp_path / "f.ndjson", lines_of([person(1), person(2), person(1)]))


@pytest.fixture
def header(tmp_path: Path, source: str) -> Path:
    return transfer(tmp_path / "transfer.json", source)


def told(done: Result) -> list[str]:
    return done.stdout.splitlines()


def test_it_ends_with_0_when_the_transfer_is_recorded_or_known(
    command: Run, path: Path, header: Path
) -> None:
    done = command(path, "--as-one", header)
    assert done.exit_code == 0, done.output
    assert told(done) == [
        "one transfer: recorded, 3 lines, 2 persons, 1 repeated lines, 0 persons with findings",
        f"report: {path.parent / 'f.ndjson.import' / 'report.ndjson'}",
    ]
    assert command(path, "--as-one", header).stdout == done.stdout
    copy = path.rename(path.with_name("copy.ndjson"))
    known = command(copy, "--as-one", header, "--part-lines", 2)
    assert (known.exit_code, told(known)[0]) == (0, "one transfer: duplicate, 3 lines")


def test_it_ends_with_1_when_lines_are_bad_also_when_they_are_left_out(
    command: Run, path: Path, header: Path
) -> None:
    path.write_bytes(path.read_bytes() + b"{\n")
    done = command(path, "--as-one", header)
    assert done.exit_code == 1
    assert told(done)[0].startswith("nothing is recorded: 1 lines are bad")
    done = command(path, "--as-one", header, "--leave-out-bad")
    assert done.exit_code == 1
    assert told(done)[0].startswith("one transfer: recorded, 3 lines")
    assert "left out: 1 lines" in done.stdout
    assert "personal data" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--leave-out-bad"], "needs --as-one"),
        (["--part-lines", "5"], "needs --as-one"),
        (["--as-one", "HEADER", "--batch", "5"], "--part-lines"),
        (["--as-one", "FILE"], "TRANSFER_BROKEN"),
        (["--as-one", "HEADER", "--encoding", "cp932"], "ENCODING_FIXED"),
        (["--as-one", "/nonexistent"], "--as-one"),
    ],
)
def test_a_wrong_call_ends_with_2_and_leaves_nothing(
    command: Run, path: Path, header: Path, arguments: list[str], said: str
) -> None:
    known = {"HEADER": str(header), "FILE": str(path)}
    done = command(path, *(known.get(one, one) for one in arguments))
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert not (path.parent / "f.ndjson.import").exists()
