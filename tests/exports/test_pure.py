"""What is decided without a store: pseudonyms, sentences, the table's cells."""

import csv
import hmac
import itertools
import json
from base64 import b32encode
from io import StringIO
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.exports import tables, verify
from ledger.exports.filters import Filters
from ledger.exports.pseudonyms import Pseudonyms
from ledger.exports.withheld import withheld
from ledger.letters.files import guarded
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


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16))
def test_a_pseudonym_is_base32_of_a_keyed_hash_as_the_library_makes_both(
    seed: bytes, key: bytes
) -> None:
    made = hmac.digest(seed, b"ppl/export/person/1\0" + key, "sha256")[:10]
    assert Pseudonyms(seed).of(key) == b32encode(made).decode()


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


CELLS = st.lists(
    st.text(st.sampled_from("a本1 ,\"'=+-@＝＋－＠\t\r\n\x1c\u3000、"), max_size=6),
    min_size=2,
    max_size=5,
)


@given(CELLS)
@example(["a", "\u3000=1"])
@example(["a,", "b"])
@example(['"', "\r"])
def test_a_row_of_the_table_is_written_as_a_writer_of_csv_does(cells: list[str]) -> None:
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([guarded(cell) for cell in cells])
    assert tables.line_of(cells) == text.getvalue().encode()


@given(CELLS)
@example(["a", "=b"])
def test_the_verifier_expects_each_cell_as_it_is_guarded(cells: list[str]) -> None:
    assert verify.as_tabled(cells) == tuple(verify.guarded(cell) for cell in cells)


def test_the_verifier_takes_no_record_whose_cell_holds_a_nul() -> None:
    with pytest.raises(ValueError, match="NUL"):
        verify.as_tabled(["a\0b", "c"])


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":2}', '{"a":{"b":1,"b":1}}', '{"a":1} 2', "", '{"a":1']
)
def test_the_verifier_reads_one_value_whose_names_differ(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- the library's own words
        verify.read(text)
    assert verify.read('{"a":[1,{"b":"x"}]}') == json.loads('{"a":[1,{"b":"x"}]}')
