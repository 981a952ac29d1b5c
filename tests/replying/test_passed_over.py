"""Identifiers that a later search passes over: no supplement tells which one is hidden."""

from collections.abc import Callable
from uuid import UUID

import pytest

from ledger.cases.namesakes import NamesSearched
from ledger.cases.refusals import NothingToSupplementError
from ledger.cases.steps import IdentifyRecords
from ledger.values import Json, PrincipalRef
from tests.ledger.case_given import ABSENT
from tests.ledger.given import data
from tests.replying.desk import MEMBER, Desk, recorded
from tests.replying.test_supplements import EMAIL, retract, sent

FAMILY = "家族のもの"
OTHER = PrincipalRef("member", "P8")


def of(who: PrincipalRef) -> dict[str, Json]:
    return data(principals=[{"scheme": who.scheme, "id": who.id}])


def both_sent(
    desk: Desk, tried: tuple[PrincipalRef, ...] = (ABSENT,), not_the_person: str | None = None
) -> tuple[UUID, ...]:
    """A reply on the records of two identifiers; the records, that of the second one last."""
    streams = recorded(desk.inside)
    last = desk.inside.record("t-7", of(EMAIL)).transfer
    desk.verified()
    desk.do(*identifying(desk, (MEMBER, EMAIL), *tried, not_the_person=not_the_person))
    desk.decided().sent()
    return *streams, last


def identifying(
    desk: Desk,
    who: tuple[PrincipalRef, ...],
    *tried: PrincipalRef,
    not_the_person: str | None = None,
) -> tuple[IdentifyRecords]:
    """The step that names a person, with what is found of them by now."""
    as_of = desk.inside.follow()
    found = desk.replies.search(who, as_of, desk.state.application)
    sides = (found.provided, found.received)
    said = (as_of, who, "会員番号", *sides, tried, not_the_person)
    return (IdentifyRecords(*said, searched=NamesSearched()),)


def dropping(
    desk: Desk,
    who: tuple[PrincipalRef, ...],
    *tried: PrincipalRef,
    not_the_person: str | None = None,
) -> Desk:
    """Opened again, searched by `who` alone, and decided."""
    desk.reopened("確認")
    return desk.do(*identifying(desk, who, *tried, not_the_person=not_the_person)).decided()


def test_whose_records_are_all_excluded_is_not_supplemented_as_somebody_unknown(
    desk: Desk,
) -> None:
    desk.exclude(*sent(desk))
    dropping(desk, (), MEMBER, ABSENT)
    with pytest.raises(NothingToSupplementError):
        desk.submitted()


@pytest.mark.parametrize(
    ("tried", "reason"), [((EMAIL,), None), ((), None), ((), FAMILY)], ids=["tried", "left", "said"]
)
@pytest.mark.parametrize("is_excluded", [True, False])
def test_an_identifier_of_which_nobody_says_anything_is_compared_as_if_it_were_still_named(
    tried: tuple[PrincipalRef, ...], reason: str | None, desk: Desk, *, is_excluded: bool
) -> None:
    *_, last = both_sent(desk)
    if is_excluded:
        desk.exclude(last)
    dropping(desk, (MEMBER,), *tried, not_the_person=reason)
    with pytest.raises(NothingToSupplementError):
        desk.submitted()


EXCLUDED_AT: dict[str, Callable[[Desk, UUID], object]] = {
    "never": lambda desk, _last: dropping(desk, (MEMBER,), EMAIL, not_the_person=FAMILY),
    "before the search": lambda desk, last: (
        desk.exclude(last),
        dropping(desk, (MEMBER,), EMAIL, not_the_person=FAMILY),
    ),
    "before the submission": lambda desk, last: (
        dropping(desk, (MEMBER,), EMAIL, not_the_person=FAMILY),
        desk.exclude(last),
    ),
}


@pytest.mark.parametrize("when", EXCLUDED_AT)
def test_an_identifier_that_is_taken_away_is_a_change_whenever_its_record_is_excluded(
    when: str, desk: Desk
) -> None:
    *_, last = both_sent(desk)
    EXCLUDED_AT[when](desk, last)
    assert desk.sent().pdf


@pytest.mark.parametrize("when", EXCLUDED_AT)
@pytest.mark.parametrize("words", [FAMILY, f"\u3000{FAMILY} "])
def test_the_words_of_the_reply_in_hand_take_nobody_away_that_it_names(
    when: str, words: str, desk: Desk
) -> None:
    *_, last = both_sent(desk, tried=(OTHER,), not_the_person=words)
    EXCLUDED_AT[when](desk, last)
    with pytest.raises(NothingToSupplementError):
        desk.submitted()
    # Whoever says something anew takes it away.
    desk.do(*identifying(desk, (MEMBER,), EMAIL, not_the_person="メールアドレスは家族のもの"))
    assert desk.decided().sent().pdf


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
