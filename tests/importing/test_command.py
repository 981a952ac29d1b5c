"""The command: how it ends, what it prints, and what it never does."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from tests.canary import traces
from tests.chaos.ledger import Ledger
from tests.emitter.between import Own, proxy
from tests.importing.items import item, line_of, ndjson
from tests.importing.persons import lines_of, person, transfer
from tests.importing.running import report
from tests.matrix import every

Run = Callable[..., Result]


@pytest.fixture
def command(ledger: Ledger, key_file: Path) -> Run:
    """`ledger import …` into the ledger of the tests; it names nobody."""

    def invoke(path: Path, *arguments: object) -> Result:
        url = ("--url", f"http://127.0.0.1:{ledger.port}")
        given = arguments if "--url" in arguments else (*url, *arguments)
        options = given if "--mapping" in given else ("--key-file", key_file, *given)
        done = CliRunner().invoke(app, ["import", str(path), *map(str, options)])
        assert not traces(done.output), done.output
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done

    return invoke


def test_it_ends_with_0_when_every_row_is_recorded_or_known(
    command: Run, tmp_path: Path, source: str
) -> None:
    path = ndjson(tmp_path / "f.ndjson", [line_of(item(str(n), source)) for n in range(3)])
    done = command(path)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "3 rows: 3 recorded",
        f"report: {tmp_path / 'f.ndjson.import' / 'report.ndjson'}",
    ]
    assert command(path).stdout == done.stdout


def test_rows_that_are_recorded_are_so_where_the_sums_cannot_be_printed(
    ledger: Ledger, key_file: Path, tmp_path: Path, source: str
) -> None:
    path = ndjson(tmp_path / "f.ndjson", [line_of(item(str(n), source)) for n in range(3)])
    options = ["--key-file", key_file, "--url", f"http://127.0.0.1:{ledger.port}"]
    program = [sys.executable, "-c", "from api.cli import main; main()", "import", path, *options]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == (
        "ledger import: the sums are not printed (No space left on device); "
        f"report: {tmp_path / 'f.ndjson.import' / 'report.ndjson'}"
    )


@every("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_before_anything_is_sent_ends_with_3(
    tmp_path_factory: pytest.TempPathFactory, number: int
) -> None:
    folder = tmp_path_factory.mktemp("signal")
    path, key = ndjson(folder / "f.ndjson", [line_of(item("1", "https://a.example"))]), folder / "k"
    os.mkfifo(key)
    options = ["--key-file", key, "--url", "http://127.0.0.1:9"]
    program = [sys.executable, "-c", "from api.cli import main; main()", "import", path, *options]
    # The other end is open once the key is being read, which waits for what never comes.
    with (
        subprocess.Popen(program, stderr=subprocess.PIPE, text=True) as running,
        key.open("w"),
    ):
        running.send_signal(number)
        _, told = running.communicate()
    assert running.returncode == 3
    assert told == "ledger import: stopped; the same command goes on where it ended\n"


@pytest.mark.parametrize(
    "second", ["no JSON", "a conflict"], ids=["a line in quarantine", "a conflict"]
)
def test_it_ends_with_1_when_some_row_is_not(
    command: Run, tmp_path: Path, source: str, second: str
) -> None:
    lines = [line_of(item(second, source)), line_of(item(second, source, items=["住所"]))]
    path = ndjson(tmp_path / "f.ndjson", [lines[0], b"{" if second == "no JSON" else lines[1]])
    done = command(path)
    assert done.exit_code == 1
    assert ("personal data" in done.stdout) == (second == "no JSON")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--url", "http://ledger.example.jp"], "plain HTTP"),
        (["--url", "nowhere"], "give https://"),
        (["--key-file", "/nonexistent"], "cannot be read"),
        (["--encoding", "latin-1"], "ENCODING_UNKNOWN"),
        (["--encoding", "cp932"], "ENCODING_FIXED"),
        (["--format", "parquet"], "PARQUET_DAMAGED"),
        (["--mapping", "MAPPING"], "--mapping"),
        (["--check"], "--check"),
    ],
)
def test_a_wrong_call_ends_with_2_and_sends_nothing(
    command: Run, tmp_path: Path, source: str, arguments: list[str], said: str
) -> None:
    mapping = tmp_path / "mapping.toml"
    mapping.write_text("", "utf-8")
    path = ndjson(tmp_path / "f.ndjson", [line_of(item("1", source))])
    given = [str(mapping) if one == "MAPPING" else one for one in arguments]
    if "--mapping" in given:
        given = ["--url", "http://127.0.0.1:9", *given]
    done = command(path, *given)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert not (tmp_path / "f.ndjson.import").exists()


def test_a_ledger_that_stays_away_ends_it_with_3_and_the_same_command_goes_on(
    ledger: Ledger, command: Run, tmp_path: Path, source: str
) -> None:
    path = ndjson(tmp_path / "f.ndjson", [line_of(item("1", source))])
    with proxy(ledger, lambda _: Own(503)) as between:
        done = command(path, "--url", between.url, "--patience", "0")
        assert done.exit_code == 3
        assert re.search(r"HTTP_503 .* from line 1 on; the same command goes on", done.stderr)
        between.rule = lambda _: None
        assert command(path, "--url", between.url).exit_code == 0
    assert [one["status"] for one in report(path)] == ["recorded"]


# -- The command: how an import as one transfer ends, and what it prints --


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
