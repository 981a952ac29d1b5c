"""Cases whose records are found, and the page on which they are decided on."""

import re
from typing import Any

from tests import canary
from tests.doors.samples import provision
from tests.pages.casework import Work, Worked
from tests.pages.filling import Sheet, sheet, words_of
from tests.pages.office import Person
from tests.pages.recorded import ABSENT, Identifier, member, sent, verified

NAME, STRANGER = canary.APPLICANT, canary.STRANGER
REASON = "第三者の権利利益を害するおそれがあるため"


def dated(day: str) -> dict[str, Any]:
    """A provision whose day is among the statutory items: without a basis that holds."""
    return provision(transferred_on=day, consent={"obtained": False})


def path(case: Worked) -> str:
    return f"/desk/cases/{case.id}/decision"


def identified(
    work: Work, *data: dict[str, Any], who: Identifier | None = None, **changes: object
) -> Worked:
    """A case whose records are these, of somebody of this test alone."""
    one = who or member()
    named = [{**one, "name": NAME}]
    if data:
        sent(work.office, *({**item, "principals": named} for item in data))
    case = verified(work, one, name=NAME, **changes)
    return case.do(
        "principal", {"identifiers": [one], "tried": [ABSENT], "evidence": "会員番号が一致"}
    )


def opened(officer: Person, case: Worked) -> tuple[str, Sheet]:
    page = officer.get(path(case))
    assert page.status_code == 200, page.text
    return page.text, sheet(page.text, path(case))


def whole(case: Worked) -> dict[str, Any]:
    key = case.work.key("officer")
    return case.work.office.api("GET", f"/v1/cases/{case.id}", key).json()


def rows(page: str) -> list[str]:
    """The words of each row of the tables."""
    found = re.findall(r"<tr role=\"row\"[^>]*>\s*<td.*?</tr>", page, re.DOTALL)
    return [words_of(one) for one in found]


def bare(page: str, case: Worked, *own: str) -> str:
    """The page without what differs between any two cases."""
    for one in (case.id, case.number, *own):
        page = page.replace(one, "…")
    page = re.sub(r'(name="(?:form_token|command)" value=)"[^"]*"|nonce="[^"]*"', "", page)
    page = re.sub(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "…", page)
    return re.sub(r"#\d+|\d{4}/\d\d/\d\d \d\d:\d\d", "…", page)
