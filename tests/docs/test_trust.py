"""Every cell of the table "who holds what" names tests, and there are such tests."""

import ast
import re
from functools import cache

import pytest

from tests.docs.markdown import DOCS, ROOT

_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
_HEAD = "| who holds | what they can do | how it would show |"


def _cells() -> list[str]:
    """The cells of the second and third column, in order."""
    text = (DOCS / "explanation" / "trust.md").read_text("utf-8")
    rows = text.partition(_HEAD)[2].partition("\n\n")[0].strip().splitlines()[1:]
    cells: list[str] = []
    for row in rows:
        _, _, can, shows, _ = row.split("|")
        cells += [can.strip(), shows.strip()]
    return cells


CELLS = _cells()


@cache
def _tests_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_there_is_a_table() -> None:
    assert len(CELLS) >= 16


@pytest.mark.parametrize("cell", CELLS, ids=[cell[:40] for cell in CELLS])
def test_what_a_cell_says_is_tried_by_tests_that_there_are(cell: str) -> None:
    named = _TEST.findall(cell)
    assert named, "a cell without a test"
    assert [one for path, one in named if one not in _tests_of(path)] == []
