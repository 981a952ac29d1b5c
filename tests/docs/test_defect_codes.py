"""Every code of a single defect is told to who meets it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from api.problems.kind import DEFECTS_JA
from tests.docs.markdown import DOCS, ROOT

PAGES = (
    DOCS / "reference" / "api.md",
    DOCS / "how-to" / "publish-a-procedure.md",
    DOCS / "how-to" / "import-a-file.md",
)


def _codes(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or len(node.args) < 2:
            continue
        is_defect = isinstance(node.func, ast.Name) and node.func.id == "Defect"
        code = node.args[1]
        if is_defect and isinstance(code, ast.Constant):
            yield str(code.value)


def test_every_code_of_a_defect_stands_on_a_page() -> None:
    sources = [one for room in ("api", "ledger") for one in (ROOT / room).rglob("*.py")]
    used = {code for one in sources for code in _codes(one)} | set(DEFECTS_JA)
    told = "".join(page.read_text("utf-8") for page in PAGES)

    assert len(used) > 40
    assert {code for code in used if f"`{code}`" not in told} == set()
