"""Lines to import, and files of them."""

import json
from collections.abc import Iterable
from pathlib import Path

from tests.transfers import SOURCE, item

__all__ = ["SOURCE", "item", "line_of", "ndjson"]


def line_of(one: object) -> bytes:
    return json.dumps(one, ensure_ascii=False).encode()


def ndjson(path: Path, lines: Iterable[bytes]) -> Path:
    """A file of these lines."""
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path
