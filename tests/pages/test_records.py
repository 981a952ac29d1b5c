"""記録の特定 on the pages: who is found, who is chosen and why, and what is never told."""

import pytest

from ledger.cases.case import CaseStatus
from tests.doors.samples import provision, receipt
from tests.pages.casework import Work
from tests.pages.deciding import whole
from tests.pages.filling import sheet, words_of
from tests.pages.finding import NAME, OTHER, named, opened, path
from tests.pages.office import Office, Person
from tests.pages.recorded import member, sent, verified

LOOKS = "SELECT count(*) FROM ledger.events WHERE topic = 'history-viewed'"
PHONE = {"scheme": "phone", "id": "03-0000-0099"}


def test_one_person_is_found_by_the_search_itself_and_named_with_one_click(
    office: Office, work: Work, officer: Person
) -> None:
    who = member()
    sent(
        office,
        provision(principals=named(who), transferred_on="2026-01-05"),
        receipt(principals=named(who), transferred_on="2026-03-07"),
    )
    case = verified(work, who, name=NAME)
    before = office.rows(LOOKS)[0][0]
    page, form = opened(officer, case)
    assert office.rows(LOOKS)[0][0] == before + 1
    words = words_of(page)
    for told in (
        "識別子 一致",
        "提供した記録 1件、提供を受けた記録 1件",
        "2026/01/05 ～ 2026/03/07",
        "記録の氏名は申請書と一致",
    ):
        assert told in words
    assert form.fields["chosen"] == ["1"]
    assert form.text("evidence") == "会員IDと氏名が一致した。"
    assert "入力済みです" in words
    assert form.sent(officer, "identify") == (303, f"/desk/cases/{case.id}/next")
    told = whole(case)
    assert told["status"] == CaseStatus.REVIEW
    assert told["search"]["identifiers"] == [who]
    assert officer.get(f"/desk/cases/{case.id}/next").headers["location"].endswith("/decision")


def test_nobody_is_looked_for_before_who_asks_is_verified(
    office: Office, work: Work, officer: Person
) -> None:
    who = member()
    sent(office, provision(principals=named(who)))
    case = work.begun(identifiers=[who])
    before = office.rows(LOOKS)[0][0]
    page = officer.get(path(case)).text
    assert "本人確認が終わると" in words_of(page)
    assert who["id"] not in page
    assert office.rows(LOOKS)[0][0] == before


def test_nobody_is_found_until_two_kinds_were_tried(work: Work, officer: Person) -> None:
    name = f"{NAME}皆無"
    who, form = member(), {"name": name, "address": "東京都千代田区永田町2-11-1"}
    case = verified(work, who, name=name, form={**form, "phone": PHONE["id"]})
    page, first = opened(officer, case)
    assert "該当する方が見つかりません。" in words_of(page)
    assert "残り 1 項目" in words_of(page)
    assert first.buttons["action", "nobody"] is False
    assert ("action", "identify") not in first.buttons
    # The telephone of the form is proposed; it is tried by the button, not by being there.
    assert (first.fields["scheme"][0], first.fields["identifier"][0]) == ("phone", PHONE["id"])
    status, page = first.sent(officer, "search")
    assert status == 200
    second = sheet(page, path(case))
    assert second.buttons["action", "nobody"] is True
    assert second.text("evidence") == "会員ID・電話番号で探し、該当する記録がないことを確認した。"
    assert second.sent(officer, "nobody")[0] == 303
    told = whole(case)
    assert told["status"] == CaseStatus.REVIEW
    search = told["search"]
    assert (search["identifiers"], search["tried"]) == ([], [who, PHONE])


def test_what_was_typed_to_be_searched_for_is_searched_before_anything_is_said(
    office: Office, work: Work, officer: Person
) -> None:
    mine, old = member(), member()
    sent(office, provision(principals=named(mine)), provision(principals=[old]))
    case = verified(work, mine, name=NAME)
    _, form = opened(officer, case)
    status, page = form.sent(officer, "identify", scheme=["member"], identifier=[old["id"]])
    assert status == 200
    assert whole(case)["status"] == CaseStatus.SEARCH
    again = sheet(page, path(case))
    assert again.fields["chosen"] == ["1"], "the choice stands"
    assert again.text("evidence") == "", "it was of one person, and two are found by now"
    assert "入力済みです" not in page
    assert "何がどのように一致したか" in page
    status, page = again.sent(officer, "identify", evidence="旧会員IDを含む")
    assert status == 422
    assert "この識別子には記録があります" in words_of(page)
    both = sheet(page, path(case))
    assert both.sent(officer, "identify", chosen=["1", "2"])[0] == 303
    search = whole(case)["search"]
    assert (search["identifiers"], search["provided"]) == ([mine, old], 2)


def test_a_record_of_somebody_else_is_left_out_with_a_reason(
    office: Office, work: Work, officer: Person
) -> None:
    mine, mothers = member(), {"scheme": "phone", "id": f"CNRY-{member()['id']}"}
    sent(office, provision(principals=named(mine)), provision(principals=named(mothers, OTHER)))
    case = verified(work, mine, mothers, name=NAME)
    page, form = opened(officer, case)
    assert "▲ 記録の氏名が申請書と異なる" in words_of(page)
    assert OTHER not in page
    assert form.fields.get("chosen") is None, "two were found: nobody is chosen beforehand"
    done = form.sent(
        officer, "identify", chosen="1", evidence="会員IDが一致", not_the_person="母の電話番号"
    )
    assert done[0] == 303
    search = whole(case)["search"]
    assert (search["identifiers"], search["tried"]) == ([mine], [mothers])
    assert search["not_the_person"] == "母の電話番号"


def test_another_name_needs_a_reason_and_the_reason_is_kept(
    office: Office, work: Work, officer: Person
) -> None:
    old = member()
    sent(office, provision(principals=named(old, OTHER)))
    case = verified(work, old, name=NAME)
    _, form = opened(officer, case)
    assert form.fields.get("chosen") is None
    status, page = form.sent(officer, "identify", chosen="1", evidence="会員IDが一致")
    assert status == 422
    assert OTHER not in page
    assert 'id="because_1-error"' in page
    again = sheet(page, path(case))
    assert (again.fields["chosen"], again.text("evidence")) == (["1"], "会員IDが一致")
    assert again.sent(officer, "identify", because_1="婚姻により改姓")[0] == 303
    search = whole(case)["search"]
    kept = [{"identifier": old, "because": "婚姻により改姓", "name_check": "differs"}]
    assert search["names_differ"] == kept


@pytest.mark.parametrize(
    "kind",
    [
        "provision_stop",
    ],
)
def test_a_request_for_measures_names_the_person_and_tells_of_no_record(
    office: Office, work: Work, officer: Person, kind: str
) -> None:
    who = member()
    sent(office, provision(principals=named(who)))
    case = verified(work, who, name=NAME, kind=kind)
    page, form = opened(officer, case)
    assert "提供した記録" not in words_of(page)
    assert "not_the_person" not in form.fields
    assert form.sent(officer, "identify")[0] == 303
    told = whole(case)
    assert (told["status"], told["search"]) == (CaseStatus.REVIEW, None)
    person = told["person"]
    assert person["identifiers"] == [who]
