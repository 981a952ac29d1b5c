"""Characters that no reader sees, in ledgers and rejected items of before they were refused."""

from typing import Any

import pytest

from ledger.cases.points import QUARANTINE
from ledger.cases.steps import CaseStatus
from ledger.commands import RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import Defect
from ledger.quarantine.service import MalformedItem
from ledger.values import CheckedTransfer, PrincipalRef
from tests.ledger.given import ACTOR, SOURCE, data
from tests.replying.desk import FORM, MEMBER, NAME, Desk
from tests.replying.test_namesakes_since import searched

HIDDEN = ("\u200b", "\u00ad", "\u3164", "\u200d")
REJECTED = (*HIDDEN, "\u200e", "\u202a", "\x7f")
"""What an identifier or a name of a rejected item may hold."""


def rejected(desk: Desk, **person: str) -> None:
    item: dict[str, Any] = {"source": "crm", "id": "t-1", "data": {"principals": [person]}}
    kept = MalformedItem(
        item, "crm", (Defect("/data/principals/0", "INVISIBLE_CHARACTER", "unseen"),)
    )
    desk.inside.house.quarantine().keep([kept], desk.inside.now)


def points(desk: Desk) -> list[str]:
    desk.inside.follow()
    found = desk.replies.points(desk.state, desk.replies.found(desk.state))
    return [one.point.kind for one in found]


@pytest.mark.parametrize("hidden", HIDDEN, ids=ascii)
def test_records_under_what_no_reader_sees_are_named_once_the_name_finds_them(
    desk: Desk, hidden: str
) -> None:
    twin = {"scheme": "member", "id": f"{MEMBER.id}{hidden}"}
    old = CheckedTransfer(data(principals=[{**twin, "name": NAME}]))
    desk.inside.send([RecordTransfer(random_uuid(), ACTOR, SOURCE, "t-1", old)])
    desk.verified()
    tried = [{"scheme": MEMBER.scheme, "id": MEMBER.id}]
    searched(desk, identifiers=[twin], tried=tried)
    assert desk.state.status == CaseStatus.REVIEW
    assert desk.state.search is not None
    assert desk.state.search.provided == 1
    assert desk.decided().state.decision is not None


@pytest.mark.parametrize("hidden", REJECTED, ids=ascii)
@pytest.mark.parametrize("member", ["id", "name"])
def test_an_item_that_was_rejected_for_what_no_reader_sees_is_a_point_of_the_person(
    desk: Desk, hidden: str, member: str
) -> None:
    desk.inside.record("t-0", data("P9"))
    searched(desk.verified())
    assert points(desk) == []
    person = {"scheme": "member", "id": "P8", "name": "見本 花子"}
    of_hers = {"id": f"P{hidden}1", "name": NAME.replace(" ", hidden)}
    rejected(desk, **person | {member: of_hers[member]})
    assert points(desk) == [QUARANTINE]


@pytest.mark.parametrize("hidden", HIDDEN, ids=ascii)
def test_a_form_whose_name_holds_what_no_reader_sees_finds_who_bears_it_without(
    desk: Desk, hidden: str
) -> None:
    who = PrincipalRef("member", "P7")
    desk.inside.record("t-7", data(principals=[{"scheme": who.scheme, "id": who.id, "name": NAME}]))
    desk.verified(form={**FORM, "name": f"{NAME}{hidden}"})
    searched(desk, who)
    assert desk.state.search is not None
    assert [one.identifier for one in desk.state.search.left_out or ()] == [who]
