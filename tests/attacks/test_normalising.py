"""A text of combining marks is normalised in linear time, with the result that Unicode says.

Attack: an emitter sends a name, an officer a register, of 100,000 combining marks in an order that
normalising has to change. CPython takes the square of their number, and meanwhile nobody else is
answered, and the read side stands still, after each restart anew.

Held off by: marks are sorted before CPython sees them (`ledger.unicode_forms`), and the texts of a
transfer are bounded. CPython's own result, slow as it is, is what this is held against.
"""

import re
import unicodedata
from itertools import product
from pathlib import Path
from random import sample
from typing import get_args
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

import ledger
from ledger import unicode_forms
from ledger.unicode_forms import Form, normalize
from tests.rounds import rounds

FORMS: tuple[Form, ...] = get_args(Form)
TRICKY = st.text(
    st.sampled_from(
        "aあｶﾞﾟが\u3099\u309a\u0301\u0316\u0327\u0338\u0344\u0f71\u0f72\u0f73\u0f74\u0f75\u0f81각\u11a8"
        "é\u1e69ﬁ\ufb2cﷺ\U0001d15e\u2126\u0958"
    )
    | st.characters(codec="utf-8"),
    max_size=40,
)


@given(TRICKY, st.sampled_from(FORMS))
def test_a_long_text_is_normalised_as_a_short_one(text: str, form: Form) -> None:
    with mock.patch.object(unicode_forms, "SHORT_MAX", 0):
        assert normalize(form, text) == unicodedata.normalize(form, text)


def test_marks_in_an_order_that_changes_are_sorted_before_they_are_normalised() -> None:
    """A million of them: by insertion it would take hours, and this run ends."""
    cases = [*product(("\u0301\u0316", "\u0f73\u0f75", "\u0344\u0327"), FORMS)]
    for marks, form in sample(cases, rounds(len(cases))):
        text = "a" + marks[0] * 500_000 + marks[1] * 500_000
        assert len(normalize(form, text)) >= len(text) - 1


def test_a_text_without_marks_is_normalised_as_it_is() -> None:
    text = "高橋ｱ①" * 1_000
    assert [normalize(form, text) for form in FORMS] == [
        unicodedata.normalize(form, text) for form in FORMS
    ]


def test_the_product_normalises_in_no_other_way() -> None:
    root = Path(ledger.__file__).parents[1]
    files = [
        one for room in ("api", "ledger", "projections") for one in (root / room).rglob("*.py")
    ]
    pattern = re.compile(r"unicodedata\.normalize|from unicodedata import [^\n]*normalize")
    assert [one.name for one in files if pattern.search(one.read_text("utf-8"))] == [
        "unicode_forms.py"
    ]
