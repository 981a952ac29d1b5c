"""The import as a function, and what it leaves beside its file."""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from api.imports.client import client_of
from api.imports.formats import format_of
from api.imports.importer import Import, Progress, imported
from ledger_emitter import Backoff
from tests.chaos.ledger import Ledger

HASTY = Backoff(first_s=0.02, span_s_max=0.2, retry_after_s_max=120.0)
"""As in production, but without letting a test wait for minutes."""


def wanted_of(ledger: Ledger, path: Path, **changes: object) -> Import:
    """An import of the file, as the command begins it unless changed."""
    url = f"http://127.0.0.1:{ledger.port}"
    kind = "ndjson" if "format" in changes else format_of(path)
    usual = Import(path, url, kind, "utf-8", parallel=3, rows_max=1_000, backoff=HASTY)
    return replace(usual, **changes)  # pyright: ignore[reportArgumentType] -- a test's own changes


def run(
    ledger: Ledger,
    path: Path,
    told: Callable[[Progress], None] = lambda _: None,
    **changes: object,
) -> Counter[str]:
    """Import the file with a key of `SOURCE`."""
    key = ledger.key()
    wanted = wanted_of(ledger, path, **changes)
    with closing(client_of(wanted.url, lambda: key, wanted.parallel)) as client:
        return imported(wanted, client, told)


def left(path: Path, name: str) -> list[dict[str, Any]]:
    """The lines of a file in the folder beside `path`."""
    place = path.with_name(f"{path.name}.import") / f"{name}.ndjson"
    return [json.loads(line) for line in place.read_text("utf-8").splitlines()]


def report(path: Path) -> list[dict[str, Any]]:
    return left(path, "report")
