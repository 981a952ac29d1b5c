"""Nobody approves what they have not opened: at the door as on the page."""

from typing import Any

from tests.doors.cases.desk import APPROVER, OPENED, Case, begun
from tests.doors.cases.test_files_of_cases import person
from tests.doors.corridor import Answer, Corridor
from tests.doors.samples import provision


def approved(case: Case, by: str = "approver", **headers: str) -> Answer:
    """The answer at the door itself, without opening anything first."""
    return case.corridor.ask(
        "POST",
        f"{case.path}/approve",
        {},
        key=case.corridor.key(*APPROVER, label=by),
        headers={"If-Match": case.etag, **headers},
    )


def opened(case: Case, document: str = "preview.pdf", by: str = "approver") -> int:
    return case.fetch(f"/{document}", scopes=APPROVER, by=by).status


def looks(corridor: Corridor, case: Case) -> list[dict[str, Any]]:
    answer = corridor.ask(
        "GET", f"/v1/accesses?case={case.id}", key=corridor.key("audit:read", label="auditor")
    )
    assert answer.status == 200, answer.text
    return [one for one in answer.body["accesses"] if one["what"] == "letter_preview"]


def test_an_approval_is_refused_until_the_letter_was_fetched_and_says_where(
    corridor: Corridor,
) -> None:
    # given
    case = begun(corridor).submitted()

    # when
    refused = approved(case)

    # then
    assert (refused.status, refused.code) == (409, "NOT_OPENED")
    assert refused.body["fetch"] == [f"{case.path}/preview.pdf"]
    assert refused.body["retryable"] is False
    assert "開いて" in approved(case, **{"Accept-Language": "ja"}).body["detail"]

    # when: what it names is fetched
    [where] = refused.body["fetch"]
    assert opened(case, where.removeprefix(f"{case.path}/")) == 200

    # then
    assert approved(case).status == 200
    [look] = [one for one in looks(corridor, case) if one["document"].startswith("reply-")]
    assert look["document"].endswith(".pdf")


def test_somebody_else_who_opened_it_opened_it_for_nobody_else(corridor: Corridor) -> None:
    case = begun(corridor).submitted()
    assert opened(case, by="another") == 200
    assert approved(case).code == "NOT_OPENED"
    assert case.fetch("/preview.pdf").status == 200
    assert approved(case).code == "NOT_OPENED"


def test_a_look_before_it_was_submitted_is_no_look_at_what_is_approved(corridor: Corridor) -> None:
    case = begun(corridor).verified().identified().do("decisions", {})
    assert opened(case) == 200
    case.do("submit")
    assert approved(case).code == "NOT_OPENED"


def test_a_look_at_an_earlier_submission_proves_nothing_of_a_later_one(corridor: Corridor) -> None:
    case = begun(corridor).submitted()
    assert opened(case) == 200
    case.do("return", {"reason": "別紙の体裁"}).do("decisions", {}).do("submit")
    assert approved(case).code == "NOT_OPENED"
    assert opened(case) == 200
    assert approved(case).status == 200


def test_the_letter_on_the_method_that_goes_with_it_is_opened_too(corridor: Corridor) -> None:
    # given: electronic records were asked for, and something is disclosed on paper
    who = person()
    corridor.record(provision(principals=[{**who, "name": "神楽坂 金糸雀"}]))
    case = begun(corridor, identifiers=[who], medium="electronic").verified()
    case.identified(identifiers=[who])
    case.do("decisions", {"medium": "paper", "medium_reason": "媒体を用意できないため"}).do(
        "submit"
    )

    # when, then
    letters = [f"{case.path}/{name}" for name in OPENED]
    assert approved(case).body["fetch"] == letters
    assert opened(case) == 200
    assert approved(case).body["fetch"] == letters[1:]
    assert opened(case, "letters/method.pdf") == 200
    assert approved(case).status == 200
