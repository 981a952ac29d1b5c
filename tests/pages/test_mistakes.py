"""A mistake of the desk on the pages: marked on the list, told with the case, with the way on."""

import re

from api.web.pages.words import EVENTS, MISTAKE_NEXT, MISTAKES, STATES
from ledger.cases.case import CaseStatus
from tests.pages.casework import DOUBLE, Work
from tests.pages.office import Office, Person

MARK = MISTAKES["entry"][0]


def row(person: Person, tab: str, number: str) -> str | None:
    """The text of one line of a list."""
    page = person.get(f"/desk?tab={tab}").text
    found = re.search(rf'<tr role="row" id="row-{number}">(.*?)</tr>', page, re.DOTALL)
    return None if found is None else text(found[1])


def text(page: str) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", page)


def test_a_reported_mistake_is_marked_and_stands_on_a_list_of_its_own(
    work: Work, officer: Person
) -> None:
    stays, double = work.begun(), work.begun()
    assert MARK not in (row(officer, "desk", double.number) or "")
    assert row(officer, "reported", double.number) is None
    double.reported(stays)
    for tab in ("desk", "reported", "all"):
        shown = row(officer, tab, double.number)
        assert shown is not None
        for words in (MARK, STATES[CaseStatus.RECEIVED][0], MISTAKE_NEXT):
            assert words in shown
    assert row(officer, "reported", stays.number) is None


def test_a_case_tells_the_report_to_whom_it_waits_for_and_who_made_it(
    office: Office, work: Work, officer: Person
) -> None:
    stays = work.begun()
    double = work.begun().reported(stays)
    path = f"/desk/cases/{double.id}"
    own, other = officer.get(path).text, office.person("approver").get(path).text
    for page in (own, other):
        for words in (
            MARK,
            MISTAKE_NEXT,
            DOUBLE,
            "二重に登録した",
            EVENTS["case-mistake-reported"],
        ):
            assert words in page
        assert f'href="/desk/cases/{stays.id}"' in page
    assert "申し出たのはあなたです" in own
    assert "申し出たのはあなたです" not in other


def test_who_confirms_sees_what_differs_between_the_two(office: Office, work: Work) -> None:
    who = {"requester": "legal_representative", "representation": "guardian_of_adult"}
    stays = work.begun(medium="electronic", **who)
    double = work.begun(medium="paper", received=False).reported(stays)
    page = text(office.person("approver").get(f"/desk/cases/{double.id}").text)
    assert f"{stays.number} （第三者提供記録の開示・受付）" in page
    for words in ("▲ 希望する開示方法：異なる", "▲ 請求者の区分：異なる"):
        assert words in page
    for words in (
        "回答：手続中又は回答済み",
        "氏名：一致",
        "識別子の範囲：全て含まれる",
        "請求の対象：含まれる",
        "対象期間：含まれる",
        "到達日：同じ",
    ):
        assert words in page
        assert f"▲ {words}" not in page
    assert "請求の種類：異なる" not in page
