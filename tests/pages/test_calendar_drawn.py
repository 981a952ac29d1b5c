"""The calendar of an emitter, and what differs between publications: beside obvious oracles."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from api.resources.emitters.calendar_pages import calendar_of
from api.resources.notices.pages.differences import NoticePoint, NoticeSection, differences
from ledger.emitters.coverage import DayPeriod
from ledger.emitters.emitter import DeclaredDays, State
from ledger.emitters.events import Registration

AT = datetime(2026, 1, 1, tzinfo=UTC)
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
    return State(UUID(int=1), registration, AT, AT, 1, 1, declared)


@given(emitters(), MONTHS, DAYS)
def test_every_day_is_in_the_state_that_a_look_at_it_alone_gives(
    state: State, month: date, today: date
) -> None:
    made = calendar_of(state, month, today)
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


TEXTS = st.text("あいう", max_size=3)
SECTIONS = st.dictionaries(
    st.sampled_from(["範囲", "項目", "目的"]), st.dictionaries(st.text("abc", min_size=1), TEXTS)
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
