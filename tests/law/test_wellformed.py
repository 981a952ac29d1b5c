"""What makes a transfer malformed although its shape is right."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.policies.wellformedness import check_digit, defects
from tests.law.building import CORPORATION, DAY, REMOVED, data_of

TODAY = date(2024, 6, 1)


def codes(**changes: object) -> list[tuple[str, str]]:
    return [(defect.pointer, defect.code) for defect in defects(data_of(**changes), TODAY)]


def texts_of_the_sample() -> list[str]:
    """All texts of the sample besides its items and principals."""
    left, found = [v for k, v in data_of().items() if k not in ("items", "principals")], []
    while left:
        one = left.pop()
        left += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        found += [one] if isinstance(one, str) else []
    return found


def test_an_ordinary_transfer_is_well_formed() -> None:
    assert codes() == []


# The number of the National Tax Agency is the example of its own explanation of the check digit.
@pytest.mark.parametrize("number", ["7000012050002"])
def test_a_real_corporate_number_passes(number: str) -> None:
    assert codes(counterparty=CORPORATION | {"corporate_number": number}) == []


@given(st.text("0123456789", min_size=12, max_size=12))
def test_exactly_one_first_digit_fits_a_corporate_number(base: str) -> None:
    fitting = [
        first
        for first in "0123456789"
        if not codes(counterparty=CORPORATION | {"corporate_number": first + base})
    ]
    assert fitting == [str(check_digit(base))]
    assert fitting != ["0"]


@given(
    st.text("0123456789", min_size=12, max_size=12),
    st.integers(0, 11),
    st.integers(1, 9),
)
def test_the_check_digit_notices_a_mistyped_digit_but_a_nine_for_a_nought(
    base: str, place: int, more: int
) -> None:
    old = int(base[place])
    new = (old + more) % 10
    changed = f"{base[:place]}{new}{base[place + 1 :]}"
    same = {old, new} == {0, 9}
    assert (check_digit(base) == check_digit(changed)) is same


def test_a_wrong_check_digit_is_named_at_its_place() -> None:
    assert codes(counterparty=CORPORATION | {"corporate_number": "1000000000000"}) == [
        ("/counterparty/corporate_number", "CORPORATE_NUMBER_CHECK_DIGIT")
    ]


@pytest.mark.parametrize(
    ("last", "wrong"), [("2024-04-30", True), ("2024-05-01", False), (None, False)]
)
def test_a_period_may_not_end_before_it_begins(last: str | None, *, wrong: bool) -> None:
    found = codes(transferred_on=REMOVED, transferred_from="2024-05-01", transferred_to=last)
    assert (found == [("/transferred_to", "DATE_RANGE_REVERSED")]) is wrong


def test_a_transfer_is_derived_from_a_thousand_records_at_most() -> None:
    keys = [f"r-{n}" for n in range(1_001)]
    assert codes(derived_from=keys[:1_000]) == []
    assert codes(derived_from=keys) == [("/derived_from", "SCHEMA")]


def test_the_texts_of_a_transfer_are_bounded_a_line_end_as_a_line() -> None:
    used = sum(map(len, texts_of_the_sample()))
    assert codes(items=["い" * (20_000 - used - 1)]) == []
    assert codes(items=["い" * (20_000 - used)]) == [("", "SCHEMA")]
    assert codes(items=["い\n" * 400]) == [("", "SCHEMA")]
    assert codes(items=["い"] * 10_001) == [("", "SCHEMA")]
    assert codes(purpose="い" * 20_000) == [("", "SCHEMA")]


def test_names_and_keys_in_long_lists_are_bounded_each() -> None:
    people = [{"scheme": "m", "id": str(n), "name": "い" * n} for n in (999, 1_000, 1_001)]
    assert codes(principals=people) == [("/principals/2/name", "SCHEMA")]
    assert codes(derived_from=["k" * 1_000, "k" * 1_001]) == [("/derived_from/1", "SCHEMA")]
    assert codes(derived_from=["k" * 1_000] * 1_000) == []


@pytest.mark.parametrize("member", ["transferred_on", "recorded_on", "transferred_to"])
def test_a_day_after_receipt_is_refused_and_the_day_itself_is_not(member: str) -> None:
    base = {"transferred_on": REMOVED, "transferred_from": "2024-04-01", "transferred_to": None}
    given = base if member == "transferred_to" else {}
    assert codes(**(given | {member: TODAY.isoformat()})) == []
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    assert codes(**(given | {member: tomorrow})) == [(f"/{member}", "DATE_IN_FUTURE")]


@pytest.mark.parametrize(
    "day", ["2023-02-29", "2024-04-31", "0000-01-01", "20240401", "2024-W14-1", "2024-4-1", ""]
)
def test_a_day_must_be_in_the_calendar(day: str) -> None:
    assert codes(transferred_on=day) == [("/transferred_on", "SCHEMA")]


@pytest.mark.parametrize(
    "at",
    [
        "2024-04-01T09:00:00",
        "2024-04-01",
        "2024-02-30T09:00:00+09:00",
        "9999-12-31T23:59:59-01:00",
        "0001-01-01T00:00:00+14:00",
        "yesterday",
    ],
)
def test_the_instant_of_consent_must_be_one(at: str) -> None:
    assert codes(consent={"obtained": True, "at": at}) == [("/consent/at", "SCHEMA")]


@pytest.mark.parametrize(
    "at",
    ["2024-04-01T09:00:00+09:00", "2024-04-01T00:00:00Z", "2024-04-01T00:00:00.123456789-05:00"],
)
def test_the_instant_of_consent_may_have_any_offset(at: str) -> None:
    assert codes(consent={"obtained": True, "at": at}) == []


def test_members_of_a_wrong_type_are_left_to_the_schema() -> None:
    wrong = {
        "transferred_on": 5,
        "transferred_to": ["2024-04-01"],
        "counterparty": "x",
        "consent": [],
    }
    assert defects(data_of(**wrong), DAY) == ()
    assert codes(counterparty={"corporate_number": 1}, consent={"at": None}) == []
    assert codes(counterparty={"corporate_number": "１２３４５６７８９０１２３"}) == []
