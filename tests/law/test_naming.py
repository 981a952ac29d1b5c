"""Recorded names beside written ones: the same, others, or both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.crypto.names import folded_name
from ledger.policies.name_comparison import compare_names, compared_name

MATCHES, DIFFERS, MIXED = "matches", "differs", "mixed"


@pytest.mark.parametrize(
    ("written", "recorded", "told"),
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


@pytest.mark.parametrize(
    ("one", "other"),
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


@pytest.mark.parametrize(
    ("one", "other"), [("佐々木", "佐木"), ("々木", "木木"), ("野々村", "野村"), ("はは", "ばば")]
)
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
