"""An individual number (個人番号) that is typed into a text is refused, and only that is logged."""

from ledger.policies.my_number import check_digit
from tests.canary import MEMBER, OTHER_MEMBER
from tests.doors.corridor import Corridor

MY_NUMBER = f"12345678901{check_digit('12345678901')}"
WHO = {"scheme": "member", "id": MEMBER}
OTHER = {"scheme": "member", "id": OTHER_MEMBER}
HOLD = {"identifiers": [WHO], "reason": "訴訟の提起"}
PAIR = {"a": WHO, "b": OTHER, "evidence": "住民票"}


def test_an_identifier_of_twelve_digits_is_a_name_here_too(corridor: Corridor) -> None:
    named = {"scheme": "contract", "id": MY_NUMBER}
    corridor.officer("/v1/links", {**PAIR, "b": named})
    corridor.officer("/v1/holds", {**HOLD, "identifiers": [named]})
