"""The inventory of cryptography names every file that uses it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.docs.markdown import DOCS, ROOT

PAGE = DOCS / "reference" / "cryptography.md"
ROOMS = ("api", "ledger", "projections", "emitter/src")
LIBRARIES = frozenset(
    (
        "authlib",
        "cryptography",
        "hashlib",
        "hmac",
        "joserfc",
        "jwt",
        "pyrage",
        "pyzipper",
        "random",
        "rfc3161_client",
        "secrets",
        "ssl",
    )
)
"""What hashes, seals, signs, verifies, speaks TLS or makes random values."""
_TABLE = re.compile(r"^\| .* \|$", re.MULTILINE)
_FILE = re.compile(r"`([\w/]+\.py)`")


def imported(path: Path) -> Iterator[str]:
    """First names of all modules that a file imports, wherever it does; `urandom` for its use."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name.partition(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]
        elif isinstance(node, ast.Attribute) and node.attr == "urandom":
            yield "urandom"


def using() -> set[str]:
    """Every file of ours that uses cryptography itself, and not by another file of ours."""
    return {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if not (LIBRARIES | {"urandom"}).isdisjoint(imported(path))
    }


def listed() -> list[str]:
    """The files that stand in the tables of the page."""
    rows = _TABLE.findall(PAGE.read_text("utf-8"))
    return [one for row in rows for one in _FILE.findall(row)]


def test_the_inventory_names_every_file_that_uses_cryptography() -> None:
    assert using() - set(listed()) == set()


def test_it_names_no_file_that_does_not() -> None:
    assert set(listed()) - using() == set()


def test_an_import_is_found_wherever_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text("import os\ndef f():\n    from hmac import digest\n    return os.urandom(1)\n")
    assert {"hmac", "urandom"} <= {*imported(file)}
