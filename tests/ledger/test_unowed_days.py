"""Days on which no system sends: that all have declared theirs says nothing of them."""

from datetime import date

from ledger.cases.letters.coverage import letter_sentences, officer_lines
from ledger.emitters.coverage import DayPeriod, Share, Statement
from ledger.emitters.emitter import coverage_of
from tests.ledger.test_coverage import other, share
from tests.ledger.test_emitter import day


def test_days_of_which_nobody_owes_anything_are_not_told_as_declared() -> None:
    statement = Statement(day(-31), day(30), (share("甲"),))
    days = "2025年12月1日から2025年12月31日まで"
    assert letter_sentences(statement) == (
        (
            "この回答は、2025年12月1日から2026年1月31日までについて、次の期間を除き、記録を送信する"
            "1システムのすべてから送信完了の申告を受けた記録に基づくものです。"
        ),
        f"{days}については、送信完了を申告するシステムがありません。",
    )
    assert officer_lines(statement)[1:] == (f"{days}：送信完了を申告する送信元がありません。",)
    missing = Statement(day(-1), day(31), (share("甲", DayPeriod(day(3), day(3))),))
    assert letter_sentences(missing)[1:4] == (
        "2025年12月31日、2026年2月1日については、送信完了を申告するシステムがありません。",
        "記録を送信する1システムのうち0システムから、その他の全期間の送信完了の申告を受けています。",
        (
            "2026年1月31日までの記録については、上記の期間及び次の期間を除き、すべてのシステムから"
            "送信完了の申告を受けています。"
        ),
    )


def test_days_before_the_first_emitter_are_told_where_all_days_are_asked_for() -> None:
    before = "2025年12月31日までの期間"
    unowed = f"{before}については、送信完了を申告するシステムがありません。"
    complete = Statement(None, day(30), (share("甲"), share("乙")))
    assert letter_sentences(complete) == (
        (
            "この回答は、2026年1月31日までの期間について、次の期間を除き、記録を送信する2システムの"
            "すべてから送信完了の申告を受けた記録に基づくものです。"
        ),
        unowed,
    )
    assert officer_lines(complete) == (
        "送信元の網羅：2/2（対象期間）",
        f"{before}：送信完了を申告する送信元がありません。",
    )
    late = DayPeriod(day(21), day(30))
    text = letter_sentences(Statement(None, day(30), (share("甲", late), share("乙"))))
    assert text[1] == unowed
    assert text[3].startswith("2026年1月21日までの記録については、上記の期間を除き、すべての")
    assert Statement(None, day(-9), ()).unowed_through == day(-9), "no emitter sends of any day"
    forever = Share("e", "甲", DayPeriod(date.min, day(30)), ())
    assert letter_sentences(Statement(None, day(30), (forever,)))[1:] == ()


def test_where_no_emitter_is_registered_nobody_misses_a_declaration() -> None:
    assert not coverage_of([], None, day(9)).is_expected
    assert officer_lines(coverage_of([], None, day(9))) == ("送信元の網羅：0/0（対象期間）",)
    later = coverage_of([other(1, day(20), None)], day(0), day(9))
    assert (later.is_expected, later.unowed) == (True, (DayPeriod(day(0), day(9)),))
    assert coverage_of([other(1, day(20), None)], day(5), day(4)).unowed == ()
