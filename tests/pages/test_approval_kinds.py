"""承認 of whatever goes out: a refusal, measures, to a representative, with another method."""

from tests.canary import NAME
from tests.doors.cases.desk import both, look, paper
from tests.doors.samples import provision
from tests.pages.casework import Work, Worked
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office
from tests.pages.recorded import member, sent
from tests.pages.sending import press, status

REPRESENTED = {
    "requester": "legal_representative",
    "representation": "parent_of_minor",
    "birth_date": "2016-05-05",
    "form": {
        "name": NAME,
        "address": "東京都千代田区永田町2-11-1",
        "representative_name": "雲雀野 親",
        "representative_postal_code": "100-6151",
        "representative_address": "東京都千代田区永田町2-11-2",
    },
}


def approved(office: Office, case: Worked, *documents: str) -> str:
    """What the page says, once everything was opened and approved by it."""
    path = f"/desk/cases/{case.id}/approval"
    approver = office.person("approver")
    shown = approver.get(path)
    assert shown.status_code == 200
    for name in documents:
        assert f"{path}/{name}.pdf" in shown.text
        opened = approver.get(f"{path}/{name}.pdf")
        assert (opened.status_code, opened.content[:4]) == (200, b"%PDF"), opened.text
    form = sheet(approver.get(path).text, path)
    assert press(approver, form) == (303, path)
    assert status(case.work, case) == "notice_ready"
    return words_of(shown.text)


def test_a_reply_to_a_representative_says_to_whom_and_why_there(office: Office) -> None:
    who = member()
    sent(office, provision(principals=[{**who, "name": NAME}]))
    case = Work(office).begun(identifiers=[who], **REPRESENTED)
    register = paper("family_register", "legal_representative")
    papers = [*both(), *both("legal_representative"), register]
    case.do("documents", look(*papers)).do("verification")
    case.do("principal", {"identifiers": [who], "evidence": "会員番号が一致"})
    words = approved(office, case.do("decisions", {}).do("submit"), "reply")
    for told in ("雲雀野 親 様", f"{NAME} 様の法定代理人", "〒100-6151", "法定代理人の住所です"):
        assert told in words
