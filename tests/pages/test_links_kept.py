"""名寄せ: what is typed stays on the page whatever became of it, and the page says who did what."""

import pytest

from ledger.policies.my_number import check_digit
from tests.pages.casework import Work
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.recorded import linked, member
from tests.pages.sending import press
from tests.pages.test_links import APART, TOGETHER, line, link, opened, path, two, unlink

MY_NUMBER = "12345678901" + str(check_digit("12345678901"))


@pytest.mark.parametrize("reason", ["", f"番号は{MY_NUMBER}"])
def test_a_refused_reason_keeps_the_pair_the_search_and_the_text(
    office: Office, work: Work, officer: Person, reason: str
) -> None:
    case, _, _ = two(work, link=False)
    other, contract = member(), {"scheme": "contract", "id": f"{member()['id']}-K"}
    linked(office, other, contract)
    look = sheet(opened(officer, case), f"{path(case)}/look")
    page = press(officer, look, look_scheme="member", look_id=other["id"])[1]
    form = sheet(page, f"{path(case)}/unlink")
    status, page = press(officer, form, unlink_evidence=reason)
    assert (status, contract["id"] in page) == (422, True)
    assert "<title>入力の確認：" in page
    assert 'href="#unlink_evidence"' in page
    assert '<textarea id="unlink_evidence"' in page
    assert 'id="unlink_evidence-error"' in page
    assert sheet(page, f"{path(case)}/look").text("look_id") == other["id"]
    again = sheet(page, f"{path(case)}/unlink")
    assert again.text("unlink_evidence") == reason
    assert press(officer, again, unlink_evidence=APART)[0] == 303


def test_who_comes_second_reads_who_was_first_and_keeps_what_they_typed(
    office: Office, work: Work, officer: Person
) -> None:
    case, _, _ = two(work)
    form = line(officer, case)
    assert unlink(office.person("colleague"), case)[0] == 303
    status, page = press(officer, form, unlink_evidence="二人目の根拠")
    assert status == 409
    notice = words_of(page).partition("すでに解除されています")[2][:200]
    assert office.called("colleague") in notice
    assert "二人目の根拠" in words_of(page)
    assert "もう一度操作してください" not in page


def test_the_history_of_a_pair_says_who_did_it(office: Office, work: Work, officer: Person) -> None:
    case, _, contract = two(work, link=False)
    assert link(office.person("colleague"), case, contract)[0] == 303
    assert unlink(officer, case)[0] == 303
    page = words_of(opened(officer, case)).replace(" ", "")
    by = office.called("colleague").replace(" ", "")
    assert f"名寄せ（{by}）{TOGETHER}" in page
    assert f"解除（あなた）{APART}" in page


def test_missing_evidence_is_told_with_everything_else(work: Work, officer: Person) -> None:
    case, _, _ = two(work)
    status, page = link(officer, case, {"scheme": "", "id": ""}, evidence="")
    assert (status, 'id="id_b-error"' in page, 'id="evidence-error"' in page) == (422, True, True)


def test_a_pair_that_is_of_nobody_in_the_request_is_shown_once_it_is_linked(
    work: Work, officer: Person
) -> None:
    case, _, _ = two(work, link=False)
    first, second = member(), member()
    typed = {"scheme_a": first["scheme"], "id_a": first["id"]}
    status, address = link(officer, case, second, **typed)
    assert (status, first["id"] in address) == (303, False)
    page = officer.get(address).text
    assert first["id"] in page
    assert second["id"] in page
    assert first["id"] not in opened(officer, case)


def test_the_request_leads_to_its_links(office: Office, work: Work, officer: Person) -> None:
    case, _, _ = two(work)
    way = f'href="{path(case)}"'
    assert way in officer.get(f"/desk/cases/{case.id}").text
    assert way not in office.person("reception").get(f"/desk/cases/{case.id}").text
