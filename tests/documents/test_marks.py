"""A letter with marks is printed with as many of them as the font can: against every subset."""

from itertools import combinations, permutations
from unicodedata import normalize

from hypothesis import given
from hypothesis import strategies as st

from api.documents.font import repertoire
from api.documents.forms import form_of, lacking
from ledger.policies.substitutes import characters_of, substitute_defects

# The font has \u0301, \u0307 and \u309a by themselves, and a place for the last behind some kana.
MARKS = ("\u0301", "\u0323", "\u0331", "\u0307", "\u309a")
BASES = ("i", "s", "e", "か", "葛", "ế", "ṩ")
STACKS = st.tuples(
    st.sampled_from(BASES), st.lists(st.sampled_from(MARKS), max_size=3).map("".join)
).map("".join)


def is_printed(text: str) -> bool:
    if text in {"か\u309a", "葛\u309a", "が\u309a"}:
        return True
    return len(text) == 1 and ord(text) in repertoire().characters and text not in MARKS


def spellings(text: str) -> set[str]:
    """The text itself, in one code point as far as can be, and in as many as can be."""
    return {text, normalize("NFC", text), normalize("NFD", text)}


def most_of(written: str) -> set[str]:
    """Every text of the letter and some of its marks that can be printed; the longest of them."""
    base, *marks = normalize("NFD", written)
    for size in range(len(marks), -1, -1):
        texts = {base + "".join(kept) for kept in combinations(marks, size)}
        if found := {one for one in texts if any(map(is_printed, spellings(one)))}:
            return {normalize("NFC", one) for one in found}
    return set()


@given(STACKS, STACKS)
def test_a_form_is_allowed_exactly_when_none_shows_more(written: str, other: str) -> None:
    font_lacks = lacking(characters_of(written, other))
    codes = [one.code for one in substitute_defects("", written, other, font_lacks)]
    if any(map(is_printed, spellings(written))):
        assert codes == ["PRINTABLE_ALREADY"]
    elif not any(map(is_printed, spellings(other))):
        assert codes == ["UNPRINTABLE_BASE"]
    else:
        assert (codes == []) is (normalize("NFC", other) in most_of(written))


@given(STACKS)
def test_one_of_the_forms_is_always_there(written: str) -> None:
    for printed in most_of(written):
        codes = {
            one.code
            for one in substitute_defects(
                "", written, printed, lacking(characters_of(written, printed))
            )
        }
        assert codes <= {"PRINTABLE_ALREADY"}


@given(STACKS)
def test_what_is_printed_is_the_same_text(written: str) -> None:
    form = form_of(written)
    same = {one for one in spellings(written) if is_printed(one)}
    assert (form is None) is (not same)
    if form is not None:
        assert form in same
        assert normalize("NFC", form) == normalize("NFC", written)
        assert form == written or not is_printed(written)


def test_marks_in_another_order_that_mean_the_same_are_printed_alike() -> None:
    for marks in permutations("\u0323\u0302"):
        assert form_of("e" + "".join(marks)) == "ệ"
