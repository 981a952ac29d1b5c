"""本人の履歴: the reason of a look that is sent when the time is up waits on its page, once."""

from tests.pages.casework import Work
from tests.pages.filling import sheet
from tests.pages.histories import looks, path, whose
from tests.pages.office import Office
from tests.pages.sending import press
from tests.pages.test_rescuing import TYPED


def test_the_reason_of_a_look_outlives_the_session(office: Office, work: Work) -> None:
    case, _ = whose(work)
    person, before = office.signed_in("officer"), looks(office, case)
    form = sheet(person.get(path(case)).text, path(case))
    office.let_sessions_lapse()
    assert press(person, form, reason=TYPED, moment="position", position="7")[0] == 303
    assert looks(office, case) == before
    assert TYPED not in office.signed_in("colleague").get(path(case)).text
    person = office.signed_in("officer")
    page = person.get(path(case)).text
    again = sheet(page, path(case))
    assert "下書きから再開しています" in page
    assert (again.text("reason"), again.text("position")) == (TYPED, "7")
    assert looks(office, case) == before, "nothing was shown yet"
    assert TYPED not in person.get(path(case)).text
