"""The test of Kolmogorov and Smirnov for two samples: may both come from one distribution?

Source: N. V. Smirnov, Table for estimating the goodness of fit of empirical distributions, Annals
of Mathematical Statistics 19 (1948), 279-281.
"""

import math
from collections.abc import Sequence
from typing import Final

LEVEL: Final = 0.01
"""At which two samples count as different; so often two samples of one distribution do, too."""
_LAMBDA_MIN: Final = 0.2
"""Below it the probability is 1 in all digits of a float, and the series converges slowly."""
_TERMS: Final = 100


def distance(first: Sequence[float], second: Sequence[float]) -> float:
    """D: the largest difference of the two empirical distribution functions, 0 to 1.

    Requires at least one value in each.
    """
    one, other = sorted(first), sorted(second)
    largest = 0.0
    i = j = 0
    while i < len(one) and j < len(other):
        # What is equal is stepped over together: the functions are compared beside a step only.
        value = min(one[i], other[j])
        while i < len(one) and one[i] == value:
            i += 1
        while j < len(other) and other[j] == value:
            j += 1
        largest = max(largest, abs(i / len(one) - j / len(other)))
    return largest


def probability(d: float, first: int, second: int) -> float:
    """The p-value of a distance between samples of these sizes, by the limit for large ones."""
    scaled = d * math.sqrt(first * second / (first + second))
    if scaled < _LAMBDA_MIN:
        return 1.0
    terms = ((-1) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, _TERMS + 1))
    return min(max(2 * math.fsum(terms), 0.0), 1.0)


def critical(first: int, second: int, level: float = LEVEL) -> float:
    """The distance whose p-value is `level`, by the first term of the series (exact to 1e-8)."""
    return math.sqrt(-math.log(level / 2) / 2 * (first + second) / (first * second))
