"""Of a bulk transfer that is excluded for one of its persons each is told what is theirs."""

from api.documents import Renderer
from ledger.values import Json, PrincipalRef
from tests.bulk.sending import people, sender
from tests.ledger.excluding import exclude, lift
from tests.ledger.inside import Inside
from tests.replying.desk import Desk, letter, replies_of

PERSONS = 1_001
"""More than are ever listed."""


def replied(house: Inside, renderer: Renderer, who: str) -> dict[str, Json]:
    """What a reply to the person tells, without what every letter has for itself."""
    ref = PrincipalRef("member", who)
    desk = Desk(house, replies_of(house, renderer))
    desk.verified(identifiers=(ref,)).searched(ref)
    told = letter(desk.decided().sent().json)
    own = ("at", "case_number", "code_salt", "verification_code", "search")
    coverage: Json = told["search"]["coverage"]
    return {name: value for name, value in told.items() if name not in own} | {"search": coverage}


def test_the_one_is_told_that_there_is_nothing_and_another_the_record(
    house: Inside, renderer: Renderer
) -> None:
    sender(house).sent("bulk", people(PERSONS))
    whole = {one: replied(house, renderer, one) for one in ("B0", "B1")}
    exclude(house, 1, of="B1")
    nobody = replied(house, renderer, "B9999")
    assert nobody["content"] == {"kind": "NOT_EXIST"}
    assert replied(house, renderer, "B1") == nobody
    assert replied(house, renderer, "B0") == whole["B0"] != nobody
    lift(house, 1, of="B1")
    assert replied(house, renderer, "B1") == whole["B1"]
