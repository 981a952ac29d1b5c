"""A guarded cell is no formula at any separator, and has its text again."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.csv_guard import guarded
from tests.ledger.spreadsheets import FORMULAS, cells_of, unguarded

SIGNS = "=+-@＝＋－＠\t\r\n ,;|'\"a本\xa0\x0b\x1c\x85\u2028\u3000"
TEXTS = st.one_of(st.text(max_size=12), st.text(st.sampled_from(SIGNS), max_size=9))


@given(TEXTS)
@example("\t=1")
@example("'\t'=1")
@example("a;''=1")
@example("\0=1")
def test_a_guarded_cell_has_its_text_again(text: str) -> None:
    assert unguarded(guarded(text)) == text


@given(st.lists(TEXTS.filter(lambda text: "\0" not in text), min_size=1, max_size=3))
@example(["a;=HYPERLINK(1)"])
@example(["x\t=1+1", 'a;"=1"'])
@example(['a"', '";=1'])
def test_no_cell_is_a_formula_whatever_separates(texts: list[str]) -> None:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(["1", *map(guarded, texts)])
    found = [one for one in cells_of(written.getvalue()) if one.lstrip().startswith(FORMULAS)]
    assert not found, (written.getvalue(), found)


@pytest.mark.parametrize(
    ("text", "cell"),
    {
        "=1+1": "'=1+1",
        " ＝1": " '＝1",
        "a;=1": "a;'=1",
        'a; "+1': "a; \"'+1",
        "a|@b,－c": "a|'@b,'－c",
        "a\n-1": "a\n'-1",
        "'=1": "''=1",
        "\tx": "'\tx",
        "03-1234-5678": "03-1234-5678",
        "甲社 - 乙社": "甲社 - 乙社",
        "a;b=c": "a;b=c",
        "'a'": "'a'",
    }.items(),
)
def test_what_has_a_guard_and_where(text: str, cell: str) -> None:
    assert guarded(text) == cell


def test_a_text_of_separators_takes_a_time_that_grows_with_its_length() -> None:
    for text in ("\t", " ;", '";', "'", ";'", "\t=", " "):
        long = text * 300_000  # a square of it would not end
        assert unguarded(guarded(long)) == long
