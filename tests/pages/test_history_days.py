"""本人の履歴 as of a day: what stood at its end in Japan, and nothing that came later."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from api.resources.accesses.moments import end_of, instant_at, last_before
from ledger.clock import JAPAN, day_in_japan, now
from tests.database import Database
from tests.doors.samples import provision
from tests.pages.casework import Work
from tests.pages.deciding import NAME
from tests.pages.filling import words_of
from tests.pages.histories import api_history, head, path, rows, shown, whose
from tests.pages.office import Office, open_office
from tests.pages.recorded import member, sent


class Clock:
    """A clock that is set, and then goes on."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return now() + self._ahead

    def go_on(self, by: timedelta) -> None:
        self._ahead += by


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(database: Database, clock: Clock) -> Iterator[Office]:
    with open_office(database.urls, clock=clock) as opened:
        yield opened


def as_of(day: date) -> dict[str, str]:
    parts = {"year": day.year, "month": day.month, "day": day.day}
    typed = {f"as_of_{name}": str(number) for name, number in parts.items()}
    return {"moment": "day", "as_of_era": "ad", **typed}


def test_a_day_shows_what_stood_at_its_end(office: Office, clock: Clock) -> None:
    who, work = member(), Work(office)
    days: list[date] = []
    for _ in range(3):
        days.append(day_in_japan(clock()))
        sent(office, provision(transferred_on="2026-01-01", principals=[{**who, "name": NAME}]))
        clock.go_on(timedelta(days=2))
    case, _ = whose(work, who=who)
    api_history(office, who, after=head(office))
    officer = office.signed_in("officer")
    for count, day in enumerate(days, 1):
        for later in (0, 1):
            page = shown(officer, case, **as_of(day + timedelta(days=later)))
            assert len(rows(page, "provision")) == count
    assert len(rows(shown(officer, case), "provision")) == 3
    early = officer.post(path(case), {"reason": "点検", **as_of(days[0] - timedelta(days=1))})
    assert early.status_code == 422
    assert "この日までに台帳に記録されたものはありません" in words_of(early.text)
    beyond = officer.post(
        path(case), {"reason": "点検", **as_of(day_in_japan(clock()) + timedelta(1))}
    )
    assert beyond.status_code == 422
    assert "未来の日付です" in words_of(beyond.text)


def test_the_last_position_before_an_instant_is_that_of_a_look_at_each(
    office: Office, clock: Clock
) -> None:
    for _ in range(7):
        sent(office, provision())
        clock.go_on(timedelta(hours=5))
    reads = office.app.state.services.histories._streams.reads  # noqa: SLF001 -- the ledger's own
    instants = [instant_at(reads, position) for position in range(1, head(office) + 1)]
    ends = [*instants, instants[0] - timedelta(1), instants[-1] + timedelta(1)]
    for end in [*ends, *(end_of(day_in_japan(one)) for one in instants)]:
        assert last_before(reads, end) == sum(one < end for one in instants)


def test_a_day_ends_at_midnight_in_japan() -> None:
    assert end_of(date(2026, 12, 31)) == datetime(2027, 1, 1, tzinfo=JAPAN)
    assert end_of(date.max).replace(microsecond=0) == datetime(
        9999, 12, 31, 23, 59, 59, tzinfo=JAPAN
    )
