"""Counts of persons that are so small that they point at somebody are not told.

A table with its total gives one hidden cell away by subtraction, so a second one is hidden with it.
"""

from collections.abc import Mapping
from typing import Final, TypeVar

SMALLEST: Final = 10
"""A count below it, other than 0, is not told, unless set otherwise."""

K = TypeVar("K")


def suppressed(counts: Mapping[K, int], smallest: int = SMALLEST) -> dict[K, int | None]:
    """The counts, those that are not told as None.

    Zero points at nobody and is told. One hidden count alone would be the total less the others:
    the smallest of the others that is not zero is hidden too.

    Args:
        smallest: the least count that is told, 1 or more; 1 hides nothing.

    Raises:
        ValueError: a count is negative, or `smallest` below 1.
    """
    if smallest < 1 or any(count < 0 for count in counts.values()):
        raise ValueError("counts are 0 or more, and the smallest one told is 1 or more")
    hidden = {key for key, count in counts.items() if 0 < count < smallest}
    if len(hidden) == 1:
        others = [key for key, count in counts.items() if count and key not in hidden]
        hidden.update(sorted(others, key=counts.__getitem__)[:1])
    return {key: None if key in hidden else count for key, count in counts.items()}
