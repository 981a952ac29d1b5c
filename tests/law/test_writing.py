"""Names, addresses and postal codes as whoever reads two letters takes them."""

from collections.abc import Callable
from unicodedata import normalize

from hypothesis import example, given
from hypothesis import strategies as st

from ledger.crypto.names import folded_name
from ledger.policies.addresses.comparison import (
    Address,
    AddressDifference,
    AddressProposal,
    compare_addresses,
    take_apart,
)
from ledger.policies.addresses.spelling import one_spelling
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
        (["見本 花子"], list[str](), None),
        (["見本 花子"], ["・ ・", "\u200b\u3164"], None),
        (list[str](), ["見本 花子"], None),
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


# -- two writings of one address are proposed as one; another lot never is -------------------------

TOWNS = (
    "東京都千代田区永田町",
    "三重県四日市市八王子町",
    "北海道札幌市北区北24条西",
    "京都府京都市中京区寺町通御池上る上本能寺前町",
    "東京都港区六本木",
    "宮城県仙台市青葉区一番町",
    "和歌山県和歌山市九番丁",
    "千葉県千葉市中央区千葉港",
)
_DIGITS = "〇一二三四五六七八九"


def in_kanji(number: int) -> str:
    """As read aloud: 231 is 二百三十一."""
    text = ""
    for unit, sign in ((1000, "千"), (100, "百"), (10, "十")):
        count, number = divmod(number, unit)
        text += (("" if count == 1 else _DIGITS[count]) + sign) if count else ""
    return text + (_DIGITS[number] if number else "")


def in_places(number: int) -> str:
    """Digit by digit: 231 is 二三一."""
    return "".join(_DIGITS[int(digit)] for digit in str(number))


def in_full_width(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))


@st.composite
def writings(draw: st.DrawFn, town: str, lot: tuple[int, int, int], building: str) -> str:
    """One way of writing the address."""
    number = draw(st.sampled_from([str, in_full_width, in_kanji, in_places]))
    a, b, c = map(number, lot)
    dash = draw(st.sampled_from("-－‐–—―−の" + ("" if number in (str, in_full_width) else "ー")))
    space = draw(st.sampled_from(["", " ", "　"]))
    lots = (
        f"{a}丁目{b}番{c}号",
        f"{a}丁目{b}番地{c}",
        f"{a}丁目{b}番地の{c}",
        f"{a}丁目{b}番{space}{c}号",
        f"{a}{dash}{b}{dash}{c}",
        f"{a}丁目{b}{dash}{c}",
        f"{a}丁目{space}{b}番{c}",
    )
    post = draw(
        st.sampled_from(["", "〒100-6150", "100-6150 ", "〒１００－６１５０　", "〒1006150"])
    )
    return f"{post}{town}{space}{draw(st.sampled_from(lots))}　{building}"


lots = st.tuples(*[st.integers(1, 4_999)] * 3)
towns = st.sampled_from(TOWNS)
buildings = st.sampled_from(["", "山王パークタワー7F", "山王パークタワー７階", "山王パークタワー"])


@given(st.data(), towns, lots)
def test_every_writing_of_one_address_is_proposed_as_one(
    data: st.DataObject, town: str, lot: tuple[int, int, int]
) -> None:
    one = data.draw(writings(town, lot, data.draw(buildings)))
    other = data.draw(writings(town, lot, data.draw(buildings)))
    compared = compare_addresses(one, other)
    assert compared.proposes_one, compared
    assert not any(difference.weighs for difference in compared.differences)


@given(st.data(), towns, lots, lots)
def test_another_lot_is_never_proposed_as_one(
    data: st.DataObject, town: str, lot: tuple[int, int, int], other_lot: tuple[int, int, int]
) -> None:
    one = data.draw(writings(town, lot, data.draw(buildings)))
    other = data.draw(writings(town, other_lot, data.draw(buildings)))
    assert compare_addresses(one, other).proposes_one is (lot == other_lot)


@given(st.data(), towns, towns, lots)
def test_another_town_is_never_proposed_as_one(
    data: st.DataObject, town: str, other_town: str, lot: tuple[int, int, int]
) -> None:
    one, other = data.draw(writings(town, lot, "")), data.draw(writings(other_town, lot, ""))
    assert compare_addresses(one, other).proposes_one is (town == other_town)


ALPHABET = st.sampled_from(
    "0123456789一二三十百千〇丁目番地号条町の-ー－ 　〒階Ｆ室棟東京A・、ｶﾞß\u200b"
)
texts = st.text(max_size=30) | st.text(ALPHABET, max_size=30)


@given(texts)
@example("一ー〒100-6150二")
@example("〒100-6150〒100-6150東京")
def test_one_spelling_of_one_spelling_is_itself(text: str) -> None:
    spelled = one_spelling(text)
    assert one_spelling(spelled) == spelled
    assert take_apart(spelled) == take_apart(text)


@given(texts, texts)
def test_swapping_two_addresses_swaps_only_the_sides(one: str, other: str) -> None:
    there, back = compare_addresses(one, other), compare_addresses(other, one)
    assert there.proposal is back.proposal
    assert back.differences == tuple(
        AddressDifference(each.part, each.right, each.left, each.weighs)
        for each in there.differences
    )


@given(texts)
def test_an_address_is_the_same_as_itself_when_there_is_one(text: str) -> None:
    has_town = take_apart(text).town != ""
    expected = AddressProposal.SAME if has_town else AddressProposal.DIFFERS
    assert compare_addresses(text, text).proposal is expected


@every(
    "numeral, read",
    [
        ("十", "10"),
        ("二百三十一", "231"),
        ("千十", "1010"),
        ("二〇一", "201"),
        ("弐拾参", "23"),
        # No numbers: left as they are, so that two different texts stay different.
        ("十百", "十百"),
        ("百百", "百百"),
        ("一二十", "一二十"),
        ("〇十", "〇十"),
        ("二〇十", "二〇十"),
    ],
)
def test_a_kanji_numeral_is_read_or_left_alone(numeral: str, read: str) -> None:
    assert one_spelling(f"{numeral}番地") == f"{read}番地"


APART = {
    "東京都千代田区永田町２－１１－１　山王パークタワー７Ｆ": (
        *("東京都千代田区永田町", "2-11-1", "山王パークタワー", "7", ""),
    ),
    "東京都千代田区永田町二丁目11番1号 山王パークタワー7階": (
        *("東京都千代田区永田町", "2-11-1", "山王パークタワー", "7", ""),
    ),
    "北海道札幌市北区北二十四条西五丁目1番2号": (
        *("北海道札幌市北区北24条西", "5-1-2", "", "", ""),
    ),
    "東京都港区芝3-5-7-101": ("東京都港区芝", "3-5-7", "", "", "101"),
    "東京都港区芝3丁目5番7号サンハイツA-101号室": (
        *("東京都港区芝", "3-5-7", "サンハイツ", "", "A101"),
    ),
    "東京都港区芝3-5-7 サンハイツ 7F 701号室": ("東京都港区芝", "3-5-7", "サンハイツ", "7", "701"),
    "東京都港区芝3-5-7地下１階": ("東京都港区芝", "3-5-7", "", "B1", ""),
    # Numerals of a building are not those of the lot.
    "東京都千代田区三番町2番地4三番町KSビル10階": (
        *("東京都千代田区3番町", "2-4", "三番町KSビル", "10", ""),
    ),
    "神奈川県川崎市川崎区駅前本町15番5十五番館ビル": (
        *("神奈川県川崎市川崎区駅前本町", "15-5", "十五番館ビル", "", ""),
    ),
    "東京都千代田区神田淡路町1丁目5番地二引ビル5階": (
        *("東京都千代田区神田淡路町", "1-5", "二引ビル", "5", ""),
    ),
    "東京都港区芝三丁目五番地七　三番町ビル": ("東京都港区芝", "3-5-7", "3番町ビル", "", ""),
    "東京都港区芝3丁目5番7号21ビル": ("東京都港区芝", "3-5-7", "21ビル", "", ""),
    "東京都港区芝3-5-7 21ビル": ("東京都港区芝", "3-5-7", "21ビル", "", ""),
    "東京都港区芝3-5-7 二番館": ("東京都港区芝", "3-5-7", "2番館", "", ""),
    "三重県四日市市八王子町百二十三番地の四": ("三重県四日市市八王子町", "123-4", "", "", ""),
    "東京都千代田区永田町二〇一番地": ("東京都千代田区永田町", "201", "", "", ""),
    "千葉県": ("千葉県", "", "", "", ""),
}


@every("text", APART)
def test_an_address_is_taken_apart(text: str) -> None:
    assert take_apart(text) == Address(*APART[text])


P, Q = "東京都千代田区永田町2-11-1", "東京都港区芝3-5-7"
COMPARED = {
    "alike": (P, P, AddressProposal.SAME, ()),
    "building on one side": (
        *(f"{P} 山王パークタワー7F", P, AddressProposal.SPELLING),
        ("building", "floor"),
    ),
    "room on one side": (f"{P}-701", P, AddressProposal.SPELLING, ("room",)),
    "another building": (f"{P} 山王ビル", f"{P} 日枝ビル", AddressProposal.DIFFERS, ("building",)),
    "another floor": (f"{P} 山王ビル7F", f"{P} 山王ビル8階", AddressProposal.DIFFERS, ("floor",)),
    "another room": (f"{P} 山王ビル701", f"{P}-702", AddressProposal.DIFFERS, ("building", "room")),
    "another place": (P, Q, AddressProposal.DIFFERS, ("town", "lot")),
    "no lot on one side": (P, "東京都千代田区永田町", AddressProposal.DIFFERS, ("lot",)),
    "no prefecture": (P, P.removeprefix("東京都"), AddressProposal.UNSURE, ("town",)),
    "another prefecture": (
        *("東京都府中市宮町1-2", "広島県府中市宮町1-2", AddressProposal.DIFFERS),
        ("town",),
    ),
    "大字 on one side": (
        *("茨城県つくば市大字谷田部12", "茨城県つくば市谷田部12", AddressProposal.UNSURE),
        ("town",),
    ),
    "variant": (
        *("東京都千代田区霞ヶ関1-2", "東京都千代田区霞が関1-2", AddressProposal.UNSURE),
        ("town",),
    ),
    "variant and another lot": (
        *("東京都千代田区霞ヶ関1-2", "東京都千代田区霞が関1-3", AddressProposal.DIFFERS),
        ("town", "lot"),
    ),
    "a lot alone": ("2-11-1", "2-11-1", AddressProposal.DIFFERS, ()),
    "no town on one side": ("2-11-1", P, AddressProposal.DIFFERS, ("town",)),
    "a prefecture alone": ("東京都1", "1", AddressProposal.DIFFERS, ("town",)),
    "nothing at all": ("", "", AddressProposal.DIFFERS, ()),
}


@every("name", COMPARED)
def test_a_comparison_proposes_and_shows_every_difference(name: str) -> None:
    left, right, proposal, parts = COMPARED[name]
    compared = compare_addresses(left, right)
    assert compared.proposal is proposal
    assert tuple(each.part for each in compared.differences) == parts
    for each in compared.differences:
        assert each.left == getattr(take_apart(left), each.part)
        assert each.right == getattr(take_apart(right), each.part)
