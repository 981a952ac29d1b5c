"""自分の作業 and 担当: what waits for the visitor, and whose work a case is."""

import re
from typing import Final

import pytest

from tests.doors.cases.desk import look, today
from tests.doors.samples import provision
from tests.pages.casework import Work, Worked
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.recorded import ABSENT, member, position_of, sent

OWN: Final = "/desk?tab=own"


def rows(page: str) -> dict[str, str]:
    """Number of a case → its row."""
    return dict(re.findall(r'<tr role="row" id="row-([^"]+)">(.*?)</tr>', page, re.DOTALL))


def own(person: Person) -> set[str]:
    """The numbers on a person's own list."""
    return set(rows(person.get(OWN).text))


def charge(person: Person, case: Worked, tab: str = "all") -> str:
    """What the column 担当 tells of a case."""
    row = rows(person.get(f"/desk?tab={tab}").text)[case.number]
    [cell] = re.findall(r'data-label="担当">(.*?)</td>', row)
    return words_of(cell).strip()


@pytest.fixture
def colleague(office: Office) -> Person:
    return office.person("colleague")


def test_whoever_takes_the_next_step_has_taken_the_case_over(
    work: Work, officer: Person, colleague: Person
) -> None:
    case = work.begun()
    assert charge(officer, case) == "あなた"
    assert case.number in own(officer)
    assert case.number not in own(colleague)
    assert charge(colleague, case) == work.office.called("officer")
    case.do("documents", look(), by="colleague")
    assert charge(officer, case) == work.office.called("colleague")
    assert charge(colleague, case) == "あなた"
    assert case.number in own(colleague)
    assert case.number not in own(officer)


def test_the_list_follows_a_case_from_the_desk_to_the_post(
    work: Work, office: Office, officer: Person
) -> None:
    approver = office.person("approver")

    def waits_for() -> list[str]:
        told = {"officer": own(officer), "approver": own(approver)}
        return [who for who, numbers in told.items() if case.number in numbers]

    case = work.begun().submitted()
    assert waits_for() == ["approver"]
    case.do("return", {"reason": "宛名の誤り"}, by="approver")
    assert waits_for() == ["officer"], "who prepared it mends it"
    case.do("submit")
    assert waits_for() == ["approver"]
    case.do("approve", by="approver")
    assert waits_for() == ["officer"], "what was approved is to be posted"
    posted = {"dispatched_on": today(), "item_number": "123-45-67890-1"}
    case.do("dispatch", posted)
    assert waits_for() == [], "it is on its way"
    case.do("returned-mail", {"returned_on": today(), "reason": "not_collected"})
    assert waits_for() == ["officer"]
    assert charge(approver, case) == work.office.called("officer")


def test_nobody_is_asked_to_approve_what_they_prepared(work: Work, office: Office) -> None:
    key = office.key("cases:write", owner="approver")
    case = work.begun()
    answer = office.api(
        "POST", f"/v1/cases/{case.id}/documents", key, look(), **{"If-Match": case.etag}
    )
    assert answer.status_code == 200, answer.text
    case.etag = answer.headers["etag"]
    told = office.api("GET", f"/v1/cases/{case.id}", work.key("officer")).json()
    who = told["application"]["identifiers"]
    found = {"identifiers": who, "tried": [ABSENT], "evidence": "会員番号が一致"}
    case.do("verification").do("principal", found).do("decisions", {}).do("submit")
    assert case.last["status"] == "submitted"
    approver = office.person("approver")
    assert case.number in rows(approver.get("/desk?tab=approval").text)
    assert case.number not in own(approver)


def test_a_word_of_a_mistake_waits_for_a_second_person(
    work: Work, office: Office, officer: Person
) -> None:
    stays, double = work.begun(), work.begun()
    double.reported(stays)
    assert double.number not in own(officer), "nothing else can be done meanwhile"
    assert double.number in own(office.person("approver"))
    double.do("mistake-dismissal", {"reason": "別の請求だった"}, by="approver")
    assert double.number in own(officer)
    assert double.number not in own(office.person("approver"))


def test_who_excludes_a_record_of_a_case_is_not_in_charge_of_it(
    work: Work, office: Office, officer: Person
) -> None:
    """Order 11: neither the column nor a list changes by it, for anybody."""
    who = member()
    [transfer] = sent(office, provision(principals=[who]))
    case = work.begun(identifiers=[who]).do("documents", look()).do("verification")
    chief = office.person("chief")
    by = office.called("officer")
    people = {"officer": officer, "approver": office.person("approver"), "chief": chief}

    def seen() -> dict[str, str]:
        return {
            name: rows(one.get("/desk?tab=all").text)[case.number] for name, one in people.items()
        }

    def bare(told: dict[str, str]) -> dict[str, str]:
        return {name: re.sub(r'(nonce|value)="[^"]*"', "", row) for name, row in told.items()}

    before = bare(seen())
    path = "/desk/exclusions"
    fields = {**sheet(chief.get(path).text, path).fields}
    token = fields.pop("form_token")[0]
    why = {"ground": "i", "reason": "危害のおそれ", "positions": str(position_of(office, transfer))}
    assert chief.post(path, {**fields, **why}, token=token).status_code == 303
    assert bare(seen()) == before
    assert charge(chief, case) == by
    assert case.number in own(officer)
    assert case.number not in own(chief)
