"""Whoever comes second, step by step: who was first, what stands, and what they had typed."""

import pytest

from tests.doors.cases.desk import POST_NUMBER, look, paper, today
from tests.doors.samples import provision
from tests.pages.casework import Work, Worked
from tests.pages.deciding import whole
from tests.pages.filling import sheet, words_of
from tests.pages.finding import NAME, OTHER, named, opened
from tests.pages.looked import Papers, day
from tests.pages.office import Office, Person
from tests.pages.overtaken import CONFLICT, differing_rows
from tests.pages.recorded import ABSENT, Identifier, member, sent, verified
from tests.pages.sending import press
from tests.pages.test_keeping import form_of, on
from tests.pages.test_papers import this_day

CLOSED = "入力した内容は登録できません"
REPLACED = "この画面に入力した内容に置き換わります"
FIRST, SECOND = "先に書いた根拠", "後から書いた根拠"


@pytest.fixture
def who(office: Office) -> Identifier:
    one = member()
    sent(office, provision(principals=named(one)))
    return one


def short(day: str) -> str:
    return day.replace("-", "/")


def test_another_person_was_said_to_be_the_one_and_both_stand_side_by_side(
    office: Office, work: Work, officer: Person, who: Identifier
) -> None:
    old = member()
    sent(office, provision(principals=named(old, OTHER)))
    case = verified(work, who, old, name=NAME)
    _, form = opened(officer, case)
    found = {"identifiers": [who], "tried": [old, ABSENT], "evidence": FIRST}
    case.do("principal", {**found, "not_the_person": "母の番号"}, by="colleague")
    by = office.called("colleague")
    status, page = form.sent(
        officer, "identify", chosen=["1", "2"], because_2="婚姻により改姓", evidence=SECOND
    )
    assert status == 409
    words = words_of(page)
    assert CONFLICT in words
    assert by in words
    assert REPLACED in words
    mine, hers = (f"会員ID　{one['id']}" for one in (who, old))
    assert differing_rows(page) == [
        ("この方の記録", mine, "\n".join(sorted((mine, hers)))),
        (f"氏名が異なる理由：{hers}", "―", "婚姻により改姓"),
        (
            "この方のものでない、又は記録がない識別子",
            "\n".join(sorted((hers, f"メールアドレス　{ABSENT['id']}"))),
            "―",
        ),
        ("特定の根拠", FIRST, SECOND),
        ("選ばなかった識別子の記録が、この方のものではない理由", "母の番号", "―"),
    ]
    # Everything is kept, and whoever has read it may put theirs down all the same.
    again = sheet(page, f"/desk/cases/{case.id}/records")
    assert (again.fields["chosen"], again.text("because_2")) == (["1", "2"], "婚姻により改姓")
    assert again.sent(officer, "identify")[0] == 303
    assert whole(case)["search"]["evidence"] == SECOND


def test_what_others_did_is_told_until_a_step_is_taken(
    work: Work, officer: Person, who: Identifier
) -> None:
    """A search shows the page anew: it must not make the form one of the newest version unsaid."""
    case = verified(work, who, name=NAME)
    _, form = opened(officer, case)
    case.do("principal", {"identifiers": [who], "evidence": FIRST}, by="colleague")
    status, page = form.sent(officer, "search", evidence=SECOND)
    again = form
    for _ in range(2):
        assert (status, CONFLICT in words_of(page)) == (200, True)
        assert differing_rows(page) == [("特定の根拠", FIRST, SECOND)]
        again = sheet(page, f"/desk/cases/{case.id}/records")
        status, page = again.sent(officer, "search")
    assert again.sent(officer, "identify")[0] == 303
    assert CONFLICT not in words_of(opened(officer, case)[0])


def test_who_identifies_after_the_case_has_gone_on_is_told_what_they_typed(
    work: Work, officer: Person, who: Identifier
) -> None:
    case = verified(work, who, name=NAME)
    _, form = opened(officer, case)
    found = {"identifiers": [who], "tried": [ABSENT], "evidence": FIRST}
    case.do("principal", found, by="colleague").do("decisions", {}).do("submit")
    status, page = form.sent(officer, "identify", evidence=SECOND)
    assert status == 409
    assert CLOSED in words_of(page)
    assert f'action="/desk/cases/{case.id}/records"' not in page
    assert ("特定の根拠", FIRST, SECOND) in differing_rows(page)
    # Also where nothing could be put down of it: no defect is told of fields that are not there.
    status, page = form.sent(officer, "identify", evidence="")
    assert 'id="errors"' not in page
    assert ("特定の根拠", FIRST, "―") in differing_rows(page)


def test_what_went_into_the_post_already_stands_beside_what_was_typed(
    work: Work, officer: Person
) -> None:
    by = work.office.called("colleague")
    case = work.begun().submitted().do("approve", by="approver")
    path = f"/desk/cases/{case.id}/post"
    form = sheet(officer.get(path).text, path)
    posted = {"dispatched_on": today(), "item_number": POST_NUMBER, "sheets": 4}
    case.do("dispatch", posted, by="colleague")
    typed = {"item_number": "222-22-22222-2", **on("dispatched_on", "2026-01-05"), "sheets": "3"}
    status, page = press(officer, form, **typed)
    assert status == 409
    words = words_of(page)
    for told in (CONFLICT, by, CLOSED):
        assert told in words
    assert differing_rows(page) == [
        ("引受番号", POST_NUMBER, "222-22-22222-2"),
        ("発送日", short(today()), "2026/01/05"),
        ("同封した用紙の枚数", "4", "3"),
    ]
    # The same item by other signs is no difference; nor is a defect told where nothing is to mend.
    same = {"item_number": f"A{POST_NUMBER.replace('-', '')}A", "sheets": "4"}
    status, page = press(officer, form, **same)
    assert "この画面に入力した内容は同じです" in words_of(page)
    status, page = press(officer, form, **{**typed, "sheets": "x"})
    assert 'id="errors"' not in page
    assert differing_rows(page)[-1] == ("同封した用紙の枚数", "4", "x")


def test_the_end_of_a_case_that_somebody_else_put_down_stands_beside_what_was_typed(
    work: Work, officer: Person
) -> None:
    by = work.office.called("colleague")
    case = work.begun().dispatched()
    delivery, back = (form_of(officer, case, one) for one in ("delivery", "returned-mail"))
    case.do("delivery", {"delivered_on": today()}, by="colleague")
    status, page = press(officer, delivery, **on("delivered_on", "2026-11-01"))
    assert status == 409
    assert by in words_of(page)
    assert differing_rows(page) == [("配達日", short(today()), "2026/11/01")]
    typed = {**on("returned_on", today()), "returned_for": "refused"}
    status, page = press(officer, back, **typed)
    assert status == 409
    assert differing_rows(page) == [
        ("配達日", short(today()), "―"),
        ("返戻日", "―", short(today())),
        ("返戻の理由", "―", "受取拒否"),
    ]
    # The letter may come back all the same, so the form is there with all that was typed.
    again = sheet(page, f"/desk/cases/{case.id}/keeping/returned-mail")
    assert again.fields["returned_for"] == ["refused"]


def short_of_a_paper(work: Work) -> Worked:
    return work.begun().do("documents", look(paper("seal_certificate")))


def test_further_papers_that_somebody_else_took_in_stand_beside_what_was_typed(
    office: Office, work: Work
) -> None:
    case = short_of_a_paper(work).do("correction-request")
    page = Papers(office.person("officer"), case).opened()
    further = {"arrived_on": today(), "note": FIRST, "form": {"phone": "03-0000-0001"}}
    case.do("resubmission", further, by="colleague")
    typed = {
        "further_note": SECOND,
        "further_name_kana": "ナルタキ",
        **day("further_on", this_day()),
    }
    answer = page.further(**typed)
    assert answer.status_code == 409
    words = words_of(answer.text)
    assert CONFLICT in words
    assert CLOSED in words
    labels = [one[0] for one in differing_rows(answer.text)]
    assert labels[0] == "届いた書類のメモ"
    assert {one[1:] for one in differing_rows(answer.text)} == {
        (FIRST, SECOND),
        ("03-0000-0001", "―"),
        ("―", "ナルタキ"),
    }
