"""判定の見直し: the reason that is sent when the time is up waits on its page, once."""

from tests.pages.filling import sheet
from tests.pages.office import Office
from tests.pages.sending import press
from tests.pages.test_exceptions import LATE, pages_of, reassess, waiting
from tests.pages.test_rescuing import TYPED, WAITED


def test_the_reason_to_judge_anew_outlives_the_session(office: Office) -> None:
    transfer, _ = waiting(office, "CNRY-M-LATE-KEPT")
    person, action = office.signed_in("officer"), f"{LATE}/{transfer}/reassess"
    form = sheet(next(one for one in pages_of(person, LATE) if action in one), action)
    office.let_sessions_lapse()
    assert press(person, form, reassess_reason=TYPED)[0] == 303
    assert TYPED not in office.signed_in("colleague").get(LATE).text
    person = office.signed_in("officer")
    page = person.get(LATE).text
    assert WAITED in page
    assert TYPED in page
    assert "None" not in page
    assert WAITED not in person.get(LATE).text
    assert reassess(person, transfer, reassess_reason=TYPED).status_code == 303


def test_a_reason_whose_record_is_no_more_in_the_list_is_shown_all_the_same(office: Office) -> None:
    transfer, _ = waiting(office, "CNRY-M-LATE-DONE")
    person, action = office.signed_in("officer"), f"{LATE}/{transfer}/reassess"
    form = sheet(next(one for one in pages_of(person, LATE) if action in one), action)
    office.let_sessions_lapse()
    assert press(person, form, reassess_reason=TYPED)[0] == 303
    assert (
        reassess(office.signed_in("colleague"), transfer, reassess_reason="先に").status_code == 303
    )
    page = office.signed_in("officer").get(LATE).text
    assert action not in page
    assert (WAITED in page, TYPED in page, transfer in page) == (True, True, True)
