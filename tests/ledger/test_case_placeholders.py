"""What is printed for what the font lacks is a letter: no sign for a gap, nor one of its shape."""

from dataclasses import replace

import pytest

from tests.ledger.case_given import Desk
from tests.ledger.test_case_substitutes import GAIJI, LINE, asked, refused
from tests.matrix import every


@every(
    "printed",
    [
        *"〇○◯●□■〓ーｰ－―─…‥？?*＊×✕・･.、。々〻ヽヾゝゞ〱1１①Ⅰ〒※☆△★＿_~〜|＝=ﾞ゛゜\u3164",
        *("なし", "不明", "（不明）", "(か)", "かつ", "葛城", "葛葛", "―a", "葛…", "か\u309a", "ﾊﾟ"),
    ],
)
def test_a_sign_for_a_gap_or_a_word_is_no_form(printed: str) -> None:
    step = asked((GAIJI, printed))
    assert refused(replace(step, lacking=frozenset({GAIJI}))) == {
        ("/substitutes/0/printed", "PLACEHOLDER")
    }


@every(
    "printed",
    [
        *"口ロﾛㇿ囗ㅁﾱOoＯｏΟοОоㅇ一ㅡXxＸｘΧχХх乂メﾒㄨIlＩｌΙІӀǀ丨ㅣ二ニﾆㄧㆍ丿⼃丶⼂",
        *("口\U000e0100", "𝐗", "ⓞ"),
    ],
)
def test_a_letter_that_a_reader_takes_for_a_sign_is_no_form(printed: str) -> None:
    step = replace(asked((GAIJI, printed)), lacking=frozenset({GAIJI}))
    assert refused(step) == {("/substitutes/0/printed", "PLACEHOLDER")}


@every("printed", [*"呂品回日中田三十ヌタオレくハ主久ノ", "ô", "ｱ"])
def test_a_letter_that_only_holds_such_a_shape_is_a_form(printed: str) -> None:
    step = replace(asked((GAIJI, printed)), lacking=frozenset({GAIJI}))
    assert Desk().receive().do(step).case.substitutes[0].printed == printed


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("〇\u200b", "〇"),
        ("ー\u200b", "ー"),
        ("口\U000e0107", "口"),
        ("一\u200b", "一"),
        ("ロ\u200b", "ロ"),
        ("\U0001d7d8\u200b", "0"),
        ("\U0001d431", "x"),
        ("⼝", "口"),
        ("⼀", "一"),
        (f"x{LINE}", "x"),
    ],
)
def test_what_is_known_of_the_character_is_printed_though_it_looks_like_a_sign(
    written: str, printed: str
) -> None:
    lacking = frozenset({written, "\u200b", "\U0001d7d8"})
    step = replace(asked((written, printed)), lacking=lacking)
    assert Desk().receive().do(step).case.substitutes[0].printed == printed
