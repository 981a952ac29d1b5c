"""The folder beside a file, torn at any byte by a death: the next run makes it whole."""

import json
import resource
import shutil
import subprocess
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from api.imports.client import client_of
from api.imports.errors import FileError
from api.imports.importer import imported
from api.imports.journal import folder_of
from api.imports.ndjson import NdjsonRows
from api.imports.outputs import NAMES
from tests.canary import traces
from tests.chaos.ledger import Ledger
from tests.chaos.standing import recorded
from tests.importing.items import item, line_of, ndjson
from tests.importing.running import report, run, wanted_of
from tests.importing.test_importing import KINDS
from tests.matrix import every
from tests.serving.processes import LEDGER, environment

LONG_LINE_BYTES = 100 << 20
_PEAK_BYTES_MAX = 24 << 20
"""A line that fills a request, and the copies of it that parsing makes."""


def test_a_journal_that_was_torn_at_any_byte_is_gone_on_from(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    kinds = [kind for kind in KINDS if kind not in ("on a base", "in a series")]
    lines = [KINDS[kind](source, n) for kind in kinds for n in range(2)]
    path = ndjson(tmp_path / "f.ndjson", lines)
    wanted = wanted_of(ledger, path, rows_max=5, parallel=4)
    key = ledger.key()
    with closing(client_of(wanted.url, lambda: key, 4)) as client:
        counts = imported(wanted, client)
        before = {name: (folder_of(path) / name).read_bytes() for name in NAMES}
        journal = (folder_of(path) / "journal.ndjson").read_bytes()
        # Whatever was sent stands in the journal before it leaves: no death undoes that.
        sent_until = journal.index(b"\n", journal.rindex(b'"sent"')) + 1
        assert b'"done"' in journal[sent_until:]
        whole = tmp_path / "whole"
        shutil.copytree(folder_of(path), whole)
        cuts = [*range(sent_until, len(journal), 37), len(journal) - 1]
        for cut in cuts:
            shutil.rmtree(folder_of(path))
            shutil.copytree(whole, folder_of(path))
            (folder_of(path) / "journal.ndjson").write_bytes(journal[:cut])
            # What a run that died had written beyond what it had settled: half a line.
            for name in NAMES:
                with (folder_of(path) / name).open("ab") as file:
                    file.write(b'{"line": 1, "sta')
            assert imported(wanted, client) == counts
            assert {name: (folder_of(path) / name).read_bytes() for name in NAMES} == before


def test_a_line_of_a_hundred_megabytes_is_quarantined_in_little_memory(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    path = tmp_path / "f.ndjson"
    first, last = line_of(item("1", source)), line_of(item("2", source))
    with path.open("wb") as file:
        file.write(first + b"\n{")
        file.truncate(LONG_LINE_BYTES)
        file.seek(LONG_LINE_BYTES)
        file.write(b"\n" + last + b"\n")
    tracemalloc.start()
    try:
        with path.open("rb") as file:
            rows = NdjsonRows(file)
            codes = [[one.code for one in row.defects] for row in rows.rows(rows.begin())]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert codes == [[], ["LINE_TOO_LONG"], []]
    assert peak < _PEAK_BYTES_MAX
    assert run(ledger, path) == {"recorded": 2, "quarantine": 1}
    [kept] = (folder_of(path) / "quarantine.ndjson").read_text("utf-8").splitlines()
    found = json.loads(kept)
    assert found["is_cut"]
    assert found["at"] == len(first) + 1
    assert found["bytes"] == LONG_LINE_BYTES - len(first)
    assert len(kept) < 1 << 19


def test_memory_does_not_grow_with_the_file(ledger: Ledger, tmp_path: Path, source: str) -> None:
    peaks: list[int] = []
    for count in (1_000, 4_000):
        lines = (line_of(item(f"{count}-{n}", source)) for n in range(count))
        path = ndjson(tmp_path / f"{count}.ndjson", lines)
        tracemalloc.start()
        try:
            run(ledger, path, parallel=1, rows_max=100)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
        assert len(report(path)) == count
    few, many = peaks
    assert many - few < 1 << 20


PLAIN = "plain HTTP to another machine shows it key and records: give https://, or --plain-http"


@every(
    "url, said",
    [
        ("ledger.example.jp", "give https:// and a host"),
        ("https://me:secret@a", "give scheme, host, port and path alone"),
        ("http://ledger.example.jp", PLAIN),
    ],
)
def test_a_url_that_is_none_is_refused_without_being_told(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        client_of(url, str, 1)
    assert str(caught.value) == said


@pytest.mark.parametrize("how", ["readable", "a link"])
def test_a_folder_that_is_not_for_us_alone_is_refused(
    ledger: Ledger, tmp_path: Path, source: str, how: str
) -> None:
    path = ndjson(tmp_path / "f.ndjson", [line_of(item("1", source))])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    if how == "a link":
        folder_of(path).symlink_to(elsewhere)
    else:
        folder_of(path).mkdir()
        folder_of(path).chmod(0o750)
    with pytest.raises(FileError) as caught:
        run(ledger, path)
    assert caught.value.code == "FOLDER_EXPOSED"
    assert list(folder_of(path).iterdir()) == []


@pytest.mark.parametrize("bytes_max", [1_500])
def test_a_full_disk_ends_it_cleanly_and_it_goes_on_once_there_is_room(
    ledger: Ledger, tmp_path: Path, source: str, key_file: Path, bytes_max: int
) -> None:
    lines = [line_of(item(f"{bytes_max}-{n}", source)) for n in range(60)]
    path = ndjson(tmp_path / "f.ndjson", [*lines, b"{"])
    url = f"http://127.0.0.1:{ledger.port}"
    options = ["--url", url, "--key-file", key_file, "--batch", "5", "--parallel", "2"]

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, bytes_max))

    def go(preexec: Callable[[], None] | None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [LEDGER, "import", path, *options],
            env=environment(),
            preexec_fn=preexec,
            capture_output=True,
            text=True,
            check=False,
        )

    full = go(limited)
    assert full.returncode == 3, full.stderr
    assert "mend it, and the same command goes on" in full.stderr
    assert not traces(full.stderr)
    assert go(None).returncode == 1
    assert [one["status"] for one in report(path)] == ["recorded"] * 60 + ["quarantine"]
    assert recorded(ledger, source)[f"{bytes_max}-59"] == 1
