"""A test that hangs fails, and says where."""

import signal
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hanging import SECONDS_MAX, HangsError, bounded


def test_a_loop_without_an_end_is_told_with_the_stacks_of_all_threads() -> None:
    ended = threading.Event()

    def turn_elsewhere() -> None:
        ended.wait()

    def turn_here() -> None:
        with bounded(0.5):
            while True:
                pass

    other = threading.Thread(target=turn_elsewhere)
    other.start()
    try:
        with pytest.raises(HangsError, match="turn_elsewhere") as found:
            turn_here()
    finally:
        ended.set()
        other.join()
    assert found.traceback[-2].frame.code.name == "turn_here"


def test_an_example_that_hangs_is_not_tried_again() -> None:
    tried: list[int] = []

    @given(st.integers())
    def hang(number: int) -> None:
        tried.append(number)
        with bounded(0.05):
            threading.Event().wait()

    with pytest.raises(HangsError):
        hang()
    assert len(tried) == 1


def test_every_test_is_bounded_and_an_inner_bound_leaves_the_outer_one() -> None:
    with bounded(5):
        pass
    assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= SECONDS_MAX
