"""What is typed about a notice waits: as it is typed, when the time is up, when a proof is old."""

from tests.pages.filling import sheet
from tests.pages.office import Office
from tests.pages.publishing import NEW, confirmed, looked, sent, version
from tests.pages.test_rescued import TYPED, WAITED
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
