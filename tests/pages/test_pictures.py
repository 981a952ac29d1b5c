"""Pictures and differences without a server, beside obvious oracles."""

from calendar import monthrange
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from api.resources.emitters.pages import calendar_of
from api.resources.histories import charts
from api.resources.notices.pages.differences import (
    NoticePoint,
    NoticeSection,
    PointChange,
    announced,
    differences,
)
from ledger.emitters.coverage import DayPeriod
from ledger.emitters.emitter import DeclaredDays, State
from ledger.emitters.events import Registration
from ledger.format.events import Entry, NoticePublished, Record
from ledger.notices.notice import PublishedNotice
from ledger.policies.context import Verdict
from ledger.streams.history import HEADINGS, PROVISION, RECEIPT, HistoryEntry, Message
from ledger.values import Json
from tests.doors.samples import notice

AT = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
VERDICT = Verdict(
    "art29",
    (),
    (),
    in_reply=True,
    lawful=True,
    effective_method="individual",
    retain_through=None,
    law="test",
)


def entry(
    n: int, heading: str, first: date | None, days: int = 0, party: str = "甲", name: str = "甲社"
) -> HistoryEntry:
    last = None if first is None else first + timedelta(days=days)
    counterparty = cast("Json", {"kind": "corporation", "party_id": party, "name": name})
    record = Record({"counterparty": counterparty, "items": []}, AT.date(), VERDICT)
    return HistoryEntry(
        transfer=UUID(int=n),
        heading=heading,
        position=n + 1,
        positions=(n + 1,),
        version=1,
        recorded_at=AT,
        entry=cast("Entry", None),
        record=record,
        lines=(),
        verdict=VERDICT,
        retracted=None,
        messages=(Message(UUID(int=n), n + 1, first, last, (), (), ()),),
    )


DRAWN = st.lists(
    st.tuples(
        st.sampled_from(HEADINGS),
        st.none() | st.dates(date(2000, 1, 1), date(2030, 12, 31)),
        st.integers(0, 400),
        st.integers(0, 14),
    ),
    max_size=40,
).map(
    lambda drawn: [
        entry(n, heading, first, days, f"p{party}", f"{party}社")
        for n, (heading, first, days, party) in enumerate(drawn)
    ]
)


@given(DRAWN)
def test_bars_are_of_every_record_and_none_is_wider_than_its_place(
    entries: list[HistoryEntry],
) -> None:
    found = charts.by_party(entries, PROVISION)
    own = [one for one in entries if one.heading == PROVISION]
    assert found.total == len(own) == sum(bar.count for bar in found.bars)
    assert len(found.bars) <= charts.PARTIES_MAX + 1
    parties = Counter(charts.party_of(one)[0] for one in own)
    assert [bar.count for bar in found.bars[: charts.PARTIES_MAX]] == [
        count for _, count in parties.most_common(charts.PARTIES_MAX)
    ]
    for bar in found.bars:
        assert 28 + bar.width + 64 <= charts.WIDE
        assert bar.width > 0
        assert bar.y + charts.ROW <= found.height


@given(DRAWN)
def test_months_are_of_every_record_that_has_a_day(entries: list[HistoryEntry]) -> None:
    found = charts.by_month(entries)
    own = [one for one in entries if one.heading in (PROVISION, RECEIPT)]
    assert found.undated == sum(one.first_day is None for one in own)
    assert sum(one.provided + one.received for one in found.periods) == len(own) - found.undated
    wanted = Counter(
        f"{one.first_day.year}年"
        if found.by_year
        else f"{one.first_day.year}年{one.first_day.month}月"
        for one in own
        if one.first_day is not None
    )
    told = {one.name: one.provided + one.received for one in found.periods}
    assert {name: count for name, count in told.items() if count} == dict(wanted)
    assert found.by_year or len(found.periods) <= charts.MONTHS_MAX


@given(DRAWN)
def test_the_time_line_holds_every_heading_and_nothing_beyond_its_box(
    entries: list[HistoryEntry],
) -> None:
    found = charts.timeline(entries)
    if not entries:
        assert found is None
        return
    assert found is not None
    assert sum(lane.count for lane in found.lanes) == len(entries)
    assert [lane.number for lane in found.lanes] == list(range(1, len(found.lanes) + 1))
    for lane in found.lanes:
        assert lane.points or lane.spans
        for x in (*lane.points, *(begin for begin, _ in lane.spans)):
            assert 0 <= x <= charts.WIDE
        for begin, width in lane.spans:
            assert begin + width <= charts.WIDE
            assert width > 0
    assert all(28 <= x <= charts.WIDE for x, _ in found.ticks)
    assert len(found.ticks) <= 4


TEXTS = st.lists(st.sampled_from(["A", "B", "C", "D"]), max_size=5)


def told(then: list[str], now: list[str]) -> list[PointChange]:
    """What differs between two publications that differ in their notes."""
    before, after = (announced(published(notes)) for notes in (then, now))
    return [change for one in differences(before, after) for change in one.changes]


def published(notes: list[str]) -> PublishedNotice:
    body: dict[str, Any] = {**notice(notes=notes)}
    version = body.pop("version")
    names, day = (body["notice_id"], body["kind"]), date(2025, 4, 1)
    return PublishedNotice(1, NoticePublished(*names, body, version, 1, day, day))


@given(TEXTS, TEXTS)
def test_what_is_told_leads_from_the_one_to_the_other_and_no_text_that_stays_is_told(
    then: list[str], now: list[str]
) -> None:
    changes = told(then, now)
    gone = [one.before for one in changes if one.before is not None]
    come = [one.after for one in changes if one.after is not None]
    assert not set(gone) & set(come)
    left = [*then]
    for one in gone:
        left.remove(one)
    assert sorted([*left, *come]) == sorted(now)


CALENDAR_AT = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = st.dates(date(2025, 11, 1), date(2026, 4, 30))
MONTHS = st.dates(date(2025, 12, 1), date(2026, 3, 31)).map(lambda day: day.replace(day=1))


@st.composite
def emitters(draw: st.DrawFn) -> State:
    """An emitter with some days declared, some of them with a count."""
    since = draw(DAYS)
    until = draw(st.none() | st.integers(0, 90).map(lambda n: since + timedelta(days=n)))
    days = sorted(draw(st.sets(DAYS, max_size=40)))
    counts = draw(st.lists(st.none() | st.integers(0, 9), min_size=len(days), max_size=len(days)))
    declared = tuple(
        DeclaredDays(DayPeriod(day, day), count) for day, count in zip(days, counts, strict=True)
    )
    registration = Registration("ads", "https://a.example.jp/x", "広告", since, until)
    return State(UUID(int=1), registration, CALENDAR_AT, CALENDAR_AT, 1, 1, declared)


@given(emitters(), MONTHS, DAYS)
def test_every_day_is_in_the_state_that_a_look_at_it_alone_gives(
    state: State, month: date, today: date
) -> None:
    made = calendar_of(state, month, today, has_counts=True)
    declared = {one.period.first for one in state.declared}
    wanted: dict[date, str] = {}
    for n in range(1, monthrange(month.year, month.month)[1] + 1):
        day = month.replace(day=n)
        first, last = state.registration.since, state.registration.until or date.max
        if not first <= day <= last:
            wanted[day] = "outside"
        elif day in declared:
            wanted[day] = "declared"
        else:
            wanted[day] = "missing" if day < today else "to-come"
    assert {cell.day: cell.state for cell in made.cells} == wanted
    told: dict[date, str] = {}
    for run in made.runs:
        for n in range(run.days):
            day = run.first + timedelta(days=n)
            assert day not in told
            told[day] = run.state
        assert run.first + timedelta(days=run.days - 1) == run.last
    assert told == wanted
    neighbours = zip(made.runs, made.runs[1:], strict=False)
    assert all(one.state != other.state for one, other in neighbours), "runs are whole"
    of_month = {day for day in declared if day in wanted}
    counted = {one.period.first for one in made.counts}
    assert counted == {
        one.period.first
        for one in state.declared
        if one.period.first in of_month and one.expected_count is not None
    }


CALENDAR_TEXTS = st.text("あいう", max_size=3)
SECTIONS = st.dictionaries(
    st.sampled_from(["範囲", "項目", "目的"]),
    st.dictionaries(st.text("abc", min_size=1), CALENDAR_TEXTS),
)


def _sections(drawn: dict[str, dict[str, str]]) -> tuple[NoticeSection, ...]:
    return tuple(
        NoticeSection(title, tuple(NoticePoint(key, text) for key, text in points.items()))
        for title, points in drawn.items()
        if points
    )


@given(SECTIONS, SECTIONS)
def test_what_differs_turns_one_publication_into_the_other(
    before: dict[str, dict[str, str]], after: dict[str, dict[str, str]]
) -> None:
    turned = {title: dict(points) for title, points in before.items()}
    for section in differences(_sections(before), _sections(after)):
        assert section.changes, "a part without a difference is not told"
        points = turned.setdefault(section.title, {})
        for one in section.changes:
            assert points.get(one.key) == one.before
            if one.after is None:
                del points[one.key]
            else:
                assert points.get(one.key) != one.after
                points[one.key] = one.after
    assert {title: points for title, points in turned.items() if points} == {
        title: points for title, points in after.items() if points
    }
