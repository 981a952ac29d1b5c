"""Events about what is excluded, as Hypothesis draws them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate

from hypothesis import strategies as st

from ledger.exclusions.exclusion import GROUNDS
from ledger.format.events import (
    Event,
    ExcludedRange,
    ExclusionAct,
    ExclusionsSealed,
    LookedAt,
    ReviewSealed,
)

_instant = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 -- Hypothesis wants bounds without a zone
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
_hex = st.text("0123456789abcdef", min_size=32, max_size=32)
_one = st.builds(ExclusionAct, _instant, _hex, st.text("危害x ", min_size=1))
_act = st.builds(ExclusionAct, _instant, _hex, st.text("危害x ", min_size=1), st.none() | _one)
_key = st.none() | st.binary(min_size=16, max_size=16)


def _ranges(
    steps: Sequence[tuple[int, int, str, ExclusionAct, bytes | None]],
) -> tuple[ExcludedRange, ...]:
    """Ascending ranges with gaps between them."""
    ends = list(accumulate(gap + length + 1 for gap, length, *_ in steps))
    return tuple(
        ExcludedRange(end - length, end, ground, act, key)
        for end, (_, length, ground, act, key) in zip(ends, steps, strict=True)
    )


_excluded = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 3), st.sampled_from(GROUNDS), _act, _key),
    max_size=4,
).map(_ranges)
_bare = _excluded.map(lambda found: tuple(replace(one, act=None) for one in found))


def _looked_at(first: int, more: int, act: ExclusionAct, case: int | None) -> LookedAt:
    return LookedAt(first, first + more, act, case)


_looked = st.lists(
    st.builds(
        _looked_at,
        st.integers(1, 99),
        st.integers(0, 9),
        _act,
        st.none() | st.integers(1, 99),
    ),
    max_size=3,
).map(tuple)

EXCLUSION_STRATEGIES: Mapping[str, st.SearchStrategy[Event]] = {
    "review-sealed": st.builds(ReviewSealed, _bare, _bare),
    "exclusions-sealed": st.builds(
        ExclusionsSealed, _excluded, _excluded, _looked, _excluded, _excluded
    ),
}
