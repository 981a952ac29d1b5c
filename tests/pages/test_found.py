"""Who was found, on the page of a case: the records, the person, and a name that is another one."""

import re

import pytest

from tests.canary import NAME, OTHER_NAME
from tests.doors.cases.desk import look
from tests.doors.corridor import fresh_id
from tests.doors.samples import SOURCE, provision
from tests.pages.casework import Work, Worked
from tests.pages.office import Office

EVIDENCE = "会員番号と生年月日が一致"
MARRIED = "婚姻により改姓(戸籍謄本で確認)"
DOORS = {"provision_records": "principal", "provision_stop": "person"}


def known(office: Office, name: str) -> dict[str, str]:
    """Somebody of whom there is a record that gives this name."""
    who = {"scheme": "member", "id": f"CNRY-{fresh_id()}"}
    item = {
        "source": SOURCE,
        "id": fresh_id(),
        "data": provision(principals=[{**who, "name": name}]),
    }
    key = office.key("events:write", owner="emitter", source=SOURCE)
    answer = office.api("POST", "/v1/transfers", key, {"items": [item]})
    assert answer.status_code == 200, answer.text
    assert answer.json()["results"][0]["status"] == "recorded", answer.text
    return who


def found(office: Office, kind: str, name: str, because: str | None = None) -> Worked:
    case = Work(office).begun(kind=kind, identifiers=[]).do("documents", look()).do("verification")
    who = known(office, name)
    said = [{"identifier": who, "because": because}] if because is not None else []
    body = {"identifiers": [who], "evidence": EVIDENCE, "names_differ": said}
    return case.do(DOORS[kind], body)


@pytest.mark.parametrize("kind", DOORS)
def test_a_name_that_is_another_one_is_shown_with_its_reason(office: Office, kind: str) -> None:
    plain = found(office, kind, NAME)
    married = found(office, kind, OTHER_NAME, MARRIED)
    for case, is_told in ((plain, False), (married, True)):
        answer = office.person("approver").get(f"/desk/cases/{case.id}")
        assert answer.status_code == 200
        assert f"特定の根拠</dt><dd>{EVIDENCE}</dd>" in answer.text
        assert "記録はまだ特定していません" not in answer.text
        told = re.search(r"<dt>氏名が異なる理由：会員ID [^<]+</dt><dd>([^<]+)</dd>", answer.text)
        assert (told[1] if told else None) == (MARRIED if is_told else None)


def test_a_case_on_its_way_to_the_post_shows_the_decision_and_the_letter(office: Office) -> None:
    case = Work(office).begun().dispatched()
    page = office.person("officer").get(f"/desk/cases/{case.id}").text
    assert "決定：<strong>不存在</strong>" in page
    assert "承認日：" in page
    assert "123-45-67890-1" in page
