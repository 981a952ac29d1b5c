"""Counts as the cover report prints them: nothing is lost between the file and the paper."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.documents.report import CLASSES
from api.documents.report_counts import (
    MONTHS_MAX,
    OUTCOMES,
    PARTIES_SHOWN_MAX,
    REQUESTS,
    TICKS_MAX,
    WHOLE,
    axis,
    months,
    parties,
    requests,
    share,
)
from api.web.pages.words import KINDS
from api.web.pages.words import OUTCOMES as DECIDED
from ledger.cases.steps import ENDED
from ledger.exports.requests import MEASURES, OPEN, REFUSED
from ledger.exports.summary import CounterpartySummary, Summary
from ledger.law.findings import FindingClass
from ledger.law.requests import PROVISION_RECORDS

_MONTHS = st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(lambda day: day.isoformat()[:7])
_COUNTS = st.dictionaries(_MONTHS | st.just("undated"), st.integers(1, 10**7), max_size=80)


def _numbers(rows: list[list[str]]) -> int:
    return sum(int(row[1].replace(",", "")) for row in rows)


@given(_COUNTS)
def test_the_months_on_paper_add_up_to_those_of_the_file(counts: dict[str, int]) -> None:
    told: Any = months(counts)
    assert _numbers(told["rows"]) == sum(counts.values())
    chart = told["chart"]
    if chart is None:
        assert not counts.keys() - {"undated"}
    else:
        assert 1 <= len(chart["columns"]) <= MONTHS_MAX


@given(st.integers(0, 10**9))
def test_an_axis_is_round_and_holds_the_greatest(greatest: int) -> None:
    end, step = axis(greatest)
    assert greatest <= end < greatest + step or (greatest, end) == (0, 1)
    assert end % step == 0
    assert end // step <= TICKS_MAX
    assert str(step).rstrip("0") in ("1", "2", "5")


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_bar_fits_its_axis_and_is_seen(count: int, more: int) -> None:
    part = share(count, count + more)
    assert 0 <= part <= WHOLE
    assert (part > 0) == (count > 0)
    assert share(count, count) == (WHOLE if count else 0)


@given(st.lists(st.integers(1, 10**6), max_size=80), st.integers(0, 10**6))
def test_the_counterparties_on_paper_add_up_to_all_records(
    counts: list[int], individuals: int
) -> None:
    summary = Summary(records=sum(counts) + individuals)
    summary.parties = {
        ("name", f"{n}"): CounterpartySummary(f"{n}", None, one) for n, one in enumerate(counts)
    }
    if individuals:
        summary.others["individual"] = individuals
    rows: Any = parties(summary)["rows"]
    assert sum(int(row[2].replace(",", "")) for row in rows) == summary.records
    assert len(rows) <= PARTIES_SHOWN_MAX + 2
    assert all(row[4] <= WHOLE for row in rows)


def test_a_count_that_is_not_told_is_no_number() -> None:
    told = requests(
        {"smallest": 10, "received": None, "by_kind": {"retained_data": None}, "by_outcome": {}}
    )
    assert (told["received"], told["by_kind"]) == ("秘匿", [["保有個人データの開示", "秘匿"]])


def test_every_code_has_words() -> None:
    assert REQUESTS == KINDS
    assert PROVISION_RECORDS in REQUESTS
    ended = {status.value for status in ENDED}
    assert set(OUTCOMES) == {OPEN, REFUSED, MEASURES} | ended | set(DECIDED)
    assert set(CLASSES) == {one.value for one in FindingClass}
