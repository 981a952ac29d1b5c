"""Identifiers that a later search passes over: no supplement tells which one is hidden."""

from uuid import UUID

import pytest

from ledger.case.refusals import NothingToSupplementError
from ledger.case.steps import IdentifyRecords
from ledger.values import PrincipalRef
from tests.ledger.case_given import ABSENT
from tests.ledger.given import data
from tests.replying.desk import MEMBER, Desk, recorded
from tests.replying.test_supplements import EMAIL, retract, sent


def both_sent(desk: Desk) -> tuple[UUID, ...]:
    """A reply on the records of two identifiers; the records, that of the second one last."""
    streams = recorded(desk.inside)
    who = data(principals=[{"scheme": EMAIL.scheme, "id": EMAIL.id}])
    last = desk.inside.record("t-7", who).transfer
    desk.verified().searched(MEMBER, EMAIL)
    desk.decided().sent()
    return *streams, last


def dropping(
    desk: Desk,
    who: tuple[PrincipalRef, ...],
    *tried: PrincipalRef,
    not_the_person: str | None = None,
) -> Desk:
    """Opened again, searched by `who` alone, and decided."""
    as_of = desk.reopened("確認").inside.follow()
    found = desk.replies.search(who, as_of, desk.state.application)
    sides = (found.provided, found.received)
    return desk.do(IdentifyRecords(as_of, who, "会員番号", *sides, tried, not_the_person)).decided()


def test_whose_records_are_all_excluded_is_not_supplemented_as_somebody_unknown(
    desk: Desk,
) -> None:
    desk.exclude(*sent(desk))
    dropping(desk, (), MEMBER, ABSENT)
    with pytest.raises(NothingToSupplementError):
        desk.submitted()


@pytest.mark.parametrize("tried", [(EMAIL,), ()], ids=["tried", "left out"])
@pytest.mark.parametrize("reason", [None, "別の識別子は別人のもの"])
def test_an_identifier_that_an_exclusion_emptied_is_compared_as_if_it_were_still_named(
    tried: tuple[PrincipalRef, ...], reason: str | None, desk: Desk
) -> None:
    *_, last = both_sent(desk)
    desk.exclude(last)
    dropping(desk, (MEMBER,), *tried, not_the_person=reason)
    with pytest.raises(NothingToSupplementError):
        desk.submitted()


def test_what_is_lifted_after_such_a_search_makes_no_supplement_either(desk: Desk) -> None:
    *_, last = both_sent(desk)
    desk.exclude(last)
    dropping(desk, (MEMBER,), EMAIL)
    desk.lift(last)
    with pytest.raises(NothingToSupplementError):
        desk.submitted()


def test_an_identifier_that_somebody_says_is_not_the_persons_is_a_change(desk: Desk) -> None:
    first, *_ = both_sent(desk)
    desk.exclude(first)  # of the one that is still named
    dropping(desk, (MEMBER,), EMAIL, not_the_person="メールアドレスは家族のもの")
    assert desk.sent().pdf


def test_an_identifier_with_a_record_left_beside_an_excluded_one_is_a_change(desk: Desk) -> None:
    desk.inside.record("t-8", data(principals=[{"scheme": EMAIL.scheme, "id": EMAIL.id}]))
    *_, last = both_sent(desk)
    desk.exclude(last)
    dropping(desk, (MEMBER,), EMAIL, not_the_person="メールアドレスは家族のもの")
    assert desk.sent().pdf


def test_an_identifier_whose_record_was_retracted_is_a_change(desk: Desk) -> None:
    *_, last = both_sent(desk)
    retract(desk, last)
    desk.exclude(last)
    dropping(desk, (MEMBER,), EMAIL)
    assert desk.sent().pdf
