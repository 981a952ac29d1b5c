"""Content in pieces, as a network brings it."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import strategies as st

places = st.lists(st.integers(0, 400), max_size=8)
"""Where content is cut."""


def cut(content: bytes, places: Sequence[int]) -> list[bytes]:
    ends = sorted({min(place, len(content)) for place in places} | {0, len(content)})
    return [content[a:b] for a, b in pairwise(ends)]
