"""Whether anything befell a person's transfers between two positions."""

from collections.abc import Callable

from api.contract import check
from ledger.commands import CorrectTransfer, LinkIdentifiers, RetractTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import PrincipalRef
from tests.ledger.given import ACTOR, data
from tests.ledger.inside import Inside

P1, P2 = PrincipalRef("member", "P1"), PrincipalRef("member", "P2")
OTHER = [{"scheme": "member", "id": "P2"}]


def corrected(house: Inside) -> None:
    stream = house.record("t-1").transfer
    changed = check(data(items=["氏名"]), house.now.date())
    house.ledger.correct(
        CorrectTransfer(random_uuid(), ACTOR, stream, changed, "wrong_content"), house.now
    )


def retracted(house: Inside) -> None:
    stream = house.record("t-1").transfer
    house.ledger.retract(RetractTransfer(random_uuid(), ACTOR, stream, "not_a_transfer"), house.now)


def linked(house: Inside) -> None:
    house.ledger.link(LinkIdentifiers(random_uuid(), ACTOR, P1, P2, "登録"), house.now)


def brought_in(house: Inside) -> None:
    """Another person's record becomes this person's, too."""
    stream = house.record("t-2", data(principals=OTHER)).transfer
    both = [{"scheme": "member", "id": "P1"}, *OTHER]
    changed = check(data(principals=both), house.now.date())
    house.ledger.correct(
        CorrectTransfer(random_uuid(), ACTOR, stream, changed, "wrong_content"), house.now
    )


# In an order in which none changes what the next one finds.
HAPPENED: dict[str, tuple[Callable[[Inside], object], bool]] = {
    "nothing": (lambda _: None, True),
    "somebody else's record": (lambda house: house.record("t-8", data(principals=OTHER)), True),
    "a repeat": (lambda house: house.record("t-1"), True),
    "a new record": (lambda house: house.record("t-9"), False),
    "a correction": (corrected, False),
    "another one's record that is corrected": (brought_in, False),
    "a retraction": (retracted, False),
    "a link": (linked, False),
}


def test_it_is_seen_when_something_befell_them(house: Inside) -> None:
    house.record("t-1")
    house.record("t-2", data(principals=OTHER))
    histories = house.house.histories
    for what, (happens, rests) in HAPPENED.items():
        then = house.follow()
        happens(house)
        now = house.follow()
        assert histories.rest([P1], then, now) is rests, what
        pages = [histories.page([P1], position, None, 100).entries for position in (then, now)]
        assert (pages[0] == pages[1]) is rests, what
