"""The steps of a case: each is a link for whoever may open it, and for nobody else."""

import re
from typing import Final

import pytest

from api.auth.people import LABELS, Role
from api.resources.cases.pages.step_order import STEPS
from tests.attacks.allowed import ALLOWED
from tests.pages.casework import Work
from tests.pages.deciding import NAME
from tests.pages.filling import words_of
from tests.pages.office import Office
from tests.pages.recorded import member, verified
from tests.pages.test_routes import IDENTITY_OF
from tests.pages.watching import rejected

_QUARANTINE: Final = "/desk/emitters/quarantine"
READERS: Final = [role for role in LABELS if ALLOWED["GET", "/desk/cases/{case}"].of(role)]


def linked(page: str) -> set[int]:
    """The numbers of the steps that are links."""
    return {int(one) for one in re.findall(r'<a href="[^"]+" data-step="(\d)"', page)}


def opened(role: Role, *, has_records: bool) -> set[int]:
    """The steps that the role may open, as the table of the pages says."""
    found: set[int] = set()
    for step in STEPS:
        path = f"/desk/cases/{{case}}/{step.code}" if step.code else "/desk/cases/{case}"
        # The decision shows the records that were found.
        if step.code == "decision" and has_records and role != "officer":
            continue
        if ALLOWED["GET", path].of(role):
            found.add(step.number)
    return found


@pytest.mark.parametrize("role", READERS)
def test_a_step_is_a_link_for_whoever_may_open_it(office: Office, role: Role) -> None:
    work, person = Work(office), office.person(IDENTITY_OF[role])
    for case, has_records in ((work.begun(), False), (work.begun().submitted(), True)):
        page = person.get(f"/desk/cases/{case.id}").text
        assert linked(page) == opened(role, has_records=has_records)
        for step in STEPS:
            assert step.label in words_of(page)
            path = f"/desk/cases/{case.id}/{step.code}".rstrip("/")
            answer = person.get(path)
            assert (answer.status_code == 200) == (step.number in linked(page)), step.code


def test_who_works_at_the_desk_alone_is_told_whom_to_ask(office: Office) -> None:
    rejected(office)
    case = verified(Work(office), member(), name=NAME)
    officer = office.person("officer")
    page = officer.get(f"/desk/cases/{case.id}/records").text
    assert f'<a href="{_QUARANTINE}">' not in page
    assert "「送信元管理」の担当者に" in words_of(page)
    assert officer.get(_QUARANTINE).status_code == 403
