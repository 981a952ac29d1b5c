"""The daily close on values: what is told of what an emitter says and what the ledger holds."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cases.letters.coverage import letter_sentences, officer_lines
from ledger.emitters import daily_close, emitter
from ledger.emitters.coverage import Short
from ledger.emitters.daily_close import (
    NAMED_MAX,
    CloseDay,
    DailyClose,
    DayHoldings,
    named_of,
    standing_of,
)
from ledger.emitters.emitter import State, coverage_of
from ledger.emitters.events import DayClosed, EmitterEvent, MissingTransfer, Registration
from ledger.emitters.id_set import EMPTY, TransferKey, hash_of, product_of
from ledger.errors import MalformedError
from ledger.format.events import CoverageDeclared, EmitterRegistered, Fact
from tests.matrix import every

AT = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 25)
DAY = date(2026, 11, 23)
SOURCE = "https://ads.example.jp/export"
ADS = Registration("ads", SOURCE, "広告配信基盤", date(2026, 1, 1))
_DAY = timedelta(days=1)


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
    folded = emitter.fold(None, facts)
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
    for name, (day, found, is_declared, count) in told.items():
        assert standing_of(day, TODAY, found, is_declared=is_declared, held=count) == name


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
