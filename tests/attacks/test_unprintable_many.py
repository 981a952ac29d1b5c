"""A record with more characters that cannot be printed than a case has choices for.

Attack: an emitter sends one record with hundreds of different characters that no font has (private
use), so that the person of the record, or of a record that is linked to theirs, gets no reply on
paper: each would need a form of its own, and a case chooses 50.

Held off by: beside the forms that are chosen, one choice with a reason prints every other such
character by its code points, in brackets; the letter tells it, and the approver reads it (0117).
"""

from typing import Final

import pytest

from ledger.cases.print_step import SUBSTITUTES_MAX
from tests.doors.samples import provision
from tests.pages.casework import Work, Worked
from tests.pages.office import Office
from tests.pages.recorded import ABSENT, member, sent, verified

FIRST: Final = 0xF0000
MANY: Final = "".join(map(chr, range(FIRST, FIRST + 19_000)))
BECAUSE: Final = "どの文字であるかを送信元も知らない。12月1日、電話でご本人の了承を得た"


def printed_as(count: int) -> list[dict[str, str]]:
    return [{"written": one, "printed": "字", "evidence": BECAUSE} for one in MANY[:count]]


@pytest.fixture
def case(office: Office, request: pytest.FixtureRequest) -> Worked:
    """A case whose records hold so many different characters."""
    who, name = member(), "見本 太郎"
    sent(office, provision(principals=[{**who, "name": name}], items=[MANY[: request.param]]))
    found = verified(Work(office), who, name=name)
    found.do("principal", {"identifiers": [who], "tried": [ABSENT], "evidence": "一致"})
    return found.do("decisions", {})


@pytest.mark.parametrize(
    ("case", "chosen"),
    [(SUBSTITUTES_MAX + 1, SUBSTITUTES_MAX), (SUBSTITUTES_MAX + 1, 0), (len(MANY), 1)],
    indirect=["case"],
)
def test_a_person_with_such_a_record_is_answered_on_paper(case: Worked, chosen: int) -> None:
    with pytest.raises(AssertionError, match="UNPRINTABLE"):
        case.do("submit")
    with pytest.raises(AssertionError, match="SCHEMA"):
        case.do("print-as", {"substitutes": printed_as(SUBSTITUTES_MAX + 1)})
    case.do("print-as", {"substitutes": printed_as(chosen), "others": {"evidence": BECAUSE}})
    case.do("submit")
