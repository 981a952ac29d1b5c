"""The page's commands for a bulk transfer, run as they stand against the doors on a real socket."""

import json
import os
import subprocess
import threading
from pathlib import Path
from typing import Final

from tests.database import Database
from tests.docs.markdown import DOCS, fences_of
from tests.doors.bulk_sending import carry_out
from tests.doors.corridor import open_doors
from tests.serving.threads import served

PAGE: Final = DOCS / "how-to" / "send-transfers.md"
SOURCE: Final = "https://platform.example.jp/ad-export"
LINES: Final = 1_000
"""Of a part; the page says a hundred times as many."""
PERSONS: Final = LINES + 1


def test_a_file_goes_by_the_commands_of_the_page(database: Database, tmp_path: Path) -> None:
    blocks = [one.text for one in fences_of(PAGE) if one.mark == "bulk"]
    assert len(blocks) == 4
    commands = "".join(blocks)
    assert "--lines=100000 " in commands
    with (tmp_path / "persons.ndjson").open("w") as file:
        file.writelines(f'{{"scheme": "member", "id": "P-{n}"}}\n' for n in range(PERSONS))
    with (
        open_doors(database.urls, followed=False) as corridor,
        served(corridor.app, lifespan="off") as port,
    ):
        address = f"http://127.0.0.1:{port}"
        key = corridor.key("events:write", source=SOURCE)
        over = threading.Event()

        def commits() -> None:
            while not over.wait(0.1):
                carry_out(corridor)

        carrying = threading.Thread(target=commits)
        carrying.start()
        try:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", commands.replace("=100000 ", f"={LINES} ")],
                cwd=tmp_path,
                env={**os.environ, "LEDGER": address, "EMITTER": key, "LC_ALL": "C.UTF-8"},
                check=False,
                capture_output=True,
                text=True,
            )
        finally:
            over.set()
            carrying.join()
    assert done.returncode == 0, done.stderr + done.stdout
    told = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert (told["state"], told["parts"]) == ("committed", 2)
    assert told["result"]["status"] == "recorded"
    assert told["result"]["persons"] == PERSONS
