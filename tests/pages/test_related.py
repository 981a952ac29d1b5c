"""Where an officer goes on after 受付する, and the links to requests of the same person there."""

from tests.doors.cases.desk import look
from tests.pages.casework import Work
from tests.pages.filling import sheet
from tests.pages.office import Office, Person
from tests.pages.recorded import member
from tests.pages.test_intake import typed


def test_the_officer_goes_straight_on_to_the_papers_and_sees_requests_of_the_same_person(
    office: Office, work: Work, officer: Person
) -> None:
    """Links alone: nothing that was found out about the other request is taken over."""
    who = member()
    first = work.begun(identifiers=[who]).do("documents", look()).do("verification")
    form = typed(scheme=[who["scheme"], "", ""], identifier=[who["id"], "", ""])
    answer = officer.post("/desk/new", form)
    papers = officer.get(answer.headers["location"], follow_redirects=True)
    assert papers.url.path.endswith("/papers")
    case = papers.url.path.removesuffix("/papers")
    link = f'<a href="/desk/cases/{first.id}">{first.number}</a>（同じ識別子・記録特定中）'
    for page in (papers.text, officer.get(case).text):
        assert link in page
    told = office.api("GET", f"/v1/cases/{case.rpartition('/')[2]}", work.key("officer")).json()
    assert told["status"] == "received"
    assert not sheet(papers.text, f"{case}/papers").fields.keys() & {"p0_original", "form_checked"}


def test_a_request_of_somebody_else_is_no_link(work: Work, officer: Person) -> None:
    work.begun(identifiers=[member()])
    case = work.begun(identifiers=[member()])
    for page in ("", "/papers"):
        text = officer.get(f"/desk/cases/{case.id}{page}").text
        assert not [one for one in ("関連する請求", "同じ方の可能性") if one in text]


def test_what_the_form_says_of_the_person_stands_beside_the_papers(
    work: Work, officer: Person
) -> None:
    form = {"name": "照合 花子", "name_kana": "ショウゴウ　ハナコ", "address": "東京都港区1-1"}
    case = work.begun(form=form, birth_date="1989-01-07")
    page = officer.get(f"/desk/cases/{case.id}/papers").text
    for told in (*form.values(), "昭和64年1月7日"):
        assert told in page
