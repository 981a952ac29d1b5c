"""What the page of 記録の特定 never does: run a text, keep a number, tell of what is hidden."""

import re

import pytest

from ledger.cases.case import CaseStatus
from ledger.policies.my_number import check_digit
from tests.doors.samples import provision
from tests.pages.casework import Work, Worked
from tests.pages.deciding import whole
from tests.pages.filling import sheet, words_of
from tests.pages.finding import NAME, OTHER, named, opened, path
from tests.pages.office import Office, Person
from tests.pages.recorded import member, sent, verified

HOSTILE = '<script>alert("x")</script>&{{7*7}}'
MY_NUMBER = "12345678901" + str(check_digit("12345678901"))


def test_hostile_texts_stay_texts(office: Office, work: Work, officer: Person) -> None:
    who = {"scheme": "member", "id": f"{HOSTILE}{member()['id']}"}
    sent(office, provision(principals=named(who, OTHER)))
    case = verified(work, who, name=HOSTILE)
    page, form = opened(officer, case)
    assert HOSTILE not in page
    assert HOSTILE in words_of(page)
    assert form.fields["group"], "the group comes back whole"
    status, page = form.sent(
        officer, "identify", chosen="1", evidence=HOSTILE, name=HOSTILE, searched_name=HOSTILE
    )
    assert status == 422
    assert HOSTILE not in page
    assert sheet(page, path(case)).text("evidence") == HOSTILE
    done = sheet(page, path(case)).sent(officer, "identify", because_1="改姓")
    assert done[0] == 303, done[1]


@pytest.mark.parametrize(
    "forged", ["[]", "x", '["identifier",[["member"]],false]', '["name",[[1,2]],true]']
)
def test_a_forged_group_chooses_nobody(work: Work, officer: Person, forged: str) -> None:
    case = verified(work, member(), name=NAME)
    _, form = opened(officer, case)
    given = {**form.fields, "group": forged, "chosen": "1", "action": "identify", "evidence": "x"}
    answer = officer.post(path(case), given)
    assert answer.status_code == 422
    assert whole(case)["status"] == CaseStatus.SEARCH


def test_an_individual_number_is_kept_nowhere(office: Office, work: Work, officer: Person) -> None:
    who = member()
    sent(office, provision(principals=named(who)))
    case = verified(work, who, name=NAME)
    _, form = opened(officer, case)
    status, page = form.sent(officer, "identify", evidence=f"番号 {MY_NUMBER}")
    assert status == 422
    assert 'id="evidence-error"' in page
    assert "個人番号" in words_of(page)
    status, page = sheet(page, path(case)).sent(officer, "search", name=f"鳴滝 {MY_NUMBER}")
    assert status == 422
    assert 'id="name-error"' in page


def test_who_was_overtaken_is_told_what_happened_and_keeps_what_was_typed(
    office: Office, work: Work, officer: Person
) -> None:
    who = member()
    sent(office, provision(principals=named(who)))
    case = verified(work, who, name=NAME)
    _, form = opened(officer, case)
    case.do("principal", {"identifiers": [who], "evidence": "先に"}, by="colleague")
    status, page = form.sent(officer, "identify", evidence="後から書いた根拠")
    assert status == 409
    assert "ほかの担当者が先に更新しました" in words_of(page)
    assert sheet(page, path(case)).text("evidence") == "後から書いた根拠"


def test_what_was_typed_waits_for_whom_the_time_ran_out(office: Office, work: Work) -> None:
    who = member()
    sent(office, provision(principals=named(who)))
    case = verified(work, who, name=NAME)
    person = office.signed_in("colleague")
    _, form = opened(person, case)
    office.let_sessions_lapse()
    assert form.sent(person, "identify", evidence="契約書で確かめた")[0] == 303
    again = office.signed_in("colleague")
    page, kept = opened(again, case)
    assert "下書きから再開しています" in words_of(page)
    assert kept.text("evidence") == "契約書で確かめた"
    assert whole(case)["status"] == CaseStatus.SEARCH
    assert "下書きから再開しています" in words_of(opened(again, case)[0])
    assert kept.sent(again, "identify")[0] == 303
    assert "下書きから再開しています" not in words_of(opened(again, case)[0])


def bare(page: str, case: Worked, *own: str) -> str:
    """The page without what differs between any two cases."""
    for one in (case.id, case.number, *own):
        page = page.replace(one, "…")
    page = re.sub(r'(name="(?:form_token|command)" value=)"[^"]*"|nonce="[^"]*"', "", page)
    return re.sub(
        r"#\d+|\d{4}/\d\d/\d\d \d\d:\d\d|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "…", page
    )


def test_a_person_of_whom_a_record_is_excluded_gives_the_page_of_one_without(
    office: Office, work: Work, officer: Person
) -> None:
    pages: list[list[str]] = []
    for hidden in (False, True):
        seen, hers = member(), member()
        mine = f"{NAME}{seen['id']}"  # nobody else's: the name of the form is searched for, too
        sent(office, provision(principals=named(seen, mine), transferred_on="2026-02-02"))
        if hidden:
            sent(office, provision(principals=named(seen, OTHER)), order_11="ii")
            sent(office, provision(principals=named(hers, OTHER)), order_11="ii")
        case = verified(work, seen, hers, name=mine)
        page, form = opened(officer, case)
        ids = (mine, seen["id"], hers["id"])
        searched = form.sent(officer, "search", name=OTHER)
        assert form.sent(officer, "identify")[0] == 303
        after, _ = opened(officer, case)
        pages.append([bare(one, case, *ids) for one in (page, searched[1], after)])
    assert pages[0] == pages[1]
