"""What is typed about a notice waits: as it is typed, when the time is up, when a proof is old."""

from tests.pages.filling import sheet
from tests.pages.office import Office
from tests.pages.publishing import FILING, NEW, confirmed, form_of, looked, sent, version
from tests.pages.test_rescued import TYPED, WAITED
from tests.pages.test_withdrawing import stands
from tests.pages.watching import day


def test_a_publication_outlives_a_proof_that_is_too_old_and_is_looked_at_anew(
    office: Office,
) -> None:
    person = office.signed_in("chief")
    _, page = looked(person, NEW, notice_id="ju-proof", **version("初版", day(3), title=TYPED))
    office.age_proofs()
    status, location = confirmed(person, page, NEW)
    assert (status, location) == (303, f"/sign-in?page={NEW}&proof=1")
    person = office.signed_in("chief")
    page = person.get(NEW).text
    assert WAITED in page
    status, page = sent(person, sheet(page, NEW))
    assert status == 200
    assert TYPED in page
    assert confirmed(person, page, NEW)[0] == 303
    assert WAITED not in person.get(NEW).text


def test_a_draft_is_of_one_notice_and_is_thrown_away_by_a_button(office: Office) -> None:
    chief = office.person("chief")
    one, other = (f"{stands(office, name)}/publication" for name in ("d-one", "d-other"))
    form = form_of(chief, one)
    form.action = f"{one}/draft"
    status, page = sent(chief, form, title=TYPED)
    assert (status, WAITED in page) == (200, True)
    assert sheet(chief.get(one).text, one).text("title") == TYPED
    assert TYPED not in chief.get(other).text
    assert WAITED not in chief.get(FILING).text
    assert chief.post(f"{one}/discard").headers["location"] == one
    assert TYPED not in chief.get(one).text


def test_an_individual_number_is_kept_in_no_draft(office: Office) -> None:
    chief, path = office.person("chief"), f"{stands(office, 'd-number')}/publication"
    form = form_of(chief, path)
    form.action = f"{path}/draft"
    status, page = sent(chief, form, title="123456789018")
    assert status == 422
    assert "個人番号" in page
    assert "123456789018" not in chief.get(path).text
