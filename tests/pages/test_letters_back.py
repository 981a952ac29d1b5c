"""完了・保存 over HTTP: which letter of several came back; a stop that nobody was told."""

from tests.canary import NAME
from tests.doors.cases.desk import POST_NUMBER, look, today
from tests.doors.cases.test_measures import taken
from tests.doors.samples import provision
from tests.pages.casework import Work, Worked
from tests.pages.filling import sheet
from tests.pages.office import Office, Person
from tests.pages.recorded import member, sent
from tests.pages.sending import corrected, decided, press, status, whole
from tests.pages.test_keeping import form_of, path_of

SECOND = "123-45-67890-2"


def posted(case: Worked, number: str) -> Worked:
    case.do("submit").do("approve", by="approver")
    return case.do("dispatch", {"dispatched_on": today(), "item_number": number})


def two_out(office: Office, work: Work) -> Worked:
    case, record = decided(office, work)
    case.do("approve", by="approver")
    case.do("dispatch", {"dispatched_on": today(), "item_number": POST_NUMBER})
    corrected(office, record)
    who = whole(work, case)["application"]["identifiers"]
    case.do("reopen", {"reason": "記録の訂正"})
    case.do("principal", {"identifiers": who, "evidence": "会員番号が一致"}).do("decisions", {})
    return posted(case, SECOND)


def returned(work: Work, case: Worked) -> list[object]:
    return [one["returned"] for one in whole(work, case)["replies"]]


def test_the_officer_says_which_of_two_letters_came_back(
    office: Office, work: Work, officer: Person
) -> None:
    case = two_out(office, work)
    page = officer.get(path_of(case)).text
    assert f"2通目：{today().replace('-', '/')} 発送（全部開示、引受番号 {SECOND}）" in page
    form = sheet(page, f"{path_of(case)}/returned-mail")
    assert form.boxes >= {("reply", "1"), ("reply", "2")}
    assert "reply" not in form.fields, "somebody looks at the envelope first"
    code, refused = press(officer, form, returned_for="refused")
    assert (code, 'id="reply-error"' in refused) == (422, True)
    assert "選んでください" in refused
    code, refused = press(officer, form, returned_for="refused", reply="9" * 30)
    assert (code, 'id="reply-error"' in refused) == (422, True)
    assert returned(work, case) == [None, None], "nothing was put down meanwhile"
    assert press(officer, form, returned_for="refused", reply=1) == (303, path_of(case))
    assert (status(work, case), returned(work, case)) == ("dispatched", ["refused", None])
    page = officer.get(path_of(case)).text
    assert 'type="radio" name="reply"' not in page, "one letter is out"
    code, refused = press(officer, form_of(officer, case, "returned-mail"), returned_for="refused")
    assert (status(work, case), returned(work, case)) == ("returned", ["refused", "refused"])


def test_the_letter_that_is_still_out_is_the_one_that_comes_back(
    office: Office, work: Work, officer: Person
) -> None:
    case = two_out(office, work)
    old = form_of(officer, case, "returned-mail")
    # A flag is shown as far as the read side has followed; the letter that is out says the new.
    assert "再開して" not in officer.get(path_of(case)).text
    press(officer, old, returned_for="refused", reply=2)
    assert returned(work, case) == [None, "refused"]
    # What the person has in hand is the first one, which reads differently by now: one thing is to
    # be done about both.
    while "回答の基になった記録が、その後に変わっています" not in (
        page := officer.get(path_of(case)).text
    ):
        pass
    assert "返戻：受取拒否" in page
    for told in (page, officer.get(f"/desk/cases/{case.id}").text):
        assert "本人確認をやり直すと、記録の特定からやり直します" in told
        assert "再開して回答し直してください" not in told
    form = sheet(page, f"{path_of(case)}/returned-mail")
    assert (form.text("reply"), f"引受番号 {POST_NUMBER}" in page) == ("1", True)
    code, refused = press(officer, form, returned_for="refused", reply=2)
    assert code == 422
    assert "その書面の返戻はすでに登録されています" in refused
    assert 'id="reply-error"' in refused, "beside its field"
    press(officer, form, returned_for="not_collected")
    assert returned(work, case) == ["not_collected", "refused"]


def test_one_letter_asks_for_no_choice(work: Work, officer: Person) -> None:
    form = form_of(officer, work.begun().dispatched(), "returned-mail")
    assert "reply" not in form.fields


def test_the_page_says_why_a_case_is_not_closed_over_a_stop_that_nobody_was_told(
    office: Office, work: Work, officer: Person
) -> None:
    who = member()
    sent(office, provision(principals=[{**who, "name": NAME}]))
    case = work.begun(kind="provision_stop", identifiers=[who])
    case.do("documents", look()).do("verification")
    person = {"identifiers": [who], "evidence": "会員番号が一致"}
    case.do("person", person).do("measures", {"outcome": "not_taken", "reason": "理由がない"})
    posted(case, POST_NUMBER).do("reopen", {"reason": "決定の誤り"})
    posted(case.do("person", person).do("measures", taken("provision_stopped")), SECOND)
    press(officer, form_of(officer, case, "returned-mail"), returned_for="refused", reply=2)
    code, page = press(officer, form_of(officer, case, "close"), note="電話も通じない")
    assert (code, status(work, case)) == (409, "returned")
    assert "この案件による停止が有効ですが" in page
    assert "停止を記載した回答を送る" in page, "and what to do"
    assert "電話も通じない" in page, "what was typed stays"
