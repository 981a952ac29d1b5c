"""Rows of persons are held as COPY sends them: nothing is lost by it, and their order is kept."""

from hypothesis import given
from hypothesis import strategies as st

from projections.entries import KEY_BYTES, IndexRows, Named, packed, unpacked

KEYS = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)
NAMED = st.tuples(KEYS, st.integers(1, 2**63 - 1), st.none() | KEYS)


@given(NAMED)
def test_a_packed_row_unpacks_to_itself(row: Named) -> None:
    assert unpacked(packed(row)) == row


@given(st.lists(NAMED, unique_by=lambda row: row[:2]))
def test_packed_rows_are_in_the_order_of_their_keys_and_positions(rows: list[Named]) -> None:
    in_order = sorted(rows, key=lambda row: row[:2])
    assert sorted(map(packed, rows)) == list(map(packed, in_order))


@given(st.lists(NAMED))
def test_without_names_the_same_rows_are_there(rows: list[Named]) -> None:
    bare = IndexRows(list(map(packed, rows)), ()).without_names()
    assert bare.entries == tuple((key, position, None) for key, position, _ in rows)
