"""What is sent to a page of 例外 or 名寄せ when the time is up waits there for who typed it."""

import pytest

from tests.pages.casework import Work
from tests.pages.filling import sheet
from tests.pages.office import Office
from tests.pages.sending import press
from tests.pages.test_correcting import form_at, now, sent, types
from tests.pages.test_links import APART, line, opened, path, two
from tests.pages.watching import recorded

PAGE = "/desk/exceptions"
LAWLESS = {"consent": {"obtained": False}}
TYPED = "電話で確かめた内容をここに書いた"
WAITED = "下書きから再開しています"


@pytest.mark.parametrize("way", ["correction", "basis", "retraction", "person", "settlement"])
def test_what_is_typed_into_a_form_of_a_record_outlives_the_session(
    office: Office, way: str
) -> None:
    transfer, person = recorded(office, **LAWLESS)["transfer"], office.signed_in("officer")
    given, address = form_at(person, transfer, way), f"{PAGE}/{transfer}/{way}"
    office.let_sessions_lapse()
    answer = sent(person, transfer, way, {**given, "reason": TYPED})
    assert answer.status_code == 303
    assert types(now(office, transfer)) == ["provision-recorded"]
    assert TYPED not in office.signed_in("colleague").get(address).text
    person = office.signed_in("officer")
    page = person.get(address).text
    assert WAITED in page
    assert sheet(page, address).text("reason") == TYPED
    assert WAITED not in person.get(address).text


def test_what_is_typed_of_a_person_outlives_a_proof_that_is_too_old(office: Office) -> None:
    transfer, person = recorded(office)["transfer"], office.signed_in("officer")
    typed = {"doing": "add", "scheme": "member", "id": "CNRY-M-NEW", "reason": TYPED}
    given = {**form_at(person, transfer, "person"), **typed}
    office.age_proofs()
    answer = sent(person, transfer, "person", given)
    assert answer.headers["location"].endswith("&proof=1")
    person = office.signed_in("officer")
    again = sheet(person.get(f"{PAGE}/{transfer}/person").text, f"{PAGE}/{transfer}/person").fields
    assert {name: again[name] for name in typed} == {name: [it] for name, it in typed.items()}
    assert sent(person, transfer, "person", dict(again)).status_code == 303


def test_the_reason_to_unlink_outlives_the_session(office: Office, work: Work) -> None:
    person = office.signed_in("officer")
    case, _, _ = two(work)
    form = line(person, case)
    office.let_sessions_lapse()
    status, location = press(person, form, unlink_evidence=APART)
    assert (status, location) == (303, f"/sign-in?page={path(case)}&ended=1")
    person = office.signed_in("officer")
    page = opened(person, case)
    assert WAITED in page
    form = sheet(page, f"{path(case)}/unlink")
    assert form.text("unlink_evidence") == APART
    assert WAITED not in opened(person, case)
    assert press(person, form)[0] == 303


def test_what_is_to_be_linked_outlives_the_session(office: Office, work: Work) -> None:
    person = office.signed_in("officer")
    case, _, contract = two(work, link=False)
    form = sheet(opened(person, case), path(case))
    office.let_sessions_lapse()
    assert press(person, form, id_b=contract["id"], scheme_b="contract", evidence=TYPED)[0] == 303
    form = sheet(opened(office.signed_in("officer"), case), path(case))
    assert (form.text("id_b"), form.text("evidence")) == (contract["id"], TYPED)


def test_why_persons_are_looked_at_outlives_a_proof_that_is_too_old(office: Office) -> None:
    transfer, person = recorded(office)["transfer"], office.signed_in("officer")
    address = f"{PAGE}/{transfer}"
    form = sheet(person.get(address).text, f"{address}/persons")
    office.age_proofs()
    status, location = press(person, form, look_reason="request", look_case="2026-000001")
    assert (status, location) == (303, f"/sign-in?page={address}&proof=1")
    person = office.signed_in("officer")
    page = person.get(address).text
    again = sheet(page, f"{address}/persons")
    assert (again.text("look_reason"), again.text("look_case")) == ("request", "2026-000001")
    assert WAITED in page
    assert "氏名は一部を伏せています" not in page, "nobody is shown yet"
    assert WAITED not in person.get(address).text
