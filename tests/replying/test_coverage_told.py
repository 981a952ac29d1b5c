"""A letter says on whose declarations its completeness rests, as of its search."""

from datetime import date, timedelta

import pytest

from ledger.cases.letters.coverage import officer_lines
from ledger.cases.letters.words import day_text
from ledger.cases.points import COVERAGE, CasePoint
from ledger.clock import day_in_japan
from ledger.crypto.pseudonyms import random_uuid
from ledger.emitters.daily_close import CloseDay, DayHoldings
from ledger.emitters.emitter import DeclareCoverage, RegisterEmitter
from ledger.emitters.events import Registration
from ledger.emitters.id_set import hash_of, product_of
from ledger.emitters.service import CloseComparison
from ledger.errors import MalformedError
from tests.ledger.given import ACTOR
from tests.replying.desk import Desk, letter, recorded, text_of

DAYS = 10


def registered(desk: Desk) -> None:
    house = desk.inside
    since = day_in_japan(house.now) - timedelta(days=DAYS)
    registration = Registration("shop", "https://shop.example.jp", "購買基盤", since)
    house.ledger.register_emitter(RegisterEmitter(random_uuid(), ACTOR, registration), house.now)


def declared(desk: Desk) -> None:
    house, today = desk.inside, day_in_japan(desk.inside.now)
    command = DeclareCoverage(
        random_uuid(), ACTOR, "shop", today - timedelta(days=DAYS), today - timedelta(days=1)
    )
    house.ledger.declare_coverage(command, house.now)


def coverage_of(desk: Desk, number: int) -> list[str]:
    found: list[str] = letter(desk.replies.stored(desk.stream, number)["reply.json"])["search"][
        "coverage"
    ]
    return found


def test_it_says_what_was_declared_by_the_search_and_never_changes(desk: Desk) -> None:
    recorded(desk)
    desk.verified()
    registered(desk)
    desk.searched()
    first = desk.decided().sent()
    declared(desk)
    assert desk.replies.reproduce(desk.stream, 1) == first
    assert "1システムのうち0システム" in "".join(coverage_of(desk, 1))
    assert "1システムのうち0システム" in text_of(first.pdf)
    assert "購買基盤" not in text_of(first.pdf)

    # What was declared is no answer by itself: a supplement is made of a record that came late.
    desk.late()
    desk.reopened("遅れて届いた記録があるためです。").searched()
    second = desk.decided().sent()
    assert "1システムのすべて" in text_of(second.pdf)
    assert "1システムのすべて" in "".join(coverage_of(desk, 2))
    assert desk.replies.reproduce(desk.stream, 1) == first


def closed(desk: Desk, *, lost: bool) -> None:
    """Close yesterday, on which one transfer was made: it is there, or it is lost."""
    house, source = desk.inside, "https://shop.example.jp"
    said = [(source, "t-1")]
    held = DayHoldings(house.head(), int(not lost), product_of([] if lost else said))
    command = CloseDay(
        random_uuid(),
        ACTOR,
        "shop",
        day_in_japan(house.now) - timedelta(days=1),
        1,
        hash_of(product_of(said)),
        tuple(said) if lost else (),
    )
    compared = CloseComparison(lambda _source: held, lambda _keys: frozenset())
    house.ledger.close_day(command, compared, house.now)


def test_it_names_a_closed_day_of_which_something_is_missing_until_it_is_closed_anew(
    desk: Desk,
) -> None:
    recorded(desk)
    desk.verified()
    registered(desk)
    declared(desk)
    closed(desk, lost=True)
    desk.searched()
    first = desk.decided().sent()
    told = "一部の記録を受信していないことを確認しています。"
    assert coverage_of(desk, 1)[-1].endswith(told)
    assert told in text_of(first.pdf)
    assert "t-1" not in text_of(first.pdf)
    closed(desk, lost=False)
    assert desk.replies.reproduce(desk.stream, 1) == first

    desk.late()
    desk.reopened("遅れて届いた記録があるためです。").searched()
    second = desk.decided().sent()
    assert told not in text_of(second.pdf)
    assert "1システムのすべて" in text_of(second.pdf)
    assert desk.replies.reproduce(desk.stream, 1) == first


def points_of(desk: Desk) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    desk.inside.follow()
    found = desk.replies.points(desk.state, desk.replies.find_records(desk.state))
    return [(one.point.subjects, one.labels) for one in found if one.point.kind == COVERAGE]


def test_days_on_which_no_emitter_sends_are_answered_before_a_decision(desk: Desk) -> None:
    first, last = date(2026, 1, 1), date(2026, 1, 31)
    desk.verified(first_day=first, last_day=last).searched()
    assert points_of(desk) == [], "nobody is registered, nobody has days to declare"
    registered(desk)
    declared(desk)
    desk.searched()
    assert [subjects for subjects, _ in points_of(desk)] == [(f"unowed {first}/{last}",)]
    with pytest.raises(MalformedError) as refused:
        desk.decided(points=[CasePoint(COVERAGE, (f"unowed {first}/{last}",))])
    assert [one.code for one in refused.value.defects] == ["POINT_NOT_ANSWERED"]
    before = day_in_japan(desk.inside.now) - timedelta(days=DAYS + 1)
    whole = desk.another().verified()
    whole.searched()
    [(subjects, labels)] = points_of(whole)
    assert subjects == (f"unowed ../{before}",)
    text = f"{day_text(before)}までの期間：送信完了を申告する送信元がありません。"
    assert labels == (text,)
    assert officer_lines(whole.replies.statement(whole.state))[-1] == text
