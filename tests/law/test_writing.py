"""Names, addresses and postal codes as whoever reads two letters takes them."""

from collections.abc import Callable
from unicodedata import normalize

from hypothesis import given
from hypothesis import strategies as st

from ledger.crypto.names import folded_name
from ledger.policies.name_comparison import compare_names, compared_name
from ledger.policies.visual_equality import (
    address_as_read,
    characters_as_read,
    name_as_read,
    postal_code_as_read,
)
from tests.matrix import every

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


@every("reads, pair", SAME)
def test_how_it_was_typed_is_not_read(reads: Reads, pair: tuple[str, str]) -> None:
    one, other = pair
    assert one != other
    assert reads(one) == reads(other)


@every("reads, pair", OTHER)
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


# -- recorded names beside written ones: the same, others, or both ---------------------------------

MATCHES, DIFFERS, MIXED = "matches", "differs", "mixed"


@every(
    "written, recorded, told",
    [
        (["髙橋 花子"], ["高橋　花子"], MATCHES),
        (["見本 花子", "ミホン ハナコ"], ["ﾐﾎﾝ ﾊﾅｺ"], MATCHES),
        (["見本 花子", "ミホン ハナコ"], ["見本花子", "みほん はなこ", " "], MATCHES),
        (["見本 花子"], ["見本 太郎", "見本 花子"], MIXED),
        (["見本 花子"], ["見本 花子", "ミホン ハナコ"], MIXED),
        (["見本 花子"], ["見本 太郎"], DIFFERS),
        (["見本 花子"], ["見本 花江", "見本"], DIFFERS),
        (["見本 花子"], [], None),
        (["見本 花子"], ["・ ・", "\u200b\u3164"], None),
        ([], ["見本 花子"], None),
        ([" "], ["・"], None),
    ],
)
def test_a_name_is_the_same_when_it_is_folded_to_it_and_never_nearly(
    written: list[str], recorded: list[str], told: str | None
) -> None:
    assert compare_names(written, recorded) == told


@every(
    "one, other",
    [
        ("佐々木 花", "佐佐木花"),
        ("佐 々\u200b木 花", "佐佐木 花"),
        ("髙々", "高髙"),
        ("代々木々々", "代代木木木"),
        ("李 娜", "李\u200b\u2060娜\ufeff"),
        ("高\u00ad橋", "髙橋"),
        ("金\u3164美香", "金 美香"),
        ("渡邉\U000e010f\u200d", "渡辺"),
        ("か\u3099んだ", "ガンダ"),
    ],
)
def test_what_cannot_be_seen_and_a_repeated_character_make_no_difference(
    one: str, other: str
) -> None:
    assert compared_name(one) == compared_name(other) != ""


@every("one, other", [("佐々木", "佐木"), ("々木", "木木"), ("野々村", "野村"), ("はは", "ばば")])
def test_what_is_another_name_stays_one(one: str, other: str) -> None:
    assert compared_name(one) != compared_name(other)


def test_the_index_keeps_its_own_folding() -> None:
    """Rows are keyed by it: a further one is a version of its own, and a rebuild."""
    assert folded_name("佐々木") != folded_name("佐佐木")
    assert folded_name("李\u200b娜") != folded_name("李娜")


_GIVEN = [
    "髙﨑",
    "高崎",
    "タカサキ",
    "たかさき",
    "見本",
    "佐々木",
    "佐佐木",
    "高\u200b崎",
    " ",
    "\u200b",
]
_names = st.lists(st.sampled_from(_GIVEN), max_size=4)
_SAME = [{0, 1, 7}, {2, 3}, {4}, {5, 6}]


@given(written=_names, recorded=_names)
def test_names_stand_as_each_recorded_one_does(written: list[str], recorded: list[str]) -> None:
    def classes(names: list[str]) -> list[int]:
        places = (_GIVEN.index(one) for one in names)
        return [n for p in places for n, group in enumerate(_SAME) if p in group]

    ours, theirs = classes(written), classes(recorded)
    same = [one in ours for one in theirs]
    expected = MATCHES if all(same) else MIXED if any(same) else DIFFERS
    assert compare_names(written, recorded) == (expected if ours and theirs else None)
