"""The page that imports a register does so: its files and commands, run, print what it shows."""

import re
import shlex
from pathlib import Path

from tests.canary import traces
from tests.database import Database
from tests.docs.markdown import DOCS, Fence, fences_of
from tests.registers.conftest import Run, run

__all__ = ["run"]

PAGE = DOCS / "how-to" / "import-a-register.md"


def test_the_page_about_registers_prints_what_it_shows(
    tmp_path: Path, run: Run, database: Database
) -> None:
    assert database.login
    fences = list(fences_of(PAGE))
    printed: list[str] = []
    for n, fence in enumerate(fences):
        _write(tmp_path, fence)
        for line in fence.text.splitlines() if fence.language == "sh" else ():
            _, ledger, command, register, *options = shlex.split(line)
            assert (ledger, command) == ("ledger", "import")
            inside = [
                tmp_path / word if word.endswith((".toml", ".csv")) else word for word in options
            ]
            done = run(tmp_path / register, *inside)
            follows = fences[n + 1]
            if follows.language == "text":
                printed.append(done.output)
                assert _without_log(done.output) == follows.text
            else:
                assert 'field = "counterparty.address"' in done.output
    assert len(printed) == 3
    report = (tmp_path / "report.csv").read_text("utf-8-sig")
    assert report.splitlines()[1].startswith('"4","住所","/counterparty/address","MISSING"')
    assert not traces(report)


def _write(folder: Path, fence: Fence) -> None:
    if fence.mark.startswith("file: "):
        (folder / fence.mark.removeprefix("file: ")).write_text(fence.text, "utf-8")
    elif fence.mark.startswith("replace in "):
        place = folder / fence.mark.removeprefix("replace in ")
        column = fence.text.partition(" = ")[0]
        text = re.sub(
            rf"^{column} = .*\n", fence.text, place.read_text("utf-8"), flags=re.MULTILINE
        )
        place.write_text(text, "utf-8")


def _without_log(output: str) -> str:
    """What was printed, without the log beside it."""
    return "".join(line for line in output.splitlines(keepends=True) if not line.startswith("{"))
