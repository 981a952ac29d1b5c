"""What 本人の履歴 never tells: others, what is excluded, records to who may not; no text runs."""

import re

import pytest

from api.resources.histories import pages as view
from api.web.latency_padding import EvenRoute
from tests.doors.samples import RECIPIENT, provision
from tests.pages.casework import Work, Worked
from tests.pages.deciding import NAME, STRANGER, bare
from tests.pages.filling import words_of
from tests.pages.histories import WHY, looks, path, rows, shown, whose
from tests.pages.office import Office, Person
from tests.pages.recorded import member, sent

HOSTILE = '<script>alert("x")</script>{{7*7}}'


def test_nobody_elses_line_and_no_hostile_text_stands_on_the_page(
    office: Office, work: Work, officer: Person
) -> None:
    who, other = member(), member()
    party = {**RECIPIENT, "name": HOSTILE}
    persons = [{**who, "name": NAME}, {**other, "name": STRANGER}]
    sent(office, provision(principals=persons, counterparty=party, items=[HOSTILE, "住所"]))
    case, _ = whose(work, who=who)
    page = shown(officer, case)
    assert STRANGER not in page
    assert other["id"] not in page
    assert HOSTILE not in page
    assert HOSTILE in words_of(page)
    assert HOSTILE not in officer.post(path(case), {"reason": HOSTILE, "go": HOSTILE}).text


def test_an_excluded_record_is_in_no_row_no_count_and_no_picture(
    office: Office, work: Work, officer: Person
) -> None:
    pages: list[str] = []
    for is_hidden in (False, True):
        who = member()
        named = [{**who, "name": NAME}]
        for n in (1, 2):
            sent(office, provision(transferred_on=f"2026-02-0{n}", principals=named))
        if is_hidden:
            party = {**RECIPIENT, "party_id": "hidden", "name": "隠された相手"}
            hidden = provision(transferred_on="2026-04-01", principals=named, counterparty=party)
            sent(office, hidden, {**hidden, "items": ["隠された項目"]}, order_11="ii")
        case, _ = whose(work, who=who)
        pages.append(masked(shown(officer, case), case, who["id"]))
    assert len(rows(pages[0], "provision")) == 2
    assert pages[0] == pages[1]


def masked(page: str, case: Worked, *own: str) -> str:
    """The page without what differs between any two cases: positions and instants too."""
    page = bare(page, case, *own)
    return re.sub(r'(?:max|value)="(?:position:)?\d+"|1～\d+|position:\d+', "…", page)


@pytest.mark.parametrize("who", ["reception", "approver", "chief", "auditor", "operator"])
def test_who_may_not_read_records_sees_none(office: Office, work: Work, who: str) -> None:
    case, _ = whose(work, provision())
    person = office.person(who)
    for answer in (person.get(path(case)), person.post(path(case), {"reason": WHY})):
        assert answer.status_code == 403
        assert RECIPIENT["name"] not in answer.text
    assert looks(office, case) == []


def test_every_answer_about_records_leaves_on_the_grid() -> None:
    assert len(view.router.routes) == 2
    assert all(isinstance(one, EvenRoute) for one in view.router.routes)
