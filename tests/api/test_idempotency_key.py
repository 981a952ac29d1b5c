"""The value of Idempotency-Key: a string of RFC 9651, or the same without quotes."""

import re
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.problems.refusals import IdempotencyKeyMalformedError
from api.web.idempotency import KEY_CHARACTERS_MAX, PARAMETER, key_of

PATTERN = re.compile(str(cast("dict[str, str]", PARAMETER["schema"])["pattern"]))
printable = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
keys = st.text(printable, min_size=1, max_size=KEY_CHARACTERS_MAX).filter(lambda k: k[0] != " ")


def quoted(key: str) -> str:
    """As RFC 9651, section 4.1.6 writes a string."""
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def read(value: str) -> str | None:
    """Character by character, as RFC 9651, section 4.2.5 reads a string; None when it is no key."""
    if not value.startswith('"'):
        bare = all("!" <= c <= "~" and c not in '",;\\' for c in value)
        return value if bare and 0 < len(value) <= KEY_CHARACTERS_MAX else None
    found, rest = "", list(value[1:])
    while rest:
        c = rest.pop(0)
        if c == '"':
            good = not rest and found[:1] not in ("", " ") and len(found) <= KEY_CHARACTERS_MAX
            return found if good else None
        if c == "\\":
            if not rest or rest[0] not in '"\\':
                return None
            c = rest.pop(0)
        elif not " " <= c <= "~":
            return None
        found += c
    return None


@given(keys)
def test_every_printable_key_comes_through_its_quotes(key: str) -> None:
    assert key_of([quoted(key)]) == key


@given(keys.filter(lambda key: not set(key) & set('",;\\ ')))
def test_a_key_is_the_same_without_quotes(key: str) -> None:
    assert key_of([key]) == key == key_of([f" {quoted(key)}\t"])


@given(
    st.text(max_size=300)
    | st.text(st.sampled_from('a "\\,;\x01é')).map(lambda text: f'"{text}"')
    | keys.map(quoted)
)
def test_a_value_is_read_as_the_standard_reads_it(value: str) -> None:
    expected = read(value.strip(" \t"))
    if expected is None:
        with pytest.raises(IdempotencyKeyMalformedError):
            key_of([value])
    else:
        assert key_of([value]) == expected
    if value == value.strip(" \t"):
        assert (expected is not None) == (PATTERN.fullmatch(value) is not None)


def test_one_request_has_one_key() -> None:
    with pytest.raises(IdempotencyKeyMalformedError):
        key_of(["a", "a"])
