"""What the page of 回答内容の確認 never tells: others, what is excluded, records to who may not."""

from api.resources.cases.pages import decision, records
from api.web.latency_padding import EvenRoute
from tests.doors.samples import RECIPIENT, provision
from tests.pages.casework import Work
from tests.pages.deciding import NAME, STRANGER, bare, dated, identified, opened, path, whole
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.recorded import member, sent

HOSTILE = '<script>alert("x")</script>{{7*7}}'


def test_nobody_elses_line_and_no_hostile_text_stands_on_the_page(
    office: Office, work: Work, officer: Person
) -> None:
    who, other = member(), member()
    party = {**RECIPIENT, "name": HOSTILE}
    persons = [{**who, "name": NAME}, {**other, "name": STRANGER}]
    sent(office, provision(principals=persons, counterparty=party, items=[HOSTILE, "住所"]))
    case = identified(work, who=who)
    page, form = opened(officer, case)
    assert STRANGER not in page
    assert other["id"] not in page
    assert HOSTILE not in page
    assert HOSTILE in words_of(page)
    _, page = form.sent(officer, "add", tick="all")
    held = sheet(page, path(case))
    assert ("block_1_item", HOSTILE) in held.boxes
    _, page = held.sent(officer, "show", block_1_reason=HOSTILE)
    assert HOSTILE not in page
    done = sheet(page, path(case)).sent(
        officer, "submit", block_1_ground="ART33_2_I", block_1_item=HOSTILE
    )
    assert done[0] == 303
    assert whole(case)["decision"]["withheld"][0]["items"] == [HOSTILE]


def test_reception_may_decide_nothing_about_records(office: Office, work: Work) -> None:
    case = identified(work, provision())
    reception = office.person("reception")
    for answer in (reception.get(path(case)), reception.post(path(case), {"action": "show"})):
        assert answer.status_code == 403
        assert NAME not in answer.text
        assert RECIPIENT["name"] not in answer.text
    assert reception.get(f"{path(case)}/preview.pdf").status_code == 403


def test_records_are_shown_on_a_fresh_proof_of_who_looks(office: Office, work: Work) -> None:
    case = identified(work, provision())
    person = office.signed_in("colleague")
    _, form = opened(person, case)
    office.age_proofs()
    asked = person.get(path(case))
    assert (asked.status_code, "proof=1" in asked.headers["location"]) == (303, True)
    assert form.sent(person, "submit")[0] == 303, "nothing typed is lost to an old proof"


def test_an_excluded_record_is_in_no_row_and_no_count(
    office: Office, work: Work, officer: Person
) -> None:
    pages: list[list[str]] = []
    for is_hidden in (False, True):
        who = member()
        named = [{**who, "name": NAME}]
        for n in (1, 2):
            sent(office, dated(f"2026-02-0{n}") | {"principals": named})
        if is_hidden:
            hidden = dated("2026-02-03") | {"principals": named}
            sent(office, hidden, {**hidden, "items": ["隠された項目"]}, order_11="ii")
        case = identified(work, who=who)
        page, form = opened(officer, case)
        _, unfolded = form.sent(officer, "rows:all")
        _, added = form.sent(officer, "add", tick="all")
        pages.append([bare(one, case, who["id"]) for one in (page, unfolded, added)])
    assert "台帳の件数 2 ＝" in pages[0][0]
    assert pages[0] == pages[1]


def test_every_answer_about_records_leaves_on_the_grid() -> None:
    routes = [*records.router.routes, *decision.router.routes]
    assert len(routes) >= 7
    assert all(isinstance(one, EvenRoute) for one in routes)
