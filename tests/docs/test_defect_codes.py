"""Every code of a single defect is told to who meets it: on a page, and in Japanese."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from api.problems.kind import DEFECTS_JA
from tests.docs.markdown import DOCS, ROOT

PAGES = (
    DOCS / "reference" / "api.md",
    DOCS / "how-to" / "publish-a-procedure.md",
    DOCS / "how-to" / "import-a-file.md",
)
OF_A_PAGE = {"KNOWN"}
"""Of a form for the browser alone, which has its own words for it."""


def _codes(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) != "Defect":
            continue
        code = node.args[1]
        if isinstance(code, ast.Constant):
            yield str(code.value)
        elif isinstance(code, ast.Name) and code.id.strip("_").isupper():
            module = ".".join(source.relative_to(ROOT).with_suffix("").parts)
            yield str(getattr(import_module(module), code.id))


def _used() -> set[str]:
    sources = [one for room in ("api", "ledger") for one in (ROOT / room).rglob("*.py")]
    return {code for one in sources for code in _codes(one)} - OF_A_PAGE


def test_every_code_of_a_defect_stands_on_a_page() -> None:
    told = "".join(page.read_text("utf-8") for page in PAGES)
    used = _used() | DEFECTS_JA.keys()
    assert len(used) > 100
    assert {code for code in used if f"`{code}`" not in told} == set()


def test_every_code_of_a_defect_is_told_in_japanese() -> None:
    assert _used() - DEFECTS_JA.keys() == set()
