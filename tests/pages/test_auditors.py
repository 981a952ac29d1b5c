"""Auditors at the pages: the desk's lists are the desk's, here as at the doors of the API."""

import pytest

from tests.pages.casework import Work, Worked
from tests.pages.office import Office

NAMED = "覗見 太郎"
HELD = {"scheme": "phone", "id": "+819000000117"}


@pytest.fixture(scope="module")
def case(office: Office) -> Worked:
    address = {"postal_code": "100-6150", "address": "東京都千代田区永田町２－１１－１"}
    return Work(office).begun(form={"name": NAMED, **address}, identifiers=[HELD])


@pytest.mark.parametrize("typed", [NAMED, HELD["id"], "nobody", ""])
def test_who_audits_finds_nobody_by_name_or_number(
    office: Office, case: Worked, typed: str
) -> None:
    answer = office.person("auditor").post("/desk/search", {"q": typed})
    assert answer.status_code == 403
    assert case.number not in answer.text
    assert "該当する" not in answer.text


def test_who_audits_sees_no_list_neither_here_nor_at_the_api(office: Office, case: Worked) -> None:
    key = office.key("audit:read", owner="auditor")
    wanted = {"identifiers": [HELD]}
    assert office.api("GET", "/v1/cases", key).status_code == 403
    assert office.api("POST", "/v1/cases/search", key, wanted).status_code == 403
    for path in ("/desk", "/desk?tab=all"):
        answer = office.person("auditor").get(path)
        assert answer.status_code == 303
        assert not answer.headers["location"].startswith("/desk?")
        assert case.number not in answer.text
        assert "覗" not in answer.text


@pytest.mark.parametrize("who", ["auditor", "quarantine", "operator"])
def test_who_reads_no_cases_is_led_home_and_nowhere_else(office: Office, who: str) -> None:
    person = office.person(who)
    led = person.get("/desk")
    assert led.status_code == 303
    assert led.headers["location"] != "/desk"
    assert person.get(led.headers["location"]).status_code == 200
    told = person.get("/desk/new")
    assert told.status_code == 403
    assert "受付一覧" not in told.text
    assert f'class="button secondary" href="{led.headers["location"]}"' in told.text
    assert "サインアウト" in told.text


def test_who_has_pages_is_sent_back_to_the_list(office: Office) -> None:
    told = office.person("approver").get("/desk/new")
    assert told.status_code == 403
    assert "受付一覧へ" in told.text
    assert "お持ちの役割で使える画面はありません" not in told.text


@pytest.mark.parametrize("who", ["reception", "officer", "approver", "chief"])
def test_who_works_on_cases_finds_them(office: Office, case: Worked, who: str) -> None:
    answer = office.person(who).post("/desk/search", {"q": NAMED})
    assert answer.status_code == 200
    assert case.number in answer.text
    assert NAMED not in answer.text.replace(f'value="{NAMED}"', "")
