"""Two writings of one address are proposed as one; another lot never is."""

from hypothesis import example, given
from hypothesis import strategies as st

from ledger.policies.addresses.comparison import (
    AddressDifference,
    AddressProposal,
    compare_addresses,
)
from ledger.policies.addresses.parts import Address, take_apart
from ledger.policies.addresses.spelling import one_spelling
from tests.matrix import every

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
