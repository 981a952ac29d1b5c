"""Who is late, and who sends without being registered."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from ledger.emitters.emitter import State
from ledger.emitters.liveness import AcceptedSource, heard, strangers
from ledger.format.events import EmitterRegistered
from tests.ledger.test_emitter import ADS, AT, STREAM, state

HOUR = timedelta(hours=1)
LONG_AGO = AT - timedelta(days=90)


def known(**members: object) -> State:
    return replace(state(at=LONG_AGO), **members)  # pyright: ignore[reportArgumentType] -- by name


def sent(source: str, *, first: datetime = LONG_AGO, last: datetime = AT) -> AcceptedSource:
    return AcceptedSource(source, first, last)


def test_an_emitter_is_late_when_neither_beat_nor_transfer_came_in_time() -> None:
    beats = {STREAM: AT - 24 * HOUR}
    assert not heard(known(), beats, [], AT, 24).late
    assert heard(known(), beats, [], AT + timedelta(seconds=1), 24).late
    lately = [sent(ADS.source + "/daily", last=AT - HOUR)]
    found = heard(known(), beats, lately, AT + HOUR, 24)
    assert (found.beat_at, found.accepted_at, found.late) == (AT - 24 * HOUR, AT - HOUR, False)
    strange = [sent("https://ads.example.jp/exports"), sent("https://ads.example.jp")]
    assert heard(known(), {}, strange, AT, 24).accepted_at is None


def test_an_emitter_never_heard_of_is_late_after_its_beginning() -> None:
    fresh = state()
    assert not heard(fresh, {}, [], AT + 24 * HOUR, 24).late
    assert heard(fresh, {}, [], AT + 25 * HOUR, 24).late
    tomorrow = date(2026, 11, 26)  # begins in Japan 12 hours after AT
    later = known(registration=replace(ADS, since=tomorrow))
    assert not heard(later, {}, [], AT + 35 * HOUR, 24).late
    assert heard(later, {}, [], AT + 37 * HOUR, 24).late


def test_a_retired_emitter_is_not_late() -> None:
    retired = state(EmitterRegistered(replace(ADS, until=date(2026, 11, 20))), at=LONG_AGO)
    assert not heard(retired, {}, [], AT, 24).late


def test_strangers_are_the_sources_that_no_emitter_stands_for() -> None:
    fine = [sent(ADS.source), sent(ADS.source + "/daily")]
    wide = sent("https://ads.example.jp")
    other = sent("urn:other:1")
    assert strangers([known()], [*fine, wide, other]) == (wide, other)
    assert strangers([], fine) == tuple(fine)


def test_a_source_is_strange_when_it_sent_before_the_first_day_or_after_the_last() -> None:
    early = sent(ADS.source, first=datetime(2025, 12, 31, 14, 59, tzinfo=UTC))
    exact = sent(ADS.source, first=datetime(2025, 12, 31, 15, 0, tzinfo=UTC))
    assert strangers([known()], [early, exact]) == (early,)
    retired = state(EmitterRegistered(replace(ADS, until=date(2026, 11, 24))))
    assert strangers([retired], [sent(ADS.source)]) == (sent(ADS.source),)
    heir = state(EmitterRegistered(replace(ADS, id="ads-2", since=date(2026, 11, 25))))
    assert strangers([retired, heir], [sent(ADS.source)]) == ()
