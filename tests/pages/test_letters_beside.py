"""The notices of receipt and of a long search, printed from the page of a case."""

from tests.pages.casework import Work
from tests.pages.office import Office, Person
from tests.pages.recorded import member, verified
from tests.replying.desk import text_of

LOOKS = "SELECT count(*) FROM ledger.events WHERE topic = 'document-viewed'"


def test_the_page_of_a_case_prints_that_it_arrived_and_that_the_search_is_long(
    office: Office, work: Work, officer: Person
) -> None:
    case = verified(work, member(), name="渡邉 愛")
    page = officer.get(f"/desk/cases/{case.id}").text
    before = office.rows(LOOKS)[0][0]
    for kind, words in (
        ("receipt", "に受け付けました"),
        ("interim", "中間のお知らせ"),
    ):
        assert f"/desk/cases/{case.id}/letters/{kind}.pdf" in page
        letter = officer.get(f"/desk/cases/{case.id}/letters/{kind}.pdf")
        assert letter.headers["content-type"] == "application/pdf"
        assert words in text_of(letter.content)
    assert office.rows(LOOKS)[0][0] == before + 2


def test_before_anybody_is_verified_no_notice_of_a_long_search_goes_out(
    work: Work, officer: Person
) -> None:
    case = work.begun()
    page = officer.get(f"/desk/cases/{case.id}").text
    assert "letters/receipt.pdf" in page
    assert "letters/interim.pdf" not in page
    assert officer.get(f"/desk/cases/{case.id}/letters/interim.pdf").status_code == 404
    assert officer.get(f"/desk/cases/{case.id}/letters/farewell.pdf").status_code != 200
