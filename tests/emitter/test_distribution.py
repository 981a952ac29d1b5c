"""The client is a distribution of its own: it is built, installed and typed without the ledger."""

import ast
import email
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from api.settings.settings import Settings
from api.web.items import ID_BYTES_MAX, ORDER_11, SOURCE_BYTES_MAX
from ledger_emitter import items
from tests.docs.api_page import SCHEMAS, operations
from tests.docs.markdown import ROOT

DISTRIBUTION = ROOT / "emitter"
SOURCES = sorted((DISTRIBUTION / "src").rglob("*.py"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    folder = tmp_path_factory.mktemp("wheel")
    uv = Path(sys.executable).with_name("uv")
    built = subprocess.run(
        [uv, "build", "--wheel", "--quiet", "--offline", "--out-dir", folder, DISTRIBUTION],
        check=False,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    [file] = folder.glob("*.whl")
    return zipfile.Path(file)


def test_the_wheel_holds_the_client_typed_and_nothing_else(wheel: zipfile.Path) -> None:
    with zipfile.ZipFile(str(wheel.root.filename)) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        [metadata] = [name for name in archive.namelist() if name.endswith("/METADATA")]
        told = email.message_from_bytes(archive.read(metadata))
    modules = {f"ledger_emitter/{path.name}" for path in SOURCES}
    assert {name for name in names if not name.endswith("/")} == {
        *modules,
        "ledger_emitter/py.typed",
    }
    assert told.get_all("Requires-Dist") == [
        "httpx2>=2",
        "pyjwt[crypto]>=2.10 ; extra == 'dpop'",
    ]


def test_it_imports_nothing_of_the_ledger() -> None:
    looked = (
        "import sys, ledger_emitter, ledger_emitter.command;"
        "print(sorted(n for n in sys.modules if n.partition('.')[0] in"
        " ('ledger', 'api', 'projections', 'psycopg', 'fastapi', 'typer')))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", looked], check=True, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"


def test_its_bounds_are_those_of_the_ledger() -> None:
    body = operations()["POST /v1/transfers"]["requestBody"]["content"]["application/json"]
    assert body["schema"]["properties"]["items"]["maxItems"] == items.ITEMS_MAX
    assert Settings().body_bytes_max == items.BODY_BYTES_MAX
    assert Settings().items_per_request_max == items.ITEMS_MAX
    assert {SOURCE_BYTES_MAX, ID_BYTES_MAX} == {items.NAME_BYTES_MAX}
    assert SCHEMAS["Item"]["properties"]["order_11"]["enum"] == list(ORDER_11)


def test_no_sql_is_made_from_values() -> None:
    made = [
        f"{path.name}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("execute", "executemany", "executescript")
        and isinstance(node.args[0], ast.JoinedStr)
        and not ast.unparse(node.args[0]).startswith("f'PRAGMA ")
    ]
    assert made == []
