"""Names, addresses and postal codes as whoever reads two letters takes them."""

from collections.abc import Callable
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.policies.visual_equality import (
    address_as_read,
    characters_as_read,
    name_as_read,
    postal_code_as_read,
)

SAME_NAMES = [
    ("髙橋 﨑美", "髙橋\u3000﨑美"),
    ("髙橋 﨑美", " 髙橋﨑美\n"),
    ("ﾐﾎﾝ ﾊﾅｺﾞ", "ミホン ハナゴ"),
    ("がく", "か\u3099く"),
    ("がく", "か \u3099く"),
    ("見\u200b本\ufeff花子", "見本 花子"),
    ("ＡＮＮ  ＬＥＥ", "ANN LEE"),
    ("J. Smith", "J.Smith"),
    ("José", "Jose\u0301"),
    ("김민수", normalize("NFD", "김 민수")),
    ("見本\u3164花子", "見本花子"),
]
OTHER_NAMES = [
    ("髙橋", "高橋"),
    ("﨑", "崎"),
    ("𠮷野", "吉野"),
    ("渡邉", "渡邉\U000e0100"),
    ("渡邉\U000e0101", "渡邉\U000e0100"),
    ("神田", "\ufa19田"),  # canonically the same, and another form on paper
    ("Ann Lee", "Annlee"),
    ("Ann Lee", "ANN LEE"),
    ("ハナコ", "はなこ"),
    ("佐々木", "佐佐木"),
    ("ク\u200cマ", "クマ"),
]
SAME_ADDRESSES = [
    ("千代田1-1-1 荘101", "千代田１－１−１荘１０１"),
    ("千代田 1 - 1 - 1", "千代田1-1-1"),
    ("荘 A棟", "荘A棟"),
    ("1-1-1 A棟", "1-1-1A棟"),
]
OTHER_ADDRESSES = [
    ("千代田1-1-1 101", "千代田1-1-1101"),
    ("千代田一 二番", "千代田一二番"),
    ("千代田1丁目", "千代田一丁目"),
    ("千代田1-1-1", "千代田1丁目1番1号"),
    ("葛\U000e0100城", "葛城"),
    ("North Hill 1", "Northhill 1"),
]
SAME_CODES = [
    ("100-0001", one) for one in ("１００−０００１", "1000001", "〒100-0001", " 100 0001 ")
]
OTHER_CODES = [("100-0001", one) for one in ("100-0002", "", "100-00011", "10-00001")]
SAME = [
    *((name_as_read, pair) for pair in SAME_NAMES),
    *((address_as_read, pair) for pair in SAME_ADDRESSES),
    *((postal_code_as_read, pair) for pair in SAME_CODES),
]
OTHER = [
    *((name_as_read, pair) for pair in OTHER_NAMES),
    *((address_as_read, pair) for pair in OTHER_ADDRESSES),
    *((postal_code_as_read, pair) for pair in OTHER_CODES),
]
READINGS = (name_as_read, address_as_read, postal_code_as_read, characters_as_read)
Reads = Callable[[str], str]

BLANK = st.sampled_from(" \u3000\t\n\u2003\u200b")
KANJI = st.text("髙高﨑崎𠮷吉邉辺見本花子がハヾ", min_size=1)


@pytest.mark.parametrize(("reads", "pair"), SAME)
def test_how_it_was_typed_is_not_read(reads: Reads, pair: tuple[str, str]) -> None:
    one, other = pair
    assert one != other
    assert reads(one) == reads(other)


@pytest.mark.parametrize(("reads", "pair"), OTHER)
def test_another_character_is_read(reads: Reads, pair: tuple[str, str]) -> None:
    one, other = pair
    assert reads(one) != reads(other)


@given(st.text())
def test_what_is_read_once_reads_the_same_again(text: str) -> None:
    for reads in READINGS:
        assert reads(reads(text)) == reads(text)


@given(KANJI, KANJI)
def test_two_texts_without_a_blank_are_one_only_if_they_are(one: str, other: str) -> None:
    assert (name_as_read(one) == name_as_read(other)) == (one == other)


@given(st.lists(st.tuples(KANJI, BLANK)))
def test_no_blank_between_kanji_is_read(parts: list[tuple[str, str]]) -> None:
    spaced = "".join(text + blank for text, blank in parts)
    assert name_as_read(spaced) == "".join(text for text, _ in parts)


@given(st.text(st.characters(codec="ascii", categories=["L", "N"])))
def test_a_wide_letter_is_the_narrow_one(text: str) -> None:
    wide = "".join(chr(ord(one) + 0xFEE0) for one in text)
    assert name_as_read(wide) == text == address_as_read(wide)
