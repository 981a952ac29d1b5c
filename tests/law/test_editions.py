"""Which reading of the law a verdict was given under, and what is the same verdict."""

from dataclasses import replace
from datetime import date

from ledger.law.readings import HISTORY, READING, law_and_reading, law_code
from ledger.policies.context import is_same
from tests.law.building import transfer, whole


def test_editions_are_numbered_from_one_and_say_what_changed() -> None:
    assert [one.number for one in HISTORY] == list(range(1, READING + 1))
    assert [one.since for one in HISTORY] == sorted(one.since for one in HISTORY)
    assert [bool(one.changed) for one in HISTORY] == [False, *[True] * (READING - 1)]


def test_a_verdict_without_a_number_is_of_the_first_reading() -> None:
    assert law_and_reading("2023-04-01") == ("2023-04-01", 1)
    assert law_code("2023-04-01", 1) == "2023-04-01"
    for number in range(1, 12):
        assert law_and_reading(law_code("2027-01-17", number)) == ("2027-01-17", number)


def test_a_verdict_names_the_reading_of_today() -> None:
    assert law_and_reading(whole(transfer()).law) == ("2023-04-01", READING)


def test_two_verdicts_that_differ_in_the_reading_alone_are_the_same() -> None:
    now = whole(transfer())
    then = replace(now, law="2023-04-01")
    assert is_same(now, then)
    assert is_same(then, now)
    assert is_same(None, None)
    assert not is_same(now, None)
    assert not is_same(None, now)
    assert not is_same(now, replace(then, duty="none"))
    assert not is_same(now, replace(then, law="2022-04-01"))
    assert not is_same(now, replace(then, retain_through=date(2030, 1, 1)))
