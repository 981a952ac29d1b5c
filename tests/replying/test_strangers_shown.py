"""A reply showed records of a stranger, as the desk itself says later: it is assessed as a leak."""

from uuid import UUID

import pytest

from ledger.cases.events.case import WithheldPart
from ledger.cases.steps import Close, Reopen
from ledger.commands import LinkIdentifiers, UnlinkIdentifiers
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import PrincipalRef
from tests.ledger.case_given import ABSENT
from tests.ledger.given import ACTOR, data
from tests.replying.desk import MEMBER, Desk, part, recorded, whole
from tests.replying.test_flags import flags
from tests.replying.test_passed_over import both_sent, dropping, identifying, of
from tests.replying.test_supplements import EMAIL

STRANGER = "桁の誤り。別人のもの"
ALIAS = PrincipalRef("account", "A-7")


def replied(desk: Desk, *withheld: WithheldPart) -> None:
    """A reply on two identifiers that withholds this much."""
    desk.verified().do(*identifying(desk, (MEMBER, EMAIL), ABSENT)).decided(withheld).sent()
    assert flags(desk) == set()


def told(desk: Desk, words: str | None = STRANGER) -> Desk:
    """Looked at again: the second identifier is said to be a stranger's."""
    desk.do(Close(), Reopen("確認"))
    return desk.do(*identifying(desk, (MEMBER,), EMAIL, not_the_person=words))


def joined(desk: Desk, *pair: PrincipalRef, apart: bool = False) -> None:
    made = UnlinkIdentifiers if apart else LinkIdentifiers
    a, b = pair
    desk.inside.ledger.link(made(random_uuid(), ACTOR, a, b, "登録"), desk.inside.now)


def test_what_the_desk_says_is_not_the_persons_raises_the_flag_at_once_and_for_good(
    desk: Desk,
) -> None:
    both_sent(desk)
    assert flags(desk) == set()
    told(desk)
    assert flags(desk) == {"LEAK_ASSESSMENT"}
    desk.decided().sent()
    assert flags(desk) == {"LEAK_ASSESSMENT", "SUPERSEDED"}
    desk.do(Close(), Reopen("確認"))
    assert flags(desk) == {"LEAK_ASSESSMENT", "SUPERSEDED"}
    desk.do(*identifying(desk, (MEMBER,), ABSENT))  # nothing more is said of it
    assert flags(desk) == {"LEAK_ASSESSMENT", "SUPERSEDED"}


def test_where_nobody_is_the_person_any_more_every_record_shown_is_a_strangers(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified().do(*identifying(desk, (MEMBER,), ABSENT)).decided().sent()
    desk.do(Close(), Reopen("確認"))
    desk.do(*identifying(desk, (), MEMBER, ABSENT, not_the_person=STRANGER))
    assert flags(desk) == {"LEAK_ASSESSMENT"}


@pytest.mark.parametrize("words", [None, "家族のもの", " 家族のもの\u3000"])
def test_who_says_nothing_new_of_it_raises_no_flag(words: str | None, desk: Desk) -> None:
    both_sent(desk, tried=(PrincipalRef("member", "P8"),), not_the_person="家族のもの")
    told(desk, words)
    assert flags(desk) == set()


def test_an_identifier_that_is_left_out_raises_no_flag_whatever_is_said_of_others(
    desk: Desk,
) -> None:
    both_sent(desk)
    dropping(desk, (MEMBER,), PrincipalRef("member", "P8"), not_the_person=STRANGER)
    assert flags(desk) == set()


def test_an_identifier_that_is_named_as_the_persons_again_lowers_the_flag(desk: Desk) -> None:
    both_sent(desk)
    told(desk)
    desk.do(*identifying(desk, (MEMBER, EMAIL), ABSENT))
    assert flags(desk) == set()
    desk.do(*identifying(desk, (MEMBER,), ABSENT))  # silence is no word
    assert flags(desk) == set()
    desk.do(*identifying(desk, (MEMBER,), EMAIL, not_the_person=STRANGER))
    assert flags(desk) == {"LEAK_ASSESSMENT"}


def test_a_reply_that_showed_no_record_under_it_raises_no_flag(desk: Desk) -> None:
    recorded(desk.inside)
    replied(desk)
    desk.inside.record("t-7", of(EMAIL))  # it comes after the reply
    told(desk)
    assert "LEAK_ASSESSMENT" not in flags(desk)


def test_a_record_of_both_is_the_persons_all_the_same(desk: Desk) -> None:
    ends = [{"scheme": one.scheme, "id": one.id} for one in (MEMBER, EMAIL)]
    desk.inside.record("t-7", data(principals=ends))
    replied(desk)
    told(desk)
    assert flags(desk) == set()


@pytest.mark.parametrize("is_whole", [True, False])
def test_what_was_withheld_as_a_whole_was_shown_to_nobody(desk: Desk, *, is_whole: bool) -> None:
    recorded(desk.inside)
    last = desk.inside.record("t-7", of(EMAIL)).transfer
    replied(desk, whole(last) if is_whole else part(last, "COUNTERPARTY"))
    told(desk)
    assert flags(desk) == (set[str]() if is_whole else {"LEAK_ASSESSMENT"})


def test_what_was_said_before_the_search_of_the_reply_was_taken_back_by_it(desk: Desk) -> None:
    recorded(desk.inside)
    desk.inside.record("t-7", of(EMAIL))
    desk.verified().do(*identifying(desk, (MEMBER,), EMAIL, not_the_person=STRANGER))
    desk.do(*identifying(desk, (MEMBER, EMAIL), ABSENT)).decided().sent()
    assert flags(desk) == set()


@pytest.mark.parametrize("said_of", [EMAIL, ALIAS])
@pytest.mark.parametrize("named", [(), (ALIAS,)], ids=["one named", "both named"])
def test_what_is_linked_to_it_is_a_strangers_too(
    said_of: PrincipalRef, named: tuple[PrincipalRef, ...], desk: Desk
) -> None:
    recorded(desk.inside)
    desk.inside.record("t-7", of(EMAIL))
    joined(desk, EMAIL, ALIAS)
    who = (MEMBER, EMAIL, *named)
    desk.verified().do(*identifying(desk, who, ABSENT)).decided().sent()
    desk.do(Close(), Reopen("確認"))
    desk.do(*identifying(desk, (MEMBER,), said_of, not_the_person=STRANGER))
    assert flags(desk) == {"LEAK_ASSESSMENT"}


def test_a_link_that_comes_later_makes_it_the_persons_again(desk: Desk) -> None:
    both_sent(desk)
    told(desk)
    joined(desk, MEMBER, EMAIL)
    assert "LEAK_ASSESSMENT" not in flags(desk)
    joined(desk, MEMBER, EMAIL, apart=True)
    assert "LEAK_ASSESSMENT" in flags(desk)


@pytest.mark.parametrize("when", ["never", "before the search", "after it", "lifted again"])
def test_the_flag_is_the_same_whatever_is_excluded_after_the_reply(when: str, desk: Desk) -> None:
    *_, last = both_sent(desk)
    if when == "before the search":
        desk.exclude(last)
    told(desk)
    if when in ("after it", "lifted again"):
        desk.exclude(last)
    if when == "lifted again":
        desk.lift(last)
    assert flags(desk) == {"LEAK_ASSESSMENT"}
    desk.do(*identifying(desk, (MEMBER,), EMAIL, not_the_person=STRANGER))
    desk.decided().sent()
    assert flags(desk) == {"LEAK_ASSESSMENT", "SUPERSEDED"}


@pytest.mark.parametrize("is_there", [True, False])
def test_what_the_reply_left_out_under_order_11_is_as_if_it_were_not_there(
    desk: Desk, *, is_there: bool
) -> None:
    recorded(desk.inside)
    hidden: list[UUID] = [desk.inside.record("t-7", of(EMAIL)).transfer] if is_there else []
    if hidden:
        desk.exclude(*hidden)
    replied(desk)
    told(desk)
    assert flags(desk) == set()
    if hidden:
        desk.lift(*hidden)
    assert flags(desk) == set()
