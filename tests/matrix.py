"""A matrix as one test that tries every case and names each one that fails.

Where a case takes a millisecond, a test of its own takes several: pytest's work, and in a run with
workers the message about it.
"""

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, cast

import pytest

from tests.hanging import bounded
from tests.leaving import LEAVING

_SHOWN_MAX: Final = 600
"""Signs of each failure: of hundreds, the names must still be found."""

Test = Callable[..., None]


def every(
    names: str, cases: Iterable[object], *, called: Callable[[Any], str] = str
) -> Callable[[Test], Test]:
    """Run a test with each case, all of them, and fail with the names of those that failed.

    To be used as `pytest.mark.parametrize` is; two of them try each case of one with each of the
    other. What fixtures give is the same for all cases, so none of them may be for a single test.

    Args:
        names: of the arguments, with commas between them.
        cases: a value each, or a tuple where there are several names.
        called: how a value is called in a failure.
    """
    arguments = [name.strip() for name in names.split(",")]
    given: list[dict[str, object]] = []
    for case in cases:
        values = cast("Sequence[object]", case) if len(arguments) > 1 else (case,)
        given.append(dict(zip(arguments, values, strict=True)))
    assert given, "a matrix without a case cannot fail"

    def decorate(test: Test) -> Test:
        one, inner = _MADE.get(test, (test, [{}]))
        return _matrix(one, [{**outer, **case} for outer in given for case in inner], called)

    return decorate


_MADE: Final[dict[Test, tuple[Test, list[dict[str, object]]]]] = {}
"""The test of one case, and all cases, of each test of a matrix."""


def _matrix(test: Test, cases: list[dict[str, object]], called: Callable[[Any], str]) -> Test:
    @functools.wraps(test)
    def run(**fixtures: object) -> None:
        failed: list[tuple[str, BaseException]] = []
        for case in cases:
            try:
                with bounded():
                    test(**fixtures, **case)
                LEAVING.search()
            except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 -- each is told below
                failed.append((" ".join(map(called, case.values())), error))
        if failed:
            told = "\n".join(f"{name}: {_shown(error)}" for name, error in failed)
            raise AssertionError(f"{len(failed)} of {len(cases)} cases:\n{told}") from failed[0][1]

    parameters = inspect.signature(test).parameters.values()
    left = [one for one in parameters if one.name not in cases[0]]
    run.__signature__ = inspect.Signature(left)  # pyright: ignore[reportAttributeAccessIssue] -- documented
    _MADE[run] = test, cases
    return run


def _shown(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:_SHOWN_MAX]
