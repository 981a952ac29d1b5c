"""The table of the ASVS is complete, and what it names is there."""

import ast
import re
from functools import cache

from tests.docs.asvs_page import LEVELS, STATES, rows
from tests.docs.markdown import ROOT

_SPAN = re.compile(r"`([^`]+)`")
_WORDS_MAX = 12


@cache
def names_in(path: str) -> frozenset[str]:
    """Names of the tests of a file; none where there is no such file."""
    if not path.startswith("tests/") or not (ROOT / path).is_file():
        return frozenset()
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def is_there(named: str) -> bool:
    path, _, test = named.partition("::")
    if test:
        return test.startswith("test_") and test in names_in(path)
    return (ROOT / path).is_file()


def test_every_requirement_stands_there_once_with_its_level() -> None:
    assert [(row.number, row.level) for row in rows()] == [*LEVELS.items()]
    assert len(LEVELS) == 345


def test_every_row_has_one_of_three_states_and_few_words() -> None:
    wrong = [
        row.number
        for row in rows()
        if row.state not in STATES or not 0 < len(row.requirement.split()) <= _WORDS_MAX
    ]
    assert wrong == []


def test_what_is_shown_names_a_test_or_a_file_and_everything_else_says_why() -> None:
    wrong: list[str] = []
    for row in rows():
        named = [one for one in _SPAN.findall(row.where) if is_there(one)]
        if row.state == "held" and not named:
            wrong.append(f"{row.number} names neither a test nor a file")
        if row.state != "held" and not row.where.endswith("."):
            wrong.append(f"{row.number} does not say why")
    assert wrong == []


def test_every_test_and_every_file_that_a_row_names_is_there() -> None:
    missing = [
        f"{row.number}: {one}"
        for row in rows()
        for one in _SPAN.findall(row.where)
        if ("::" in one or "/" in one) and not is_there(one)
    ]
    assert missing == []


def test_a_test_that_is_gone_is_noticed() -> None:
    assert is_there("tests/docs/test_asvs.py::test_a_test_that_is_gone_is_noticed")
    assert is_there("requirements.lock")
    for gone in ("tests/docs/test_asvs.py::test_that_nobody_wrote", "tests/docs/gone.py::test_x"):
        assert not is_there(gone)
    assert not is_there("tests/docs/test_asvs.py::is_there")
