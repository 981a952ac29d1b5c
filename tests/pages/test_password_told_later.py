"""The password of a medium in the post, put down after the dispatch was: once, on the last page."""

from typing import Any

import pytest

from ledger.clock import day_in_japan, now
from tests.doors.cases.desk import POST_NUMBER, today
from tests.pages.casework import Work, Worked
from tests.pages.filling import Sheet, sheet, words_of
from tests.pages.looked import day
from tests.pages.office import Office, Person
from tests.pages.sending import decided, press, whole
from tests.pages.test_evidence import taken
from tests.pages.test_password_posted import APART


def apart() -> dict[str, str]:
    return {"dispatched_on": today(), "item_number": APART}


def posted(office: Office, work: Work, medium: str = "electronic") -> Worked:
    case, _ = decided(office, work, medium=medium)
    case.do("approve", by="approver")
    return case.do("dispatch", {"dispatched_on": today(), "item_number": POST_NUMBER})


def path(case: Worked) -> str:
    return f"/desk/cases/{case.id}/keeping"


def form_of(person: Person, case: Worked) -> Sheet:
    return sheet(person.get(path(case)).text, f"{path(case)}/password-letter")


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
    form = form_of(officer, case)
    assert press(officer, form, password_number="A12345678912A") == (303, path(case))
    booked = {"dispatched_on": today(), "item_number": "12345678912"}
    told = whole(work, case)
    assert (told["status"], told["replies"][0]["password_letter"]) == (before, booked)
    page = officer.get(path(case)).text
    assert "パスワードのお知らせ：12345678912" in words_of(page).replace(" ", "")
    assert "パスワードのお知らせの発送" in words_of(page), "it stands in what happened"
    assert f"{path(case)}/password-letter" not in page
    evidence = taken(officer, case)
    [sent] = [
        one for one in evidence.lines("events.jsonl") if one["type"] == "case-password-posted"
    ]
    assert sent["record"] == booked


def test_a_reply_on_paper_is_asked_for_no_password(
    office: Office, work: Work, officer: Person
) -> None:
    case = posted(office, work, medium="paper")
    assert "password-letter" not in whole(work, case)["next"]
    assert f"{path(case)}/password-letter" not in officer.get(path(case)).text
    assert asked(office, case)[::2] == (422, {"/item_number NO_MEDIUM"})


MISSING = "パスワードのお知らせの発送が登録されていません"


def flagged(person: Person, tab: str, case: Worked) -> bool:
    """Whether the list says of the case that its password was not sent."""
    page = person.get(f"/desk?tab={tab}").text
    line = page.partition(f'id="row-{case.number}"')[2].partition("</tr>")[0]
    return "パスワード未発送" in words_of(line)


@pytest.mark.parametrize(
    "end",
    [
        "delivery",
    ],
)
def test_a_medium_whose_password_is_not_on_record_is_flagged_and_may_still_be_closed(
    office: Office, work: Work, officer: Person, end: str
) -> None:
    case = posted(office, work)
    assert flagged(officer, "sent", case)
    page = officer.get(path(case)).text
    forms = [page.partition(f'action="{path(case)}/{one}"')[2] for one in ("delivery", "close")]
    for form in forms:
        assert MISSING in words_of(form.partition("</form>")[0])
    typed = day("delivered_on", day_in_japan(now())) if end == "delivery" else {}
    assert press(officer, sheet(page, f"{path(case)}/{end}"), **typed)[0] == 303
    assert flagged(officer, "ended", case)
    assert press(officer, form_of(officer, case), password_number=APART)[0] == 303
    assert not flagged(officer, "ended", case)
    assert MISSING not in words_of(officer.get(path(case)).text)
