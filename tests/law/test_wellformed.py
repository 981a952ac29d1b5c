"""What makes a transfer malformed although its shape is right."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.policies.my_number import check_digit, my_number_defects, shows_my_number
from ledger.policies.wellformedness import check_digit as corporate_check_digit
from ledger.policies.wellformedness import defects
from tests.law.building import CORPORATION, DAY, REMOVED, data_of
from tests.matrix import every
from tests.rounds import rounds

TODAY = date(2024, 6, 1)


def codes(**changes: object) -> list[tuple[str, str]]:
    return [(defect.pointer, defect.code) for defect in defects(data_of(**changes), TODAY)]


def test_an_ordinary_transfer_is_well_formed() -> None:
    assert codes() == []


# The number of the National Tax Agency is the example of its own explanation of the check digit.
@every("number", ["7000012050002"])
def test_a_real_corporate_number_passes(number: str) -> None:
    assert codes(counterparty=CORPORATION | {"corporate_number": number}) == []


@given(st.text("0123456789", min_size=12, max_size=12))
def test_exactly_one_first_digit_fits_a_corporate_number(base: str) -> None:
    fitting = [
        first
        for first in "0123456789"
        if not codes(counterparty=CORPORATION | {"corporate_number": first + base})
    ]
    assert fitting == [str(corporate_check_digit(base))]
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
    assert (corporate_check_digit(base) == corporate_check_digit(changed)) is same


def test_a_wrong_check_digit_is_named_at_its_place() -> None:
    assert codes(counterparty=CORPORATION | {"corporate_number": "1000000000000"}) == [
        ("/counterparty/corporate_number", "CORPORATE_NUMBER_CHECK_DIGIT")
    ]


@every("last, wrong", [("2024-04-30", True), ("2024-05-01", False), (None, False)])
def test_a_period_may_not_end_before_it_begins(last: str | None, *, wrong: bool) -> None:
    found = codes(transferred_on=REMOVED, transferred_from="2024-05-01", transferred_to=last)
    assert (found == [("/transferred_to", "DATE_RANGE_REVERSED")]) is wrong


def test_a_transfer_is_derived_from_a_thousand_records_at_most() -> None:
    keys = [f"r-{n}" for n in range(1_001)]
    assert codes(derived_from=keys[:1_000]) == []
    assert codes(derived_from=keys) == [("/derived_from", "SCHEMA")]


@every("member", ["transferred_on", "recorded_on", "transferred_to"])
def test_a_day_after_receipt_is_refused_and_the_day_itself_is_not(member: str) -> None:
    base = {"transferred_on": REMOVED, "transferred_from": "2024-04-01", "transferred_to": None}
    given = base if member == "transferred_to" else {}
    assert codes(**(given | {member: TODAY.isoformat()})) == []
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    assert codes(**(given | {member: tomorrow})) == [(f"/{member}", "DATE_IN_FUTURE")]


@every("day", ["2023-02-29", "2024-04-31", "0000-01-01", "20240401", "2024-W14-1", "2024-4-1", ""])
def test_a_day_must_be_in_the_calendar(day: str) -> None:
    assert codes(transferred_on=day) == [("/transferred_on", "SCHEMA")]


@every(
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


@every(
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


# -- a text with an individual number is refused, and nothing tells the number. All are ------------

VALID = "123456789018"
"""The digits in order with their check digit: printed in many manuals, given to nobody."""


def slow_check_digit(base: str) -> int:
    """Straight from the Order: a table of the weights, counted from the left."""
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    rest = sum(int(digit) * weight for digit, weight in zip(base, weights, strict=True)) % 11
    return {0: 0, 1: 0}.get(rest, 11 - rest)


bases = st.text("0123456789", min_size=11, max_size=11)
numbers = bases.map(lambda base: f"{base}{slow_check_digit(base)}")


@given(bases)
def test_the_check_digit_is_that_of_the_order(base: str) -> None:
    assert check_digit(base) == slow_check_digit(base)


def in_full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def in_kanji(text: str) -> str:
    return text.translate(str.maketrans("0123456789", "〇一二三四五六七八九"))


def in_arabic_indic(text: str) -> str:
    return text.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))


def grouped(text: str, mark: str) -> str:
    return mark.join((text[:4], text[4:8], text[8:]))


WRITTEN: dict[str, Callable[[str], str]] = {
    "plain": lambda n: n,
    "full width": in_full_width,
    "kanji": in_kanji,
    "other script": in_arabic_indic,
    "spaces": lambda n: grouped(n, " "),
    "wide spaces": lambda n: grouped(n, "　"),
    "dashes": lambda n: grouped(n, "-"),
    "wide dashes": lambda n: in_full_width(grouped(n, "-")),
    "underscores": lambda n: grouped(n, "_"),
    "waves": lambda n: grouped(n, "〜"),
    "colons": lambda n: grouped(n, " : "),
    "in threes": lambda n: "-".join((n[:3], n[3:6], n[6:9], n[9:])),
    "in two halves": lambda n: f"{n[:6]} {n[6:]}",
    "circled": lambda n: n.translate(str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")),
    "raised": lambda n: n.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")),
    "boxes": " ".join,
    "lines": "\n".join,
    "unseen marks": "\u200b".join,
    "in a sentence": lambda n: f"番号は{n}です。",
    "in a file name": lambda n: f"住民票_{n}.pdf",
    "behind a day": lambda n: f"2026 {grouped(n, ' ')}",
}


@every("name", WRITTEN)
@settings(max_examples=rounds(20))
@given(number=numbers)
def test_a_number_is_seen_however_it_is_written(name: str, number: str) -> None:
    assert shows_my_number(WRITTEN[name](number))


@every(
    "text",
    [
        "",
        "東京都千代田区永田町2-11-1",
        "090-0000-0000",
        "2026-11-24T10:02:11.120+09:00",
        "123456789012",
        "1234 5678 9012",
        f"1{VALID}",
        f"{VALID}1",
        "T1180301018771",
        "scan-0001.pdf",
        "別紙①から⑫まで",
        "².³",
    ],
)
def test_other_texts_pass(text: str) -> None:
    assert not shows_my_number(text)


@given(numbers, st.uuids(version=4))
def test_a_uuid_alone_is_no_number_whatever_its_digits_say(number: str, other: UUID) -> None:
    checks = f"{str(other)[:24]}{number}"
    assert not shows_my_number(checks)
    assert not shows_my_number(checks.upper())
    assert shows_my_number(f"受付 {checks}")


@every("shape", ["{}-0000-0000-0000-{}", "{}-0000-4000-0000-{}"])
def test_what_only_looks_like_a_uuid_is_read_as_digits(shape: str) -> None:
    assert shows_my_number(shape.format("00000000", VALID))


@given(numbers, st.integers(0, 11), st.integers(1, 9))
def test_a_number_with_another_digit_passes_unless_it_checks_again(
    number: str, place: int, more: int
) -> None:
    digit = (int(number[place]) + more) % 10
    other = f"{number[:place]}{digit}{number[place + 1 :]}"
    assert shows_my_number(other) is (slow_check_digit(other[:11]) == int(other[11]))


def test_every_place_of_a_document_is_named_once_and_the_number_nowhere() -> None:
    data = {
        "principal": {"name": "山田太郎", "phone": VALID},
        "papers": [{"note": "印字なし"}, {"note": f"番号 {VALID}", "count": int(VALID)}],
        VALID: {"note": f"{VALID} {VALID}"},
        "scan": f"{VALID}.png",
        "plain": [True, None, 12],
    }
    found = my_number_defects(data)
    assert [(one.pointer, one.code) for one in found] == [
        ("", "MY_NUMBER_SHOWN"),
        ("/principal/phone", "MY_NUMBER_SHOWN"),
        ("/papers/1/note", "MY_NUMBER_SHOWN"),
        ("/papers/1/count", "MY_NUMBER_SHOWN"),
        ("/note", "MY_NUMBER_SHOWN"),
        ("/scan", "MY_NUMBER_SHOWN"),
    ]
    assert my_number_defects(VALID, "/title")[0].pointer == "/title"
    assert my_number_defects({"plain": [1, "山田太郎"]}) == ()


@given(numbers, st.recursive(st.text(max_size=5), lambda below: st.lists(below, max_size=3)))
def test_no_defect_repeats_anything_of_the_input(number: str, rest: object) -> None:
    written = json.dumps([str(one) for one in my_number_defects({"a": number, number: [rest]})])
    assert "MY_NUMBER_SHOWN" in written
    assert number not in written


def test_a_deeply_nested_document_is_read_to_its_end() -> None:
    data: object = VALID
    for _ in range(10_000):
        data = [data]
    assert len(my_number_defects(data)) == 1


def texts_of_the_sample() -> list[str]:
    """All texts of the sample besides its items and principals."""
    left = [v for k, v in data_of().items() if k not in ("items", "principals")]
    found: list[str] = []
    while left:
        one = left.pop()
        left += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        found += [one] if isinstance(one, str) else []
    return found


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
