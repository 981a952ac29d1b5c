"""A request to stop or to erase on the pages: what is done about it, from when, and why not."""

import pytest

from ledger.cases.case import CaseStatus
from tests.canary import APPLICANT as NAME
from tests.doors.cases.desk import today
from tests.doors.samples import provision
from tests.pages.casework import Work, Worked
from tests.pages.deciding import opened, path, whole
from tests.pages.filling import words_of
from tests.pages.office import Office, Person
from tests.pages.recorded import member, sent, verified


@pytest.fixture
def case(office: Office) -> Worked:
    """A request to stop, of which the person is known."""
    who = member()
    sent(office, provision(principals=[{**who, "name": NAME}]))
    found = {"identifiers": [who], "evidence": "会員番号が一致"}
    return verified(Work(office), who, name=NAME, kind="provision_stop").do("person", found)


def test_a_stop_of_today_is_decided_and_submitted(officer: Person, case: Worked) -> None:
    page, form = opened(officer, case)
    assert "提供した記録（" not in words_of(page), "no record is part of the answer"
    done = form.sent(officer, "submit", outcome="taken", measure_1="provision_stopped")
    assert done == (303, f"/desk/cases/{case.id}/next")
    told = whole(case)
    assert told["status"] == CaseStatus.SUBMITTED
    stopped = {"measure": "provision_stopped", "from_day": today()}
    assert told["decision"]["measures"] == [stopped]
    shown = words_of(officer.get(path(case)).text)
    assert "措置の実施" in shown
    assert "第三者への提供の停止" in shown
