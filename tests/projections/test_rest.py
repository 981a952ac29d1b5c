"""Whether anything befell a person's transfers between two positions."""

from collections.abc import Callable

import pytest

from api.contract import check
from ledger.commands import CorrectTransfer, LinkIdentifiers, RetractTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import PrincipalRef
from tests.database import Database
from tests.ledger.given import ACTOR, data
from tests.ledger.inside import Inside, inside

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


HAPPENED: dict[str, tuple[Callable[[Inside], object], bool]] = {
    "nothing": (lambda _: None, True),
    "somebody else's record": (lambda house: house.record("t-9", data(principals=OTHER)), True),
    "a repeat": (lambda house: house.record("t-1"), True),
    "a new record": (lambda house: house.record("t-9"), False),
    "a correction": (corrected, False),
    "a retraction": (retracted, False),
    "a link": (linked, False),
    "another one's record that is corrected": (brought_in, False),
}


@pytest.mark.parametrize("what", HAPPENED)
def test_it_is_seen_when_something_befell_them(database: Database, what: str) -> None:
    happens, rests = HAPPENED[what]
    with inside(database) as house:
        house.record("t-1")
        house.record("t-2", data(principals=OTHER))
        then = house.follow()
        happens(house)
        now = house.follow()
        histories = house.house.histories
        assert histories.rest([P1], then, now) is rests
        pages = [histories.page([P1], position, None, 100).entries for position in (then, now)]
        assert (pages[0] == pages[1]) is rests
