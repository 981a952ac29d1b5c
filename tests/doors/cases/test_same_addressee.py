"""A supplement is due for another addressee, and for no other spelling of the same one."""

import pytest

from tests.canary import NAME
from tests.doors.cases.desk import ADDRESS, begun, today
from tests.doors.cases.test_no_supplement_of_order_11 import (
    delivered,
    identified,
    recorded,
    refused,
    somebody,
)
from tests.doors.cases.test_nothing_to_supplement import WHY
from tests.doors.corridor import Corridor


@pytest.mark.parametrize(
    ("form", "is_due"),
    [
        ({"name": NAME.replace(" ", "\u3000") + " "}, False),
        ({"postal_code": "１００−６１５０"}, False),
        ({"address": "東京都千代田区　永田町２－１１－１"}, False),
        ({"address": ADDRESS.replace("2-11-1", "2-11-2")}, True),
    ],
    ids=["name", "postal code", "address", "another house"],
)
def test_an_addressee_in_another_spelling_is_no_cause_of_a_supplement(
    corridor: Corridor, form: dict[str, str], *, is_due: bool
) -> None:
    who = somebody()
    recorded(corridor, who)
    case = begun(corridor, identifiers=[who]).verified()
    delivered(identified(case, who)).do("reopen", WHY)
    case.do("resubmission", {"arrived_on": today(), "form": form}).verified()
    identified(case, who).do("decisions", {})
    if is_due:
        case.do("submit").approve().dispatch()
    else:
        refused(case)
