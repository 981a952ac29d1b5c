"""The grid on which answers leave."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from api.http.even import rest_s

ELAPSED = st.floats(0, 100)
GRIDS = st.floats(0.001, 1)


@given(ELAPSED, GRIDS)
def test_an_answer_leaves_on_the_grid_and_never_early(elapsed: float, grid: float) -> None:
    rest = rest_s(elapsed, grid)
    assert 0 < rest <= grid
    steps = Fraction(elapsed + rest) / Fraction(grid)
    assert abs(steps - round(steps)) < Fraction(1, 10**6)
    assert round(steps) >= 1


@given(st.floats(0.001, 0.049), st.floats(0.001, 0.049))
def test_whatever_is_done_within_one_step_leaves_at_the_same_time(one: float, other: float) -> None:
    assert abs((one + rest_s(one, 0.05)) - (other + rest_s(other, 0.05))) < 1e-9


@given(ELAPSED)
def test_without_a_grid_nothing_waits(elapsed: float) -> None:
    assert rest_s(elapsed, 0) == 0
