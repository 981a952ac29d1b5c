"""Histories of a case, for the tests of the page that shows them."""

import re
from typing import Any

from tests.doors.samples import REMOVED, provision
from tests.pages.casework import Work, Worked
from tests.pages.deciding import NAME
from tests.pages.filling import words_of
from tests.pages.office import Office, Person
from tests.pages.recorded import ABSENT, Identifier, member, sent, verified

WHY = "開示の内容を確認するため"


def path(case: Worked) -> str:
    return f"/desk/cases/{case.id}/history"


def whose(
    work: Work, *data: dict[str, Any], who: Identifier | None = None
) -> tuple[Worked, Identifier]:
    """A case in which somebody with these records was identified."""
    one = who or member()
    if data:
        sent(work.office, *({**item, "principals": [{**one, "name": NAME}]} for item in data))
    case = verified(work, one, name=NAME)
    return case.do(
        "principal", {"identifiers": [one], "tried": [ABSENT], "evidence": "会員番号が一致"}
    ), one


def entrusted(**changes: object) -> dict[str, Any]:
    """A transfer that need not be recorded: the voluntary log."""
    base: dict[str, object] = {"basis": "entrustment_27_5_i", "consent": REMOVED}
    return provision(**{**base, **changes})


def shown(officer: Person, case: Worked, **typed: str) -> str:
    answer = officer.post(path(case), {"reason": WHY, **typed})
    assert answer.status_code == 200, words_of(answer.text)
    return answer.text


def section(page: str, code: str) -> str:
    found = re.search(rf'<section aria-labelledby="h-{code}">.*?</section>', page, re.DOTALL)
    return "" if found is None else found[0]


def rows(page: str, code: str) -> list[str]:
    """The words of each record under a heading."""
    found = re.findall(r'<tr role="row">\s*<th scope="row".*?</tr>', section(page, code), re.DOTALL)
    return [words_of(one) for one in found]


def api_history(office: Office, who: Identifier, **more: object) -> dict[str, Any]:
    key = office.key("records:read", owner="officer")
    body = {"identifiers": [who], "case": "API", "reason": WHY, **more}
    answer = office.api("POST", "/v1/histories", key, body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def head(office: Office) -> int:
    return office.rows("SELECT position FROM ledger.head")[0][0]


def looks(office: Office, case: Worked) -> list[dict[str, Any]]:
    key = office.key("audit:read", owner="auditor")
    told = office.api("GET", f"/v1/accesses?case={case.number}", key).json()["accesses"]
    return [one for one in told if one["what"] == "history" and one["reason"] == WHY]
