"""Counts of persons that are so small that they point at somebody are not told.

A table gives hidden counts away together with its total, and its readers know the rule by which
they are hidden. So more is hidden than what is small, until no hidden count is known.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, TypeVar

SMALLEST: Final = 10
"""A count below it, other than 0, is not told, unless set otherwise."""

K = TypeVar("K")


def fits(smallest: int) -> bool:
    """Whether counts can be hidden below it: 1 hides none, and what is below 2 could be 1 alone."""
    return smallest == 1 or smallest > 2  # noqa: PLR2004 -- as just said


def suppressed(
    tables: Sequence[Mapping[K, int]], smallest: int = SMALLEST
) -> tuple[int | None, list[dict[K, int | None]]]:
    """(Total, the tables); counts that are not told are None.

    Zero points at nobody and is told. In each table the next greater counts are hidden beside those
    below `smallest`, until there are two or more and they add up neither to as many as they are
    (then each would be 1) nor to as many times `smallest - 1` (then each would be that); of counts
    that are alike all or none. Where all of a table together still do not, or the total is small
    itself, the total is hidden, and every count but 0 in all tables, since each may tell it.

    Args:
        tables: all of the same total: how the same requests were counted in several ways.
        smallest: the least count that is told; see `fits`.

    Raises:
        ValueError: a count is negative, totals differ, or `smallest` does not fit.
    """
    totals = {sum(table.values()) for table in tables}
    if not fits(smallest) or any(count < 0 for table in tables for count in table.values()):
        raise ValueError("counts are 0 or more, and the smallest one told is 1, or 3 or more")
    if len(totals) != 1:
        raise ValueError("give tables of one total")
    [total] = totals
    hidden = [_hidden(table, smallest) for table in tables]
    if 0 < total < smallest or None in hidden:
        return None, [_mask_counts(table, _counted(table)) for table in tables]
    return total, [
        _mask_counts(table, one or ()) for table, one in zip(tables, hidden, strict=True)
    ]


def _hidden(counts: Mapping[K, int], smallest: int) -> list[K] | None:
    """What is hidden while the total is told; None: no choice hides it."""
    ascending = sorted(_counted(counts), key=counts.__getitem__)
    least = sum(counts[key] < smallest for key in ascending)
    if least == 0:
        return []
    for size in range(max(least, 2), len(ascending) + 1):
        chosen = ascending[:size]
        if size < len(ascending) and counts[ascending[size]] == counts[chosen[-1]]:
            # Of two alike the one that is hidden would tell, by its place, what it is.
            continue
        if sum(counts[key] for key in chosen) not in (size, size * (smallest - 1)):
            return chosen
    return None


def _counted(counts: Mapping[K, int]) -> list[K]:
    return [key for key, count in counts.items() if count]


def _mask_counts(counts: Mapping[K, int], hidden: Collection[K]) -> dict[K, int | None]:
    return {key: None if key in hidden else count for key, count in counts.items()}
