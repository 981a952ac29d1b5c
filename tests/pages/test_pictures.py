"""Pictures of a history are of all of it, and say what their tables say."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import cast
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from api.resources.histories import charts
from ledger.format.events import Entry, Record
from ledger.policies.context import Verdict
from ledger.streams.history import HEADINGS, PROVISION, RECEIPT, HistoryEntry, Message
from ledger.values import Json

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
        messages=(Message(UUID(int=n), n + 1, first, last, ()),),
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
