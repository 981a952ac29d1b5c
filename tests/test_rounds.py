"""A quick run tries a part of what is random, a thorough one all of it."""

import re
from pathlib import Path

import pytest

from tests.rounds import be_thorough, rounds

HERE = Path(__file__).parent
FEW = 3
"""So few examples no run can do without."""


def test_a_quick_run_tries_a_quarter_and_never_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEDGER_TEST_THOROUGH", raising=False)
    assert [rounds(n) for n in (1, 4, 5, 100)] == [1, 1, 2, 25]
    assert rounds(10, at_least=6) == 6


def test_a_thorough_run_tries_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEDGER_TEST_THOROUGH", raising=False)
    be_thorough()
    assert [rounds(n) for n in (1, 5, 100)] == [1, 5, 100]
    assert rounds(10, at_least=6) == 10


def test_no_test_fixes_a_number_of_examples_past_a_thorough_run() -> None:
    fixed = [
        f"{path.relative_to(HERE)}: {found[0]}"
        for path in sorted(HERE.rglob("*.py"))
        for found in re.finditer(r"max_examples=(\d+)\b", path.read_text("utf-8"))
        if int(found[1]) > FEW
    ]
    assert fixed == []
