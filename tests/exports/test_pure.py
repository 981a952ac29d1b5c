"""What is decided without a store: small counts, pseudonyms, sentences, the table's cells."""

import itertools
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.exports.filters import Filters
from ledger.exports.pseudonyms import Pseudonyms
from ledger.exports.small_cells import suppressed
from ledger.exports.withheld import withheld
from ledger.values import Json

_counts = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 40))


@given(_counts, st.integers(1, 20))
def test_no_small_count_is_told_and_none_follows_from_the_total(
    counts: dict[str, int], smallest: int
) -> None:
    told = suppressed(counts, smallest)
    assert told.keys() == counts.keys()
    for key, count in told.items():
        assert count in (None, counts[key])
        assert count is None or count == 0 or count >= smallest
    hidden = [key for key, count in told.items() if count is None]
    # One hidden cell beside told ones would be the total less the others.
    assert len(hidden) != 1 or not any(told.values())


@given(_counts)
def test_a_smallest_count_of_one_hides_nothing(counts: dict[str, int]) -> None:
    assert suppressed(counts, 1) == counts


@pytest.mark.parametrize(("counts", "smallest"), [({"a": -1}, 10), ({"a": 1}, 0)])
def test_counts_that_there_are_not_are_refused(counts: dict[str, int], smallest: int) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        suppressed(counts, smallest)


@given(
    st.binary(min_size=32, max_size=32), st.sets(st.binary(min_size=16, max_size=16), max_size=9)
)
def test_a_pseudonym_names_one_person_in_one_export(seed: bytes, keys: set[bytes]) -> None:
    names = {key: Pseudonyms(seed).of(key) for key in keys}
    assert len(set(names.values())) == len(keys)
    assert names == {key: Pseudonyms(seed).of(key) for key in keys}
    other = Pseudonyms(bytes(byte ^ 1 for byte in seed))
    assert not {other.of(key) for key in keys} & set(names.values())


def test_a_pseudonym_does_not_show_the_key_or_the_seed() -> None:
    seed = bytes(range(32))
    assert seed.hex() not in repr(Pseudonyms(seed))
    with pytest.raises(ValueError, match="32 random bytes"):
        Pseudonyms(bytes(31))


def codes_of(filters: Filters) -> list[Json]:
    return [cast("dict[str, Json]", one)["code"] for one in withheld(filters)]


def test_what_is_withheld_depends_on_how_records_are_shown_alone() -> None:
    codes = {
        (whole, named): codes_of(Filters(whole=whole, identified=named))
        for whole, named in itertools.product((False, True), repeat=2)
    }
    assert codes == {
        (False, False): ["not_to_be_known", "persons", "internal"],
        (False, True): ["not_to_be_known", "internal"],
        (True, False): ["persons", "internal"],
        (True, True): ["internal"],
    }
