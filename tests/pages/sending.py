"""Cases on their way out for the pages to show, and what is asked of them."""

from collections.abc import Mapping
from typing import Any

from tests.canary import NAME
from tests.doors.samples import provision
from tests.pages.casework import Work, Worked
from tests.pages.filling import Sheet
from tests.pages.office import Office, Person
from tests.pages.recorded import member, sent, verified


def press(person: Person, form: Sheet, **typed: object) -> tuple[int, str]:
    """Send the form as it stands, whether its button may be pressed or not."""
    fields = {**form.fields, **{name: [str(one)] for name, one in typed.items()}}
    answer = person.post(form.action, fields, token=form.text("form_token"))
    return answer.status_code, answer.headers.get("location") or answer.text


def whole(work: Work, case: Worked) -> Mapping[str, Any]:
    """The case as the door of the API tells it now."""
    return work.office.api("GET", f"/v1/cases/{case.id}", work.key("officer")).json()


def status(work: Work, case: Worked) -> str:
    return whole(work, case)["status"]


def decided(office: Office, work: Work, **decision: Any) -> tuple[Worked, str]:  # noqa: ANN401 -- a body of the API
    """A case with one record, submitted; `decision` may withhold it. Also the record's id."""
    who = member()
    [record] = sent(office, provision(principals=[{**who, "name": NAME}]))
    case = verified(work, who, name=NAME)
    case.do("principal", {"identifiers": [who], "evidence": "会員番号が一致"})
    for held in decision.get("withheld", ()):
        held["record"] = record
    return case.do("decisions", decision).do("submit"), record


def corrected(office: Office, record: str) -> None:
    key = office.key("records:write", owner="colleague")
    body = {"changes": {"items": ["氏名"]}, "reason": "項目の誤り"}
    answer = office.api("POST", f"/v1/transfers/{record}/corrections", key, body)
    assert answer.status_code == 200, answer.text
