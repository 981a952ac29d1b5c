"""What is sent to the page of 保全 when the time or the proof is too old waits there, once."""

from tests.pages.filling import sheet
from tests.pages.office import Office
from tests.pages.sending import press
from tests.pages.test_holds import PAGE, SUIT, form_of, held
from tests.pages.test_rescuing import TYPED, WAITED


def test_what_is_to_be_held_outlives_the_session(office: Office) -> None:
    person = office.signed_in("officer")
    form = form_of(person)
    office.let_sessions_lapse()
    assert press(person, form, scheme_1="member", id_1="CNRY-M-KEPT", reason=TYPED)[0] == 303
    assert TYPED not in office.signed_in("colleague").get(PAGE).text
    person = office.signed_in("officer")
    page = person.get(PAGE).text
    assert WAITED in page
    again = sheet(page, PAGE)
    assert (again.text("id_1"), again.text("reason")) == ("CNRY-M-KEPT", TYPED)
    assert WAITED not in person.get(PAGE).text
    assert press(person, again) == (303, f"{PAGE}?done=placed")


def test_the_reason_of_a_release_outlives_a_proof_that_is_too_old(office: Office) -> None:
    hold, person = held(office, "CNRY-M-RELEASED", SUIT), office.signed_in("chief")
    address = f"{PAGE}/{hold}/release"
    form = sheet(person.get(PAGE).text, address)
    office.age_proofs()
    status, location = press(person, form, release_reason=TYPED)
    assert (status, location.endswith("&proof=1")) == (303, True)
    person = office.signed_in("chief")
    page = person.get(PAGE).text
    assert WAITED in page
    assert "None" not in page
    again = sheet(page, address)
    assert again.text("release_reason") == TYPED
    assert press(person, again) == (303, f"{PAGE}?done=released")
