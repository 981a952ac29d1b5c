"""The password of a medium in the post: booked with the dispatch, told at the end, never beside."""

import io

import pytest
from pypdf import PdfReader

from tests.doors.cases.desk import POST_NUMBER, today
from tests.pages.casework import Work, Worked
from tests.pages.filling import Sheet, sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.sending import corrected, decided, press, whole
from tests.pages.test_evidence import taken

APART = "123-45-67891-2"


@pytest.fixture
def ready(office: Office, work: Work) -> Worked:
    """A reply on a medium that may go out."""
    case, _ = decided(office, work, medium="electronic")
    return case.do("approve", by="approver")


def path(case: Worked) -> str:
    return f"/desk/cases/{case.id}/post"


def form_of(person: Person, case: Worked) -> Sheet:
    return sheet(person.get(path(case)).text, path(case))


def test_the_item_of_the_password_is_booked_shown_and_in_the_evidence(
    work: Work, officer: Person, ready: Worked
) -> None:
    form = form_of(officer, ready)
    typed = {"item_number": POST_NUMBER, "password_number": "A12345678912A"}
    assert press(officer, form, **typed) == (303, f"/desk/cases/{ready.id}/keeping")
    booked = {"dispatched_on": today(), "item_number": "12345678912"}
    [reply] = whole(work, ready)["replies"]
    assert reply["password_letter"] == booked
    for step in ("keeping", "post"):
        words = words_of(officer.get(f"/desk/cases/{ready.id}/{step}").text)
        assert "パスワードのお知らせ" in words
        assert "12345678912" in words, step
    evidence = taken(officer, ready)
    [sent] = [one for one in evidence.lines("events.jsonl") if one["type"] == "case-dispatched"]
    assert sent["record"]["password_letter"] == booked
    assert b'"password_letter":{' in evidence.files["case.json"]


def dispatched(office: Office, case: Worked, body: object) -> tuple[int, dict[str, str]]:
    """At the door of the API; pointer → code of what it refuses."""
    key = case.work.key("officer")
    sent = {"If-Match": case.etag}
    answer = office.api("POST", f"/v1/cases/{case.id}/dispatch", key, body, **sent)
    errors = answer.json().get("errors", [])
    return answer.status_code, {one["pointer"]: one["code"] for one in errors}


def test_the_address_sheet_names_the_medium_and_not_the_password(
    office: Office, officer: Person, ready: Worked
) -> None:
    def text(case: Worked) -> str:
        answer = officer.get(f"{path(case)}/address.pdf")
        return PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()

    assert f"媒体（reply-{ready.number}.zip） 1点" in text(ready)
    on_paper, _ = decided(office, ready.work)
    assert "媒体" not in text(on_paper.do("approve", by="approver"))
    assert "媒体1点" in words_of(officer.get(path(ready)).text)


def test_no_evidence_tells_that_records_changed_before_the_post(
    office: Office, work: Work, officer: Person
) -> None:
    """Without a flag it would tell of an exclusion (ADR 0039)."""
    case, record = decided(office, work)
    case.do("approve", by="approver")
    corrected(office, record)
    changed = form_of(officer, case)
    assert press(officer, changed, item_number=POST_NUMBER, already_posted="yes")[0] == 303
    evidence = taken(officer, case)
    assert not [name for name, one in evidence.files.items() if b"changed_since" in one]
