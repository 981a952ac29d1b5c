"""Whoever prepared a letter waits on its page; who approves begins with what waits."""

import re

import pytest

from tests.pages.casework import Work, Worked
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.sending import press, status

PART = {"hx-request": "true"}
LOOKS = "SELECT count(*) FROM ledger.events WHERE topic = 'document-viewed'"


def asked(person: Person, case: Worked) -> tuple[int, str | None]:
    """What the page of who prepared it asks for by itself: (status, where it is led to)."""
    page = person.get(f"/desk/cases/{case.id}/approval").text
    [address] = re.findall(r'id="waiting" hx-get="([^"]+)"', page)
    return answered(person, address)


def answered(person: Person, address: str) -> tuple[int, str | None]:
    answer = person.get(address, headers=PART)
    assert answer.text == ""
    return answer.status_code, answer.headers.get("hx-redirect")


@pytest.mark.parametrize(
    "door",
    [
        "approve",
    ],
)
def test_the_page_leads_on_once_somebody_else_has_decided(
    work: Work, officer: Person, door: str
) -> None:
    case = work.begun().submitted()
    page = officer.get(f"/desk/cases/{case.id}/approval").text
    [address] = re.findall(r'id="waiting" hx-get="([^"]+)"', page)
    began = work.office.rows(LOOKS)
    assert answered(officer, address) == (204, None)
    assert work.office.rows(LOOKS) == began
    case.do(door, {"reason": "宛名の誤り"} if door == "return" else None, by="approver")
    # Whoever approves has looked at what goes out.
    before = work.office.rows(LOOKS)
    assert answered(officer, address) == (204, f"/desk/cases/{case.id}/next")
    assert work.office.rows(LOOKS) == before, "it shows nothing, so it is no look"


def test_nobody_else_s_page_asks(work: Work, office: Office, officer: Person) -> None:
    case = work.begun().submitted()
    assert asked(officer, case) == (204, None)
    approver = office.person("approver")
    path = f"/desk/cases/{case.id}/approval"
    assert 'id="waiting"' not in approver.get(path).text
    assert approver.get(f"{path}/waiting").status_code == 403


def test_whoever_prepared_it_takes_it_back_and_somebody_else_sends_it_back(
    work: Work, office: Office, officer: Person
) -> None:
    case = work.begun().submitted()
    path = f"/desk/cases/{case.id}/approval"
    own, theirs = (words_of(one.get(path).text) for one in (officer, office.person("approver")))
    assert "引戻し 引戻しの理由※必須" in own
    assert "作成した担当者に伝わります" not in own
    assert "差戻す" not in own
    assert "差戻し 差戻しの理由※必須 作成した担当者に伝わります" in theirs
    assert "引き戻す" not in theirs
    form = sheet(officer.get(path).text, f"{path}/return")
    code, page = press(officer, form, reason="")
    assert (code, "引戻しの理由：" in words_of(page)) == (422, True)
    assert press(officer, form, reason="添付の誤り") == (303, path)
    assert status(work, case) == "sent_back"
