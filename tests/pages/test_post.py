"""発送 over HTTP: what was approved is printed, and goes into the post as it was approved."""

import pytest

from api.resources.cases.forms.post import read, scanned
from api.web.pages.forms import Form
from tests.canary import NAME
from tests.doors.cases.desk import POST_NUMBER, today
from tests.pages.casework import Work, Worked
from tests.pages.filling import Sheet, sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.sending import corrected, decided, press, status, whole

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


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("123-45-67890-1", "123-45-67890-1"),
        ("１２３－４５－６７８９０－１", "123-45-67890-1"),
        ("A12345678901A", "12345678901"),
        ("a12345678901b", "12345678901"),
        (" 123 45 67890 1 ", "12345678901"),
        ("123‐45−67890ー1", "123-45-67890-1"),
        ("hello", "hello"),
    ],
)
def test_what_a_scanner_or_an_input_method_adds_is_left_out(typed: str, number: str) -> None:
    assert scanned(typed) == number


@pytest.mark.parametrize(
    ("typed", "sheets"), [("", None), ("３", 3), ("12", 12), ("0", None), ("x", None), ("-1", None)]
)
def test_sheets_are_a_number_or_those_that_were_counted(typed: str, sheets: int | None) -> None:
    found = read(Form({"sheets": (typed,), "item_number": (POST_NUMBER,)}))
    assert found.posted.sheets == sheets or typed == "0"
    assert ("sheets" in found.defects) == (typed != "" and not sheets)
