"""A reply showed records of a stranger, as the desk itself says later: it is assessed as a leak."""

from collections.abc import Callable
from uuid import UUID

from ledger.cases.events.case import WithheldPart
from ledger.cases.steps import Close, Reopen
from ledger.values import PrincipalRef
from tests.ledger.case_given import ABSENT
from tests.matrix import every
from tests.replying.desk import Desk, part, recorded, whole
from tests.replying.test_flags import LEAK, NOBODY, REOPENED

STRANGER, FAMILY = "桁の誤り。別人のもの", "家族のもの"


def replied(
    desk: Desk, *withheld: WithheldPart, tried: PrincipalRef = ABSENT, words: str | None = None
) -> Desk:
    """A reply on two identifiers that withholds this much."""
    desk.verified().identified((desk.who, desk.email), tried, not_the_person=words)
    desk.decided(withheld).sent()
    assert desk.flags() == set()
    return desk


def both(desk: Desk, *withheld: WithheldPart, words: str | None = None) -> UUID:
    """The same, with a record of each; that of the second one."""
    recorded(desk)
    last = desk.record(desk.email)
    replied(desk, *withheld, tried=NOBODY if words else ABSENT, words=words)
    return last


def told(desk: Desk, words: str | None = STRANGER) -> Desk:
    """Looked at again: the second identifier is said to be a stranger's."""
    desk.do(Close(), Reopen("確認")).identified((desk.who,), desk.email, not_the_person=words)
    return desk


def test_what_the_desk_says_is_not_the_persons_raises_the_flag_at_once_and_for_good(
    desk: Desk,
) -> None:
    both(desk)
    told(desk)
    assert desk.flags() == {LEAK}
    desk.decided().sent()
    assert desk.flags() == {LEAK, "SUPERSEDED"}
    desk.do(Close(), Reopen("確認"))
    assert desk.flags() == {LEAK, "SUPERSEDED"}
    desk.identified((desk.who,), ABSENT)  # nothing more is said of it
    assert desk.flags() == {LEAK, "SUPERSEDED"}
    desk.identified((desk.who, desk.email), ABSENT)
    assert LEAK not in desk.flags(), "it is named as the person's again"
    desk.identified((desk.who,), ABSENT)  # silence is no word
    assert LEAK not in desk.flags()


def nobody_any_more(desk: Desk) -> None:
    recorded(desk)
    desk.verified().identified((desk.who,), ABSENT)
    desk.decided().sent()
    desk.do(Close(), Reopen("確認"))
    desk.identified((), desk.who, ABSENT, not_the_person=STRANGER)


def left_out(desk: Desk) -> None:
    both(desk)
    desk.reopened("確認").identified((desk.who,), NOBODY, not_the_person=STRANGER)


def nothing_shown(desk: Desk) -> None:
    recorded(desk)
    replied(desk)
    desk.record(desk.email)  # it comes after the reply
    told(desk)
    assert LEAK not in desk.flags()
    desk.retract(desk.record(desk.email))


def of_both(desk: Desk) -> None:
    desk.record(desk.who, desk.email)
    told(replied(desk))


def withheld(desk: Desk, *, is_whole: bool) -> None:
    recorded(desk)
    last = desk.record(desk.email)
    told(replied(desk, whole(last) if is_whole else part(last, "COUNTERPARTY")))


def taken_back_by_the_search(desk: Desk) -> None:
    recorded(desk)
    desk.record(desk.email)
    desk.verified().identified((desk.who,), desk.email, not_the_person=STRANGER)
    desk.identified((desk.who, desk.email), ABSENT)
    desk.decided().sent()


def linked(desk: Desk, *, is_named: bool, said_of_alias: bool) -> None:
    recorded(desk)
    desk.record(desk.email)
    alias = PrincipalRef("account", desk.who.id)
    desk.link(desk.email, alias)
    named = (alias,) if is_named else ()
    desk.verified().identified((desk.who, desk.email, *named), ABSENT)
    desk.decided().sent()
    desk.do(Close(), Reopen("確認"))
    said = alias if said_of_alias else desk.email
    desk.identified((desk.who,), said, not_the_person=STRANGER)


def linked_later(desk: Desk) -> None:
    both(desk)
    told(desk).link(desk.who, desk.email)
    assert LEAK not in desk.flags()
    desk.link(desk.who, desk.email, apart=True)


def excluded(desk: Desk, *, before: bool = False, lifted: bool = False) -> None:
    last = both(desk)
    if before:
        desk.exclude(last)
    told(desk)
    if not before:
        desk.exclude(last)
    if lifted:
        desk.lift(last)


def left_out_under_order_11(desk: Desk) -> None:
    recorded(desk)
    hidden = desk.record(desk.email)
    desk.exclude(hidden)
    told(replied(desk))
    assert desk.flags() == set()
    desk.lift(hidden)


SHOWN: dict[str, tuple[Callable[[Desk], object], set[str]]] = {
    "nobody is the person any more": (nobody_any_more, {LEAK}),
    "nothing is said": (lambda desk: (both(desk, words=FAMILY), told(desk, None)), set()),
    "nothing new is said": (
        lambda desk: (both(desk, words=FAMILY), told(desk, f" {FAMILY}\u3000")),
        set(),
    ),
    "it is said of others": (left_out, set()),
    "a record of both": (of_both, set()),
    "withheld as a whole": (lambda desk: withheld(desk, is_whole=True), set()),
    "withheld in part": (lambda desk: withheld(desk, is_whole=False), {LEAK}),
    "said before the search of the reply": (taken_back_by_the_search, set()),
    "an alias is said to be": (
        lambda desk: linked(desk, is_named=False, said_of_alias=True),
        {LEAK},
    ),
    "whose alias was named": (
        lambda desk: linked(desk, is_named=True, said_of_alias=False),
        {LEAK},
    ),
    "linked and unlinked later": (linked_later, {LEAK}),
    "excluded before the search": (lambda desk: excluded(desk, before=True), {LEAK}),
    "excluded after it": (excluded, {LEAK}),
    "excluded and lifted again": (lambda desk: excluded(desk, lifted=True), {LEAK}),
    "left out under Order 11, and lifted": (left_out_under_order_11, set()),
}


@every("name", SHOWN)
def test_a_record_that_a_reply_showed_is_a_strangers_as_the_desk_says(
    name: str, desk: Desk
) -> None:
    happens, expected = SHOWN[name]
    one = desk.another()
    happens(one)
    assert one.flags() - {REOPENED} == expected
