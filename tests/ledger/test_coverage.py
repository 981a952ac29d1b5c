"""Periods and the statement of completeness, against a look at every day; in words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cases.letters.coverage import GAPS_SHOWN_MAX, letter_sentences, officer_lines
from ledger.clock import JAPAN
from ledger.emitters import daily_close, emitter
from ledger.emitters.coverage import DayPeriod, Share, Short, Statement, merged, without
from ledger.emitters.daily_close import (
    NAMED_MAX,
    CloseDay,
    DailyClose,
    DayHoldings,
    day_status,
    named_of,
)
from ledger.emitters.emitter import State, coverage_at_search, coverage_of
from ledger.emitters.events import DayClosed, EmitterEvent, MissingTransfer, Registration
from ledger.emitters.id_set import EMPTY, TransferKey, hash_of, product_of
from ledger.emitters.liveness import AcceptedSource, Span, sends_unregistered
from ledger.errors import MalformedError
from ledger.format.events import CoverageDeclared, EmitterRegistered, Fact
from tests.ledger.test_emitter import DAYS, day, days_of, declared, facts, said
from tests.matrix import every

_DAY = timedelta(days=1)
_periods = st.lists(DAYS.map(lambda days: DayPeriod(*days)), max_size=8)


@given(_periods, DAYS.map(lambda days: DayPeriod(*days)))
def test_periods_are_merged_and_cut_as_sets_of_days_are(
    periods: list[DayPeriod], whole: DayPeriod
) -> None:
    days = {one for period in periods for one in days_of(period)}
    joined = merged(periods)
    assert [one for period in joined for one in days_of(period)] == sorted(days)
    assert all(a.last + _DAY < b.first for a, b in pairwise(joined))
    gaps = without(whole, periods)
    assert [one for period in gaps for one in days_of(period)] == [
        one for one in days_of(whole) if one not in days
    ]
    assert merged(gaps) == gaps


def test_the_calendar_ends_without_an_overflow() -> None:
    last = DayPeriod(date.max, date.max)
    assert merged([last, last]) == (last,)
    assert without(DayPeriod(date.min, date.max), [last])[0].last == date.max - _DAY
    with pytest.raises(ValueError, match="ends before"):
        DayPeriod(date.max, date.min)


def other(number: int, since: date, until: date | None, *events: CoverageDeclared) -> State:
    registration = Registration(f"e{number}", f"urn:e:{number}", f"基盤{number}", since, until)
    found = [
        replace(fact, stream=UUID(int=number))
        for fact in facts(EmitterRegistered(registration), *events)
    ]
    folded = reduce(emitter.evolve, found, None)
    assert folded is not None
    return folded


def test_the_statement_counts_whom_the_period_concerns_and_names_the_gaps() -> None:
    whole = other(2, day(0), None, declared(day(0), day(100)))
    gap = other(1, day(0), None, declared(day(0), day(30)), declared(day(40), day(100)))
    retired = other(3, day(0), day(20), declared(day(0), day(20)))
    later = other(4, day(90), None)
    statement = coverage_of([whole, gap, retired, later], day(10), day(60))
    assert [share.emitter for share in statement.shares] == ["e1", "e2", "e3"]
    assert (statement.complete, statement.total, statement.is_complete) == (2, 3, False)
    assert statement.shares[0].gaps == (DayPeriod(day(31), day(39)),)
    assert statement.shares[2].period == DayPeriod(day(10), day(20))
    assert statement.gaps == (DayPeriod(day(31), day(39)),)
    everything = coverage_of([whole, gap, retired, later], None, day(100))
    assert [one.period.first for one in everything.shares] == [day(0), day(0), day(0), day(90)]
    assert everything.gaps == (DayPeriod(day(31), day(39)), DayPeriod(day(90), day(100)))


@given(
    st.lists(
        st.tuples(DAYS, st.none() | st.integers(0, 60), st.lists(said(), max_size=5)), max_size=4
    ),
    DAYS,
)
def test_the_statement_is_what_a_look_at_every_day_of_every_emitter_says(
    drawn: list[tuple[tuple[date, date], int | None, list[CoverageDeclared]]],
    asked: tuple[date, date],
) -> None:
    emitters = [
        other(n, since[0], None if until is None else max(since[0], day(until)), *events)
        for n, (since, until, events) in enumerate(drawn)
    ]
    statement = coverage_of(emitters, *asked)
    expected: dict[str, tuple[list[date], list[date]]] = {}
    for one in emitters:
        mine = [d for d in days_of(DayPeriod(*asked)) if one.is_active_on(d)]
        covered = {d for piece in one.declared for d in days_of(piece.period)}
        if mine:
            expected[one.id] = (mine, [d for d in mine if d not in covered])
    assert {
        share.emitter: (
            days_of(share.period),
            [d for period in share.gaps for d in days_of(period)],
        )
        for share in statement.shares
    } == expected
    assert statement.complete == sum(1 for _, missing in expected.values() if not missing)
    missing = {d for _, days in expected.values() for d in days}
    assert [d for period in statement.gaps for d in days_of(period)] == sorted(missing)


def test_a_reply_rests_on_the_days_that_were_over_when_it_was_searched() -> None:
    known = [other(1, day(0), None, declared(day(0), day(30)))]
    for last in (None, day(31), day(90)):
        statement = coverage_at_search(known, None, last, day(31))
        assert (statement.last_day, statement.is_complete) == (day(30), True)
    assert coverage_at_search(known, day(3), day(9), day(31)).last_day == day(9)
    from_today = coverage_at_search(known, day(31), None, day(31))
    assert from_today.shares == ()
    [sentence] = letter_sentences(from_today)
    assert sentence.startswith("2026年2月1日からの期間について")


# -- in words ----------------------------------------------------------------------------------


def share(name: str, *gaps: DayPeriod) -> Share:
    return Share(name, f"{name}システム", DayPeriod(day(0), day(30)), gaps)


def test_a_complete_statement_says_how_many_and_of_which_days() -> None:
    statement = Statement(day(0), day(30), (share("甲"), share("乙")))
    [sentence] = letter_sentences(statement)
    assert sentence == (
        "この回答は、2026年1月1日から2026年1月31日までについて、記録を送信する2システムのすべてから"
        "送信完了の申告を受けた記録に基づくものです。"
    )
    assert officer_lines(statement) == ("送信元の網羅：2/2（対象期間）",)


def test_gaps_stand_in_the_letter_as_days_and_names_are_for_the_officer_alone() -> None:
    gaps = (DayPeriod(day(3), day(3)), DayPeriod(day(9), day(19)))
    statement = Statement(None, day(30), (share("甲", *gaps), share("乙"), share("丙", gaps[0])))
    text = "".join(letter_sentences(statement))
    assert "2026年1月31日までの期間について" in text
    assert "3システムのうち1システムから" in text
    assert "2026年1月4日、2026年1月10日から2026年1月20日までです。" in text
    assert not any(f"{name}システム" in text for name in "甲乙丙")
    told = "2026年1月31日までの記録については、上記の期間及び次の期間を除き、すべてのシステムから"
    assert told in text
    assert officer_lines(statement)[:-1] == (
        "送信元の網羅：1/3（対象期間）",
        "すべての送信元が申告した最後の日：2026年1月31日",
        "甲システム：2026年1月4日、2026年1月10日から2026年1月20日までの申告なし",
        "丙システム：2026年1月4日の申告なし",
    )


def test_a_letter_lists_no_more_gaps_than_it_can_and_says_so() -> None:
    gaps = tuple(DayPeriod(day(2 * n), day(2 * n)) for n in range(GAPS_SHOWN_MAX + 1))
    [*_, last] = letter_sentences(Statement(None, day(60), (share("甲", *gaps),)))
    assert last.count("年") == GAPS_SHOWN_MAX
    assert f"など{GAPS_SHOWN_MAX + 1}の期間です" in last
    [*_, last] = letter_sentences(Statement(None, day(60), (share("甲", *gaps[1:]),)))
    assert last.count("年") == GAPS_SHOWN_MAX
    assert "など" not in last


def test_without_any_emitter_the_letter_claims_nothing() -> None:
    [sentence] = letter_sentences(Statement(day(3), day(3), ()))
    assert "2026年1月4日について" in sentence
    assert "申告はありません" in sentence


def test_where_others_send_too_the_letter_never_speaks_of_all() -> None:
    whole = Statement(None, day(30), (share("甲"), share("乙")), unregistered=True)
    assert not whole.is_complete
    [sentence] = letter_sentences(whole)
    assert sentence == (
        "この回答は、2026年1月31日までの期間について、その時点までに送信を受けた記録に基づくもの"
        "ですが、記録を送信するシステムの一部からは、送信完了の申告を受けていません。"
    )
    assert officer_lines(whole)[-1].startswith("登録のない送信元")
    gap = Statement(None, day(30), (share("甲", DayPeriod(day(3), day(3))),), unregistered=True)
    [_, days] = letter_sentences(gap)
    assert days == "送信完了の申告を受けていない期間には、2026年1月4日が含まれます。"
    for one in (whole, gap):
        assert "すべて" not in "".join(letter_sentences(one))


# -- who sends without being registered --------------------------------------------------------


def emitter_of(number: int, source: str, since: date, until: date | None = None) -> State:
    known = other(number, since, until)
    return replace(known, registration=replace(known.registration, source=source))


Held = dict[tuple[str, date], int]


def sends(
    known: list[State], held: Held, *accepted: AcceptedSource, first: date | None = None
) -> bool:
    def counts_of(spans: Sequence[Span]) -> Held:
        return {
            key: n
            for key, n in held.items()
            if any(key[0] == one and days.first <= key[1] <= days.last for one, days in spans)
        }

    return sends_unregistered(known, accepted, counts_of, (first, day(30)), at(day(31)))


def at(on: date) -> datetime:
    return datetime.combine(on, time(12), JAPAN)


def test_a_source_that_no_emitter_stands_for_sends_unregistered_from_its_first_record() -> None:
    known = [emitter_of(1, "urn:a", day(0))]
    for source, first, expected in (
        ("urn:b", day(31), True),
        ("urn:a:part", day(31), False),
        ("urn", day(31), True),
        ("urn:b", day(32), False),  # nobody knew of it by the search
    ):
        assert sends(known, {}, AcceptedSource(source, at(first), at(day(40)))) is expected, source
    # Without any emitter the statement claims nothing that could be broken.
    assert not sends([], {}, AcceptedSource("urn:b", at(day(3)), at(day(3))))


def test_records_of_days_outside_a_registration_are_sent_unregistered() -> None:
    late = emitter_of(1, "urn:a", day(20))
    assert not sends([late], {("urn:a", day(20)): 1})
    assert sends([late], {("urn:a", day(19)): 1})
    assert not sends([late], {("urn:a", day(19)): 1}, first=day(20))
    assert not sends([late], {("urn:a", day(31)): 1})  # not asked for
    assert sends([emitter_of(1, "urn:a", day(0), day(9))], {("urn:a", day(10)): 1})
    # Another emitter stood for them: of the same source, of one above it, or of all below it.
    before = {("urn:a", day(9)): 2, ("urn:a:b", day(9)): 2, ("urn", day(9)): 2}
    for source in ("urn:a", "urn", "urn:a:b"):
        assert not sends([late, emitter_of(2, source, day(0), day(19))], before), source
    more = {**before, ("urn:a", day(9)): 3}
    assert sends([late, emitter_of(2, "urn:a:b", day(0), day(19))], more)


# -- the daily close on values: what is told of what an emitter says and what the ledger holds -----

AT = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 25)
DAY = date(2026, 11, 23)
SOURCE = "https://ads.example.jp/export"
ADS = Registration("ads", SOURCE, "広告配信基盤", date(2026, 1, 1))


def keys(*numbers: int) -> tuple[TransferKey, ...]:
    return tuple((SOURCE, f"t-{n:05}") for n in numbers)


def closing_of(said: tuple[TransferKey, ...], ids: tuple[TransferKey, ...] = ()) -> CloseDay:
    id_hash = hash_of(product_of(said))
    return CloseDay(UUID(int=1), "a" * 32, "ads", DAY, len(said), id_hash, ids)


def held(there: tuple[TransferKey, ...], as_of: int = 40) -> DayHoldings:
    return DayHoldings(as_of, len(there), product_of(there))


def closed(
    said: tuple[TransferKey, ...],
    there: tuple[TransferKey, ...],
    ids: tuple[TransferKey, ...] = (),
    waiting: tuple[TransferKey, ...] = (),
) -> DayClosed:
    command = closing_of(said, ids)
    daily_close.check(command, ADS, AT)
    recorded = dict.fromkeys(there, DAY)
    named = named_of(ids, DAY, recorded, frozenset(waiting))
    event = daily_close.close(command, None, ADS, held(there), named)
    assert event is not None
    return event


def state(*events: EmitterEvent) -> State:
    facts = [
        Fact(10 * version, UUID(int=7), version, AT, "a" * 32, event)
        for version, event in enumerate((EmitterRegistered(ADS), *events), 1)
    ]
    folded = reduce(emitter.evolve, facts, None)
    assert folded is not None
    return folded


def stands(event: DayClosed) -> DailyClose:
    return DailyClose(event, 20, 1)


def test_what_is_recorded_for_another_day_is_no_loss() -> None:
    command = closing_of(keys(1, 2), keys(1, 2))
    recorded = {keys(1)[0]: DAY, keys(2)[0]: DAY - _DAY}
    named = named_of(command.ids, DAY, recorded, frozenset())
    event = daily_close.close(command, None, ADS, held(keys(1)), named)
    assert event is not None
    assert [one.found for one in event.named] == ["other_day"]
    assert (event.matches, event.other_day, event.unnamed) == (False, 1, 0)
    assert not stands(event).is_short


def test_the_same_close_again_decides_nothing_until_something_came_of_it() -> None:
    first = closed(keys(1, 2), keys(1), ids=keys(1, 2))
    command = closing_of(keys(1, 2), keys(1, 2))
    named = named_of(command.ids, DAY, {keys(1)[0]: DAY}, frozenset())
    later = DayHoldings(99, 1, product_of(keys(1)))
    assert daily_close.close(command, stands(first), ADS, later, named) is None
    mended = daily_close.close(command, stands(first), ADS, held(keys(1, 2), 99), ())
    assert mended is not None
    assert mended.matches


def test_an_id_that_is_none_of_the_counted_ones_is_refused_where_these_are_held() -> None:
    command = closing_of(keys(1, 2), keys(2, 7))
    named = named_of(command.ids, DAY, {keys(2)[0]: DAY}, frozenset())
    with pytest.raises(MalformedError) as refused:
        daily_close.close(command, None, ADS, held(keys(1, 2)), named)
    found = [(one.pointer, one.code) for one in refused.value.defects]
    assert found == [("/ids/1", "CLOSE_HASH_MISMATCH")]


def test_without_an_index_of_days_all_ids_are_needed_and_are_enough() -> None:
    unknown = DayHoldings(40, None, EMPTY)
    with pytest.raises(MalformedError) as refused:
        daily_close.close(closing_of(keys(1, 2)), None, ADS, unknown, ())
    assert [one.code for one in refused.value.defects] == ["CLOSE_IDS_NEEDED"]
    whole = closing_of(keys(1, 2), keys(1, 2))
    event = daily_close.close(whole, None, ADS, unknown, ())
    assert event is not None
    assert (event.matches, event.recorded, event.unnamed) == (True, None, None)
    lost = daily_close.close(whole, None, ADS, unknown, (MissingTransfer(*keys(2)[0], "missing"),))
    assert lost is not None
    assert stands(lost).lost == 1


def test_an_event_names_no_more_than_its_bound_and_counts_all() -> None:
    said = keys(*range(NAMED_MAX + 1))
    event = closed(said, (), ids=said)
    assert len(event.named) == NAMED_MAX
    assert event.missing == NAMED_MAX + 1


WRONG: dict[str, tuple[dict[str, object], str, str]] = {
    "today": ({"day": TODAY}, "/path/day", "CLOSE_NOT_OVER"),
    "tomorrow": ({"day": TODAY + _DAY}, "/path/day", "CLOSE_NOT_OVER"),
    "long ago": ({"day": TODAY - 181 * _DAY}, "/path/day", "CLOSE_TOO_LONG_AGO"),
    "an id twice": ({"ids": keys(1, 1)}, "/ids/1", "CLOSE_ID_TWICE"),
    "more ids than counted": ({"ids": keys(1, 2, 3)}, "/ids", "CLOSE_COUNT_MISMATCH"),
    "ids of another hash": ({"ids": keys(1, 4)}, "/hash", "CLOSE_HASH_MISMATCH"),
    "another's source": (
        {"ids": (("https://other.example.jp", "t-1"),)},
        "/ids/0/source",
        "CLOSE_SOURCE_NOT_OWN",
    ),
}


@every("name", WRONG)
def test_a_close_that_cannot_be_one_is_refused_and_told_where(name: str) -> None:
    changes, pointer, code = WRONG[name]
    command = replace(closing_of(keys(1, 2)), **changes)  # pyright: ignore[reportArgumentType] -- by name
    with pytest.raises(MalformedError) as refused:
        daily_close.check(command, ADS, AT)
    assert [(one.pointer, one.code) for one in refused.value.defects] == [(pointer, code)]


def test_a_day_before_the_first_or_after_the_last_is_refused() -> None:
    late = replace(ADS, since=DAY + _DAY)
    retired = replace(ADS, until=DAY - _DAY)
    for registration, code in ((late, "CLOSE_BEFORE_SINCE"), (retired, "CLOSE_AFTER_UNTIL")):
        with pytest.raises(MalformedError) as refused:
            daily_close.check(closing_of(keys(1)), registration, AT)
        assert [one.code for one in refused.value.defects] == [code]


def test_a_closed_day_needs_no_declaration_and_a_short_one_is_no_gap() -> None:
    good = closed(keys(1), keys(1))
    short = replace(closed(keys(1, 2), keys(1), ids=keys(1, 2)), day=DAY - _DAY)
    known = state(good, short)
    statement = coverage_of([known], DAY - _DAY, DAY)
    [share] = statement.shares
    assert (share.gaps, share.short) == ((), (Short(DAY - _DAY, 1),))
    assert not statement.is_complete
    assert (statement.complete, statement.declared) == (0, 1)


def test_a_loss_is_not_declared_away_and_is_mended_by_a_close_alone() -> None:
    short = closed(keys(1, 2), keys(1), ids=keys(1, 2))
    known = state(short, CoverageDeclared(ADS, DAY, DAY))
    assert not coverage_of([known], DAY, DAY).is_complete
    mended = state(short, closed(keys(1, 2), keys(1, 2)))
    assert coverage_of([mended], DAY, DAY).is_complete
    found = mended.close_of(DAY)
    assert found is not None
    assert (found.number, found.position) == (2, 30)


def test_a_letter_says_which_days_are_short_and_no_name_and_no_number() -> None:
    short = closed(keys(1, 2), keys(1), ids=keys(1, 2))
    statement = coverage_of([state(short)], DAY, DAY)
    assert letter_sentences(statement) == (
        "この回答は、2026年11月23日について、その時点までに送信を受けた記録に基づくものです。",
        "記録を送信する1システムのすべてから、全期間の送信完了の申告を受けています。",
        "2026年11月23日については、一部の記録を受信していないことを確認しています。",
    )
    assert officer_lines(statement) == (
        "送信元の網羅：0/1（対象期間）",
        "広告配信基盤：2026年11月23日の締めで1件の未受信",
    )
    differs = coverage_of([state(closed(keys(1, 2), keys(1)))], DAY, DAY)
    assert letter_sentences(differs)[-1] == (
        "2026年11月23日については、システムが申告した内容と受信した記録とが一致していません。"
    )


def test_how_a_day_stands() -> None:
    match = stands(closed(keys(1), keys(1)))
    gap = stands(closed(keys(1, 2), keys(1), ids=keys(2)))
    surplus = stands(closed(keys(1), keys(1, 2), ids=keys(1)))
    told = {
        "match": (DAY, match, False, 1),
        "late": (DAY, match, False, 2),
        "gap": (DAY, gap, True, 2),
        "surplus": (DAY, surplus, False, 2),
        "differs": (DAY, stands(closed(keys(1, 2), keys(1))), False, 1),
        "declared": (DAY, None, True, None),
        "open": (TODAY - _DAY, None, False, None),
        "overdue": (DAY, None, False, None),
    }
    for name, (on, found, is_declared, count) in told.items():
        assert day_status(on, TODAY, found, is_declared=is_declared, held=count) == name


numbers = st.sets(st.integers(0, 60), max_size=60)


@given(said=numbers, lost=numbers, extra=numbers, waiting=numbers, asked=st.none() | numbers)
def test_exactly_the_lost_ones_are_named(
    said: set[int], lost: set[int], extra: set[int], waiting: set[int], asked: set[int] | None
) -> None:
    there = (said - lost) | {100 + n for n in extra}
    ids = said if asked is None else said & asked
    event = closed(
        keys(*sorted(said)),
        keys(*sorted(there)),
        keys(*sorted(ids, reverse=True)),
        keys(*sorted(waiting)),
    )
    gone = said & lost
    assert {(one.id, one.found) for one in event.named} == {
        (f"t-{n:05}", "quarantine" if n in waiting else "missing") for n in gone & ids
    }
    assert event.matches == (said == there)
    assert stands(event).lost == len(gone & ids)
    # What is told of the rest is true, or nothing is told.
    assert event.unnamed in (None, len(extra))
    if ids == said or (gone <= ids and not extra):
        assert event.unnamed == len(extra)
    assert stands(event).is_short == bool(gone & ids or (event.unnamed is None and said != there))


def test_a_closed_day_that_is_taken_back_is_a_gap_again() -> None:
    known = state(closed(keys(1), keys(1)), CoverageDeclared(ADS, DAY, DAY, complete=False))
    assert known.close_of(DAY) is None
    assert coverage_of([known], DAY, DAY).gaps == (DayPeriod(DAY, DAY),)
