"""The page on which a person is found, and the cases that look for somebody."""

from tests import canary
from tests.pages.casework import Worked
from tests.pages.filling import Sheet, sheet
from tests.pages.office import Person
from tests.pages.recorded import Identifier

NAME, OTHER = canary.APPLICANT, canary.STRANGER


def path(case: Worked) -> str:
    return f"/desk/cases/{case.id}/records"


def opened(officer: Person, case: Worked) -> tuple[str, Sheet]:
    page = officer.get(path(case))
    assert page.status_code == 200, page.text
    return page.text, sheet(page.text, path(case))


def named(who: Identifier, name: str = NAME) -> list[dict[str, str]]:
    return [{**who, "name": name}]
