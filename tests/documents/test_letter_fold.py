"""Repeats are folded on paper only, and nothing of them is lost."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.documents import annexes
from api.documents.annexes import ROWS_MAX, annexes_of
from ledger.cases.letters.fold import folded
from ledger.cases.letters.lines import lines_of
from ledger.cases.letters.words import day_text, days_text
from tests.documents import replies
from tests.ledger import given as made

FIRST = date(2024, 2, 27)
DAYS = {
    "one day": ([0], "2024年2月27日"),
    "over a leap day": ([0, 1, 2, 3], "2024年2月27日から2024年3月1日まで毎日"),
    "runs of days": (
        [3, 4, 5, 7],
        "2024年3月1日から2024年3月5日までの次の日\n2024年3月：1～3日、5日",
    ),
    "days that come twice": (
        [3, 4, 4, 5, 5, 9, 9],
        "2024年3月1日から2024年3月7日までの次の日\n2024年3月：1日、2～3日（各2回）、7日（2回）",
    ),
}


@pytest.mark.parametrize("what", DAYS)
def test_days_in_words(what: str) -> None:
    offsets, words = DAYS[what]
    assert days_text([FIRST + timedelta(n) for n in offsets]) == words


def told(text: str, count: int) -> Counter[date]:
    """The days that `text` tells of `count` records, read by a reader of its own."""
    dates = [date(int(y), int(m), int(d)) for y, m, d in re.findall(r"(\d+)年(\d+)月(\d+)日", text)]
    if text.endswith("毎日"):
        first, last = dates
        return Counter(first + timedelta(n) for n in range((last - first).days + 1))
    if "の次の日" not in text:
        return Counter({dates[0]: count})
    return Counter(_listed(text.split("\n")[1:]))


def _listed(months: list[str]) -> Iterator[date]:
    for month in months:
        head, _, days = month.partition("：")
        year, number = (int(one) for one in re.findall(r"\d+", head))
        for part in days.split("、"):
            found = re.fullmatch(r"(\d+)(?:～(\d+))?日(?:（各?(\d+)回）)?", part)
            assert found is not None
            first, last, times = found.groups()
            for day in range(int(first), int(last or first) + 1):
                yield from [date(year, number, day)] * int(times or 1)


@given(
    st.lists(st.integers(0, 70), min_size=1, max_size=40)
    | st.lists(st.integers(0, 3), min_size=1, max_size=8)
)
def test_no_day_is_lost_in_words(offsets: list[int]) -> None:
    days = sorted(FIRST + timedelta(n) for n in offsets)
    assert told(days_text(days), len(days)) == Counter(days)


def records(drawn: list[tuple[int, int | None]]) -> list[Any]:
    """(party, day by opt-out, or None: by consent and so without a day) → entries."""
    found: list[Any] = []
    for number, (who, day) in enumerate(drawn, 1):
        more: dict[str, Any] = {"counterparty": replies.party(f"会社{who}")}
        if day is not None:
            on = (FIRST + timedelta(day)).isoformat()
            more |= {"basis": "opt_out_27_2", "notice_id": "OO", "consent": None}
            more["transferred_on"] = on
        found.append(replies.entry(number, made.data(**more)))
    return found


@given(
    st.lists(st.tuples(st.integers(1, 3), st.none() | st.integers(0, 9)), min_size=1, max_size=30)
)
def test_every_record_stands_in_one_row_with_its_day(drawn: list[tuple[int, int | None]]) -> None:
    letter = replies.full(records(drawn))
    rows = folded(letter.lines)
    paper: Any = annexes_of(letter).tables[0]

    assert sorted(line.number for row in rows for line in row.lines) == list(
        range(1, len(drawn) + 1)
    )
    printed: Counter[tuple[str, date | None]] = Counter()
    for row in paper["rows"]:
        party, day, count = row["cells"][1], row["cells"][-2], int(row["cells"][-1])
        name = party.split("\n")[0]
        if day == "記録事項でないため記録なし":
            printed[name, None] += count
        else:
            printed.update({(name, on): n for on, n in told(day, count).items()})
    expected = Counter(
        (f"会社{who}", None if day is None else FIRST + timedelta(day)) for who, day in drawn
    )
    assert printed == expected


def test_lines_that_differ_in_anything_else_are_not_folded() -> None:
    entries = [
        replies.entry(1, made.data()),
        replies.entry(2, made.data(items=["氏名"])),
        replies.entry(3, made.data(counterparty=replies.party("別会社"))),
        replies.entry(4, made.received()),
        replies.entry(5, made.data()),
        *replies.opted_out([date(2026, 4, 1)], first=6),
    ]
    lines = lines_of(entries, withheld={entries[4].transfer: {"ITEMS"}})

    assert [len(row.lines) for row in folded(lines)] == [1] * 6


def test_what_is_withheld_is_not_folded_with_what_is_not_recorded() -> None:
    unknown = made.received() | {"acquisition": None}
    entries = [
        replies.entry(1, unknown),
        replies.entry(2, made.received()),
        replies.entry(3, made.received(items=["氏名"])),
        replies.entry(4, made.received()),
    ]
    withheld = {
        entries[1].transfer: {"ACQUISITION"},
        entries[3].transfer: {"ご利用履歴"},
    }
    assert [len(row.lines) for row in folded(lines_of(entries, withheld=withheld))] == [1] * 4


def test_a_record_without_a_basis_is_not_folded_with_one_by_opt_out() -> None:
    same = {"consent": None, "transferred_on": FIRST.isoformat()}
    lines = lines_of(
        [
            replies.entry(1, made.data(basis="opt_out_27_2", notice_id="OO", **same)),
            replies.entry(2, made.data(basis="none", **same)),
        ]
    )
    assert lines[0].items == lines[1].items
    assert [len(row.lines) for row in folded(lines)] == [1, 1]


def test_paper_ends_at_its_bound_and_says_how_many_records_it_shows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(annexes, "ROWS_MAX", 3)
    twice = [*replies.provided(2), *replies.opted_out([FIRST, FIRST], first=10)]
    exactly = annexes_of(replies.full(twice))
    more = annexes_of(replies.full([*twice, *replies.received(2)]))

    assert (exactly.all_printed, exactly.printed, len(exactly.tables)) == (True, 4, 1)
    assert (more.all_printed, more.printed, len(more.tables)) == (False, 4, 1)
    assert more.counts == [
        ["当社が提供した記録", "4件（別紙1）"],
        ["当社が提供を受けた記録", "2件"],
    ]
    assert ROWS_MAX == 10_000


def test_a_long_cell_may_go_on_over_the_page_and_a_short_row_may_not() -> None:
    days = [FIRST + timedelta(2 * n) for n in range(400)]
    table: Any = annexes_of(replies.full([*replies.opted_out(days), *replies.provided(1)])).tables[
        0
    ]

    assert [row["long"] for row in table["rows"]] == [True, False]
    assert day_text(days[0]) in table["rows"][0]["cells"][-2]
