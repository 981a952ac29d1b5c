"""A matrix tries every case, and says of which ones it does not hold."""

import inspect
import logging

import pytest

from tests.canary import CANARIES
from tests.matrix import every


def test_every_case_is_tried_with_every_other_and_with_what_fixtures_give() -> None:
    tried: list[tuple[int, str, str]] = []

    @every("number", (1, 2))
    @every("letter, sign", (("a", "+"), ("b", "-")))
    def holds(number: int, letter: str, sign: str, given: str) -> None:
        tried.append((number, letter + sign, given))

    assert [*inspect.signature(holds).parameters] == ["given"]
    holds(given="x")
    assert tried == [(1, "a+", "x"), (1, "b-", "x"), (2, "a+", "x"), (2, "b-", "x")]


def test_two_matrices_name_what_fails_of_both() -> None:
    @every("number", range(100, 103))
    @every("letter", "ab")
    def holds(number: int, letter: str) -> None:
        assert (number, letter) != (101, "b"), "x" * 9_000

    with pytest.raises(AssertionError, match=r"^1 of 6 cases:\n101 b: AssertionError: x"):
        holds()


def test_all_cases_that_fail_are_named_and_no_other() -> None:
    @every("number", range(40), called=lambda one: f"case {one}")
    def holds(number: int) -> None:
        assert number % 3, "divisible"
        with pytest.raises(ZeroDivisionError):
            _ = 1 // (number - number % 2 * 5)

    with pytest.raises(AssertionError) as failed:
        holds()
    told = str(failed.value).splitlines()
    expected = [n for n in range(40) if n % 3 == 0 or (n - n % 2 * 5) != 0]
    assert told[0] == f"{len(expected)} of 40 cases:"
    assert [line.split(":")[0] for line in told if line.startswith("case ")] == [
        f"case {n}" for n in expected
    ]


def test_the_case_in_which_somebody_left_is_named() -> None:
    @every("name", ("nobody", CANARIES[0]), called=lambda one: f"case {one == 'nobody'}")
    def logs(name: str) -> None:
        logging.getLogger("api").error(name)

    with pytest.raises(AssertionError, match=r"^1 of 2 cases:\ncase False: LeftError: log line"):
        logs()


def test_a_matrix_without_a_case_is_refused() -> None:
    with pytest.raises(AssertionError, match="cannot fail"):
        every("one", ())
