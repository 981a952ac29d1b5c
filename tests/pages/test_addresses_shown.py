"""What was judged of addresses that are written as two, on the page of a case."""

import re

from tests.canary import NAME
from tests.doors.cases.desk import AGREEING, look
from tests.pages.casework import Work
from tests.pages.office import Office

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


def test_that_two_addresses_differ_is_shown_as_the_officers_word(office: Office) -> None:
    judged = {"has_registered": True, "form_is_registered": False}
    case = Work(office).begun(form=FORM).do("documents", look(addresses=judged))
    page = office.person("approver").get(f"/desk/cases/{case.id}").text
    assert facts(page) == [("担当者の判断：申請書と登録住所", "異なる住所")]
