"""JSON of the format has one encoding; any other is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import CorruptRecordError
from ledger.format.json import canonical, parse, strict
from ledger.values import Json
from tests.matrix import every

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
records = st.dictionaries(
    st.from_regex("[a-z0-9_]{1,8}", fullmatch=True),
    st.recursive(
        st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.from_regex("[a-z]{1,3}", fullmatch=True), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=4,
)


@given(records)
def test_canonical_json_is_its_own_re_encoding(value: dict[str, Json]) -> None:
    assert strict(canonical(value)) == parse(canonical(value)) == value


@every(
    "content",
    [
        b"",
        b"{",
        b"nil",
        b'{"a":1}\n',
        b' {"a":1}',
        b'{"a": 1}',
        b'{"b":1,"a":1}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"a":9007199254740992}',
        b'{"a":null}',
        b'{"a":[null]}',
        b'{"A":1}',
        b'{"":1}',
        b'{"a":"\\/"}',
        b'{"a":"\\u00e9"}',
        b'{"a":"\\u001F"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xff"}',
        b"\xef\xbb\xbf{}",
        b'{"a":NaN}',
        b'{"a":"\x01"}',
        b"null",
        b"1.5",
    ],
)
def test_json_with_another_encoding_is_refused(content: bytes) -> None:
    with pytest.raises(CorruptRecordError):
        strict(content)


@every("value", [1.5, {"a": 1.0}, {"a": None}, {"A": 1}, {"a": 2**53}, {"a": "\ud800"}])
def test_a_value_without_an_encoding_is_refused(value: Any) -> None:  # noqa: ANN401 -- anything
    with pytest.raises(CorruptRecordError):
        canonical(value)


def test_null_stands_where_the_schema_gives_it_a_meaning() -> None:
    text = b'{"acquisition":null,"counterparty":{"address":null,"representative":null}}'
    assert canonical(strict(text)) == text  # pyright: ignore[reportArgumentType] -- JSON
