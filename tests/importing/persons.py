"""Files of persons, who are in one transfer. Every person is a canary."""

import json
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from api.imports.as_one.importer import AsOne, imported_as_one
from api.imports.client import client_of
from api.imports.formats import format_of
from api.imports.importer import Progress
from tests.canary import MEMBER, NAME
from tests.chaos.ledger import Ledger
from tests.importing.items import item, line_of
from tests.importing.oracle import told
from tests.importing.running import HASTY


def person(number: int) -> dict[str, str]:
    """Always the same for the same number; each third has a name."""
    one = {"scheme": "member", "id": f"{MEMBER}-{number}"}
    return {**one, "name": NAME} if number % 3 == 0 else one


def transfer(path: Path, source: str, id_: str = "bulk", **changes: object) -> Path:
    """The file with the transfer that the persons are in."""
    one = item(id_, source, **changes)
    del one["data"]["principals"]
    path.write_text(json.dumps(one, ensure_ascii=False), "utf-8")
    return path


def lines_of(persons: Iterable[object]) -> list[bytes]:
    return [line_of(one) for one in persons]


def wanted_as_one(ledger: Ledger, path: Path, header: Path, **changes: object) -> AsOne:
    """An import as the command begins it unless changed, in parts of few persons."""
    url = f"http://127.0.0.1:{ledger.port}"
    usual = AsOne(path, url, format_of(path), "utf-8", 3, 10, HASTY, header)
    return replace(usual, **changes)  # pyright: ignore[reportArgumentType] -- a test's own changes


_KEYS: dict[int, str] = {}


def key_of(ledger: Ledger) -> str:
    """One key for all: a bulk transfer is known to who began it alone."""
    if ledger.port not in _KEYS:
        _KEYS[ledger.port] = ledger.key()
    return _KEYS[ledger.port]


def send(
    ledger: Ledger,
    path: Path,
    header: Path,
    progress: Callable[[Progress], None] = lambda _: None,
    **changes: object,
) -> dict[str, Any]:
    """Import the file with a key of `SOURCE`; its report."""
    key = key_of(ledger)
    wanted = wanted_as_one(ledger, path, header, **changes)
    with closing(client_of(wanted.url, lambda: key, wanted.parallel)) as client:
        return dict(imported_as_one(wanted, client, progress))


def ordinary(
    ledger: Ledger, source: str, persons: list[dict[str, str]], id_: str = "bulk"
) -> dict[str, Any]:
    """What the ledger says of the same as an ordinary transfer: the slow, obvious way."""
    [said] = told(ledger, [line_of(item(id_, source, principals=persons))], ledger.key())
    return said
