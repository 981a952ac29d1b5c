"""What is decided without a store: pseudonyms, sentences, the table's cells."""

import itertools
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.exports.filters import Filters
from ledger.exports.pseudonyms import Pseudonyms
from ledger.exports.withheld import withheld
from ledger.values import Json


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
