"""発送 over HTTP: what was approved goes into the post as it was approved, its password apart."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from tests.canary import NAME
from tests.doors.cases.desk import POST_NUMBER, today
from tests.pages.casework import Work, Worked
from tests.pages.filling import Sheet, sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.sending import corrected, decided, press, status, whole
from tests.pages.test_evidence import taken

LOOKS = "SELECT count(*) FROM ledger.events WHERE topic = 'document-viewed'"


@pytest.fixture
def ready(work: Work) -> Worked:
    return work.begun().submitted().do("approve", by="approver")


def path_of(case: Worked) -> str:
    return f"/desk/cases/{case.id}/post"


def form_of(person: Person, case: Worked) -> Sheet:
    return sheet(person.get(path_of(case)).text, path_of(case))


def test_what_was_approved_is_printed_and_posted(
    work: Work, officer: Person, ready: Worked
) -> None:
    page = officer.get(path_of(ready)).text
    words = words_of(page)
    for told in (f"{NAME} 様", "簡易書留郵便(転送不要)", "A4用紙"):
        assert told in words
    before = work.office.rows(LOOKS)[0][0]
    for name, kind in (("reply.pdf", b"%PDF"), ("address.pdf", b"%PDF")):
        assert f"{path_of(ready)}/{name}" in page
        printed = officer.get(f"{path_of(ready)}/{name}")
        assert printed.content.startswith(kind)
        assert printed.headers["content-disposition"].startswith("inline;")
        assert NAME not in printed.headers["content-disposition"]
    assert work.office.rows(LOOKS)[0][0] == before + 2
    form = form_of(officer, ready)
    assert "already_posted" not in {name for name, _ in form.boxes}
    answer = press(officer, form, item_number=POST_NUMBER)
    assert answer == (303, f"/desk/cases/{ready.id}/keeping")
    [reply] = whole(work, ready)["replies"]
    assert (reply["dispatched_on"], reply["item_number"]) == (today(), POST_NUMBER)
    assert status(work, ready) == "dispatched"


def test_nothing_is_printed_or_posted_before_the_approval(work: Work, officer: Person) -> None:
    case = work.begun().submitted()
    page = officer.get(path_of(case)).text
    assert "発送できる書面はありません" in page
    assert f'action="{path_of(case)}"' not in page
    assert officer.get(f"{path_of(case)}/reply.pdf").status_code == 409
    back = sheet(
        officer.get(f"/desk/cases/{case.id}/approval").text,
        f"/desk/cases/{case.id}/approval/return",
    )
    fields = {**back.fields, "item_number": POST_NUMBER, "dispatched_on_era": "ad"}
    year, month, day = today().split("-")
    fields |= {"dispatched_on_year": year, "dispatched_on_month": month, "dispatched_on_day": day}
    answer = officer.post(path_of(case), fields, token=back.text("form_token"))
    assert answer.status_code == 409
    assert status(work, case) == "submitted"


def test_a_reply_whose_records_changed_goes_out_only_if_it_was_in_the_post(
    office: Office, work: Work, officer: Person
) -> None:
    case, record = decided(office, work)
    case.do("approve", by="approver")
    form = form_of(officer, case)
    corrected(office, record)
    code, page = press(officer, form, item_number=POST_NUMBER)
    assert (code, "承認した内容が変わりました" in page) == (409, True)
    assert officer.get(f"{path_of(case)}/reply.pdf").status_code == 409
    assert status(work, case) == "notice_ready"
    changed = form_of(officer, case)
    assert ("already_posted", "yes") in changed.boxes
    assert press(officer, changed, item_number=POST_NUMBER)[0] == 409
    answer = press(officer, form_of(officer, case), item_number=POST_NUMBER, already_posted="yes")
    assert answer[0] == 303
    told = whole(work, case)
    assert (told["status"], told["replies"][0]["item_number"]) == ("dispatched", POST_NUMBER)


APART = "123-45-67891-2"


@pytest.fixture
def password_ready(office: Office, work: Work) -> Worked:
    """A reply on a medium that may go out."""
    case, _ = decided(office, work, medium="electronic")
    return case.do("approve", by="approver")


def path(case: Worked) -> str:
    return f"/desk/cases/{case.id}/post"


def password_form_of(person: Person, case: Worked) -> Sheet:
    return sheet(person.get(path(case)).text, path(case))


def test_the_item_of_the_password_is_booked_shown_and_in_the_evidence(
    work: Work, officer: Person, password_ready: Worked
) -> None:
    form = password_form_of(officer, password_ready)
    typed = {"item_number": POST_NUMBER, "password_number": "A12345678912A"}
    assert press(officer, form, **typed) == (303, f"/desk/cases/{password_ready.id}/keeping")
    booked = {"dispatched_on": today(), "item_number": "12345678912"}
    [reply] = whole(work, password_ready)["replies"]
    assert reply["password_letter"] == booked
    for step in ("keeping", "post"):
        words = words_of(officer.get(f"/desk/cases/{password_ready.id}/{step}").text)
        assert "パスワードのお知らせ" in words
        assert "12345678912" in words, step
    evidence = taken(officer, password_ready)
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
    office: Office, officer: Person, password_ready: Worked
) -> None:
    def text(case: Worked) -> str:
        answer = officer.get(f"{path(case)}/address.pdf")
        return PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()

    assert f"媒体（reply-{password_ready.number}.zip） 1点" in text(password_ready)
    on_paper, _ = decided(office, password_ready.work)
    assert "媒体" not in text(on_paper.do("approve", by="approver"))
    assert "媒体1点" in words_of(officer.get(path(password_ready)).text)


def test_no_evidence_tells_that_records_changed_before_the_post(
    office: Office, work: Work, officer: Person
) -> None:
    """Without a flag it would tell of an exclusion (ADR 0039)."""
    case, record = decided(office, work)
    case.do("approve", by="approver")
    corrected(office, record)
    changed = password_form_of(officer, case)
    assert press(officer, changed, item_number=POST_NUMBER, already_posted="yes")[0] == 303
    evidence = taken(officer, case)
    assert not [name for name, one in evidence.files.items() if b"changed_since" in one]


def apart() -> dict[str, str]:
    return {"dispatched_on": today(), "item_number": APART}


def posted(office: Office, work: Work, medium: str = "electronic") -> Worked:
    case, _ = decided(office, work, medium=medium)
    case.do("approve", by="approver")
    return case.do("dispatch", {"dispatched_on": today(), "item_number": POST_NUMBER})


def later_path(case: Worked) -> str:
    return f"/desk/cases/{case.id}/keeping"


def later_form_of(person: Person, case: Worked) -> Sheet:
    return sheet(person.get(later_path(case)).text, f"{later_path(case)}/password-letter")


def asked(
    office: Office, case: Worked, body: dict[str, Any] | None = None
) -> tuple[int, str, set[str]]:
    """At the door of the API: status, code, what is wrong with the body."""
    sent = {"If-Match": case.etag}
    key = case.work.key("officer")
    answer = office.api(
        "POST", f"/v1/cases/{case.id}/password-letter", key, body or apart(), **sent
    )
    told = answer.json()
    errors = {f"{one['pointer']} {one['code']}" for one in told.get("errors", [])}
    return answer.status_code, told.get("code", ""), errors


@pytest.mark.parametrize(
    "end",
    [
        None,
    ],
)
def test_it_is_put_down_later_on_the_page_and_stands_where_it_would_have_stood(
    office: Office, work: Work, officer: Person, end: str | None
) -> None:
    case = posted(office, work)
    if end is not None:
        case.do(end, {"delivered_on": today()})
    before = whole(work, case)["status"]
    form = later_form_of(officer, case)
    assert press(officer, form, password_number="A12345678912A") == (303, later_path(case))
    booked = {"dispatched_on": today(), "item_number": "12345678912"}
    told = whole(work, case)
    assert (told["status"], told["replies"][0]["password_letter"]) == (before, booked)
    page = officer.get(later_path(case)).text
    assert "パスワードのお知らせ：12345678912" in words_of(page).replace(" ", "")
    assert "パスワードのお知らせの発送" in words_of(page), "it stands in what happened"
    assert f"{later_path(case)}/password-letter" not in page
    evidence = taken(officer, case)
    [sent] = [
        one for one in evidence.lines("events.jsonl") if one["type"] == "case-password-posted"
    ]
    assert sent["record"] == booked
