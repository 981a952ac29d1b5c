"""Normal forms: the same on every Python, and only as much folding as their name says."""

from hashlib import sha256
from unicodedata import combining, decomposition, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.crypto import nfc15
from ledger.crypto.names import folded_name
from ledger.crypto.nfc15 import nfc
from ledger.crypto.normal_forms import WHITE_SPACE, email_1, exact_1, phone_e164_1

# SHA-256 over "CODE CLASS DECOMPOSITION\n" of all characters with a combining class or a canonical
# decomposition in Unicode 15.0, Hangul left out.
TABLES_OF_15_0 = "5294a9b42e4175e189a4cde6b13d3a544584a49db9f60c54f16c39feecb38265"


def test_the_tables_are_those_of_unicode_15_0_whatever_python_this_is() -> None:
    later = {n for first, last in nfc15.LATER for n in range(first, last + 1)}
    digest = sha256()
    for code in range(0x110000):
        char = chr(code)
        if code in later or 0xAC00 <= code <= 0xD7A3:
            continue
        own_class = nfc15.class_of(char)
        canonical = decomposition(char)
        if canonical.startswith("<"):
            canonical = ""
        if own_class or canonical:
            digest.update(f"{code:X} {own_class} {canonical}\n".encode())
    assert digest.hexdigest() == TABLES_OF_15_0


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("が", "が"),
        ("Å", "Å"),
        ("각", "각"),
        # Marks of 15.0: U+1E4EE (220) goes before U+1E4EF (230), and neither composes.
        ("a\U0001e4ef\U0001e4ee", "a\U0001e4ee\U0001e4ef"),
        # A mark of 15.0 with a lower class lets an accent reach its letter; an equal one does not.
        ("e\U0001e4ee\u0301", "é\U0001e4ee"),
        ("e\U0001e4ef\u0301", "e\U0001e4ef\u0301"),
        # Characters that came later stay as they are: no composition (16.0), no reordering (16.0).
        ("\U000105d2\u0307", "\U000105d2\u0307"),
        ("\U000105c9", "\U000105c9"),
        ("a\u0301\u0897\u0323", "á\u0897\u0323"),
        ("か\U000105c9\u3099が", "か\U000105c9\u3099が"),
    ],
)
def test_nfc_is_that_of_unicode_15_0(text: str, form: str) -> None:
    assert nfc(text) == form
    assert nfc(form) == form


@given(st.text(st.sampled_from("aeがかẹ́é각ᄀ\u0301\u0323\u3099\u0345ǖ")))
def test_the_slow_path_is_the_librarys_where_both_can_go(text: str) -> None:
    marked = text + "\U0001e4ee"
    ordered = nfc15.composed(nfc15.ordered_marks(normalize("NFD", text)))
    assert ordered == normalize("NFC", text) == nfc(text)
    assert nfc(marked).replace("\U0001e4ee", "") == normalize("NFC", text) or combining(text[-1])


def test_white_space_comes_off_at_both_ends_only() -> None:
    assert exact_1(f"{WHITE_SPACE}M 1{WHITE_SPACE}") == "M 1"
    assert exact_1("\x1cM\x1f\u200b") == "\x1cM\x1f\u200b"
    assert len(WHITE_SPACE) == len(set(WHITE_SPACE)) == 25
    assert exact_1("Abc") != exact_1("abc")


def test_an_address_differs_neither_by_case_nor_by_width() -> None:
    assert email_1(" Hanako@Example.JP\n") == email_1("Hanako@EXAMPLE.jp") == "hanako@example.jp"
    assert email_1("h.a+b@example.jp") != email_1("ha@example.jp")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("03-0000-0000", "+81300000000"),
        ("090 0000 0000", "+819000000000"),
        ("(03)0000-0000", "+81300000000"),
        ("+81 (0)3-0000-0000", "+81300000000"),
        ("+81-3-0000-0000", "+81300000000"),
        ("０３ー００００ー００００", "+81300000000"),
        ("010 81 3 0000 0000", "+81300000000"),
        ("0081300000000", "+81300000000"),
        ("+1 (202) 555-0100", "+12025550100"),
        ("extension 12", "extension 12"),
        ("110", "110"),
        ("+12", "+12"),
    ],
)
def test_a_telephone_number_is_one_however_it_is_written(text: str, form: str) -> None:
    assert phone_e164_1(text) == form


def test_names_are_folded_to_candidates() -> None:
    assert folded_name("髙橋 はなこ") == folded_name("高橋　ハナコ") == folded_name("高橋ﾊﾅｺ")
    assert folded_name("渡邊\U000e0101") == folded_name("渡邉") == folded_name("渡辺")
    assert folded_name("きょうこ") == folded_name("キヨウコ")
    assert folded_name("高橋") != folded_name("高梁")
