"""Who was found, on the page of a case: the records, the person, and a name that is another one."""

import re

import pytest

from tests.canary import NAME
from tests.doors.cases.desk import AGREEING, POST_NUMBER, look, today
from tests.doors.corridor import fresh_id
from tests.doors.samples import SOURCE, provision
from tests.pages.casework import Work, Worked
from tests.pages.office import Office, Person
from tests.pages.recorded import member, verified
from tests.replying.desk import text_of

EVIDENCE = "会員番号と生年月日が一致"
WARNING = "番号等に誤りがないか、承認の前に申請書と一字ずつ照合してください。"
DOORS = {"provision_records": "principal", "provision_stop": "person"}


def known(office: Office, name: str | None) -> dict[str, str]:
    """Somebody of whom there is a record that gives this name, or none."""
    who = {"scheme": "member", "id": f"CNRY-{fresh_id()}"}
    principal = who if name is None else {**who, "name": name}
    item = {
        "source": SOURCE,
        "id": fresh_id(),
        "data": provision(principals=[principal]),
    }
    key = office.key("events:write", owner="emitter", source=SOURCE)
    answer = office.api("POST", "/v1/transfers", key, {"items": [item]})
    assert answer.status_code == 200, answer.text
    assert answer.json()["results"][0]["status"] == "recorded", answer.text
    return who


def found(office: Office, kind: str, name: str | None, because: str | None = None) -> Worked:
    case = Work(office).begun(kind=kind, identifiers=[]).do("documents", look()).do("verification")
    who = known(office, name)
    said = [{"identifier": who, "because": because}] if because is not None else []
    body = {"identifiers": [who], "evidence": EVIDENCE, "names_differ": said}
    return case.do(DOORS[kind], body)


@pytest.mark.parametrize("kind", DOORS)
def test_an_identifier_under_which_no_record_stands_is_shown_until_the_letter_left(
    office: Office, kind: str
) -> None:
    who = {"scheme": "phone", "id": "03-0000-0098"}
    tried = {"scheme": "member", "id": f"CNRY-{fresh_id()}"}
    case = Work(office).begun(kind=kind, identifiers=[]).do("documents", look()).do("verification")
    reason = "同居の家族の番号"
    body = {"identifiers": [who], "tried": [tried], "evidence": EVIDENCE, "not_the_person": reason}
    case.do(DOORS[kind], body)
    if kind == "provision_records":
        case.do("decisions", {})
    else:
        case.do("measures", {"outcome": "not_taken", "reason": "事実が確認できないためです。"})
    page = office.person("approver").get(f"/desk/cases/{case.do('submit').id}").text
    assert WARNING in page
    assert f"<dt>氏名の照合：電話番号 {who['id']}</dt><dd>記録がないため照合していない</dd>" in page
    assert f"<dt>記録のある識別子を本人のものとしない理由</dt><dd>{reason}</dd>" in page
    assert "氏名を照合していない識別子" not in page
    posted = {"dispatched_on": today(), "item_number": POST_NUMBER}
    case.do("approve", by="approver").do("dispatch", posted)
    assert WARNING not in office.person("approver").get(f"/desk/cases/{case.id}").text


FORM = {"name": NAME, "address": "東京都港区芝1-2-3 THE TOWER 芝 1001"}
SPELLED = "東京都港区芝1丁目2番3号 ザ・タワー芝1001"
WHY = "建物名の英語表記(登録原本で確認)"
OWED = "▲ 未記入（表記が一致しないため、同じ住所とした理由が必要です）"


def facts(page: str) -> list[tuple[str, str]]:
    """The rows about what was judged of the addresses, as the page shows them."""
    return re.findall(
        r"<dt>(判断の理由：[^<]+|担当者の判断：[^<]+)</dt><dd[^>]*>([^<]+)</dd>", page
    )


def test_why_two_spellings_are_one_address_is_shown_to_who_approves(office: Office) -> None:
    case = Work(office).begun(form=FORM)
    person = office.person("approver")
    assert facts(person.get(f"/desk/cases/{case.id}").text) == []
    one, papers = "申請書と登録住所", "本人確認書類と申請書"
    judged = {**AGREEING, "registered": SPELLED}
    case.do("documents", look(addresses=judged))
    page = person.get(f"/desk/cases/{case.id}").text
    assert f"{one}：不一致" in page
    same = [(f"担当者の判断：{one}", "同じ住所"), (f"担当者の判断：{papers}", "同じ住所")]
    assert facts(page) == [same[0], (f"判断の理由：{one}", OWED), same[1]]
    case.do("documents", look(addresses={**judged, "form_is_registered_because": WHY}))
    page = person.get(f"/desk/cases/{case.id}").text
    assert facts(page) == [same[0], (f"判断の理由：{one}", WHY), same[1]]


LOOKS = "SELECT count(*) FROM ledger.events WHERE topic = 'document-viewed'"


def test_the_page_of_a_case_prints_that_it_arrived_and_that_the_search_is_long(
    office: Office, work: Work, officer: Person
) -> None:
    case = verified(work, member(), name="渡邉 愛")
    page = officer.get(f"/desk/cases/{case.id}").text
    before = office.rows(LOOKS)[0][0]
    for kind, told in (
        ("receipt", "に受け付けました"),
        ("interim", "中間のお知らせ"),
    ):
        assert f"/desk/cases/{case.id}/letters/{kind}.pdf" in page
        letter = officer.get(f"/desk/cases/{case.id}/letters/{kind}.pdf")
        assert letter.headers["content-type"] == "application/pdf"
        assert told in text_of(letter.content)
    assert office.rows(LOOKS)[0][0] == before + 2
