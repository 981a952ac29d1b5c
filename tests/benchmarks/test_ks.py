"""The test of two samples: known values, and beside it the slow sum over every value."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.ks import critical, distance, probability
from tests.matrix import every

VALUES = st.lists(st.integers(-20, 20).map(float), min_size=1, max_size=60)


def slowly(first: list[float], second: list[float]) -> float:
    """The definition: the largest difference of two shares, at every value that there is."""
    return max(
        abs(
            sum(one <= value for one in first) / len(first)
            - sum(one <= value for one in second) / len(second)
        )
        for value in {*first, *second}
    )


@given(VALUES, VALUES)
def test_the_distance_is_the_one_of_the_definition_whichever_sample_comes_first(
    first: list[float], second: list[float]
) -> None:
    assert distance(first, second) == pytest.approx(slowly(first, second), abs=1e-12)
    assert distance(second, first) == distance(first, second)


SIZE = 1_000_000


@given(st.floats(0.1, 3))
def test_the_probability_is_the_same_by_the_other_series(z: float) -> None:
    terms = (math.exp(-((2 * k - 1) ** 2) * math.pi**2 / (8 * z * z)) for k in range(1, 100))
    other = 1 - math.sqrt(2 * math.pi) / z * math.fsum(terms)
    assert probability(z / (SIZE / 2) ** 0.5, SIZE, SIZE) == pytest.approx(other, abs=1e-11)


@every("size, other", [(2_000, 2_000), (200, 200), (100, 900)])
@every("level", [0.05, 0.01, 0.001])
def test_at_the_critical_distance_the_probability_is_the_level(
    size: int, other: int, level: float
) -> None:
    assert probability(critical(size, other, level), size, other) == pytest.approx(level, rel=1e-3)
