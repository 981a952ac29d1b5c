"""受付一覧, 自分の作業 and 担当: what waits for whom, and who did what by name and role."""

import logging
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import psycopg
import pytest
from psycopg import sql

from ledger.errors import StoreUnavailableError
from ledger.store.officer_names import OfficerNames
from tests.doors.cases.desk import look, today
from tests.doors.samples import provision
from tests.pages.casework import Work, Worked
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.recorded import ABSENT, member, position_of, sent
from tests.pages.test_audit import asked
from tests.pages.test_audit import rows as looks
from tests.pages.test_evidence import taken

OWN: Final = "/desk?tab=own"


def rows(page: str) -> dict[str, str]:
    """Number of a case → its row."""
    return dict(re.findall(r'<tr role="row" id="row-([^"]+)">(.*?)</tr>', page, re.DOTALL))


def own(person: Person) -> set[str]:
    """The numbers on a person's own list."""
    return set(rows(person.get(OWN).text))


def charge(person: Person, case: Worked, tab: str = "all") -> str:
    """What the column 担当 tells of a case."""
    row = rows(person.get(f"/desk?tab={tab}").text)[case.number]
    [cell] = re.findall(r'data-label="担当">(.*?)</td>', row)
    return words_of(cell).strip()


@pytest.fixture
def colleague(office: Office) -> Person:
    return office.person("colleague")


def test_whoever_takes_the_next_step_has_taken_the_case_over(
    work: Work, officer: Person, colleague: Person
) -> None:
    case = work.begun()
    assert charge(officer, case) == "あなた"
    assert case.number in own(officer)
    assert case.number not in own(colleague)
    assert charge(colleague, case) == work.office.called("officer")
    case.do("documents", look(), by="colleague")
    assert charge(officer, case) == work.office.called("colleague")
    assert charge(colleague, case) == "あなた"
    assert case.number in own(colleague)
    assert case.number not in own(officer)


def test_the_list_follows_a_case_from_the_desk_to_the_post(
    work: Work, office: Office, officer: Person
) -> None:
    approver = office.person("approver")

    def waits_for() -> list[str]:
        told = {"officer": own(officer), "approver": own(approver)}
        return [who for who, numbers in told.items() if case.number in numbers]

    case = work.begun().submitted()
    assert waits_for() == ["approver"]
    case.do("return", {"reason": "宛名の誤り"}, by="approver")
    assert waits_for() == ["officer"], "who prepared it mends it"
    case.do("submit")
    assert waits_for() == ["approver"]
    case.do("approve", by="approver")
    assert waits_for() == ["officer"], "what was approved is to be posted"
    posted = {"dispatched_on": today(), "item_number": "123-45-67890-1"}
    case.do("dispatch", posted)
    assert waits_for() == [], "it is on its way"
    case.do("returned-mail", {"returned_on": today(), "reason": "not_collected"})
    assert waits_for() == ["officer"]
    assert charge(approver, case) == work.office.called("officer")


def test_nobody_is_asked_to_approve_what_they_prepared(work: Work, office: Office) -> None:
    key = office.key("cases:write", owner="approver")
    case = work.begun()
    answer = office.api(
        "POST", f"/v1/cases/{case.id}/documents", key, look(), **{"If-Match": case.etag}
    )
    assert answer.status_code == 200, answer.text
    case.etag = answer.headers["etag"]
    told = office.api("GET", f"/v1/cases/{case.id}", work.key("officer")).json()
    who = told["application"]["identifiers"]
    found = {"identifiers": who, "tried": [ABSENT], "evidence": "会員番号が一致"}
    case.do("verification").do("principal", found).do("decisions", {}).do("submit")
    assert case.last["status"] == "submitted"
    approver = office.person("approver")
    assert case.number in rows(approver.get("/desk?tab=approval").text)
    assert case.number not in own(approver)


def test_a_word_of_a_mistake_waits_for_a_second_person(
    work: Work, office: Office, officer: Person
) -> None:
    stays, double = work.begun(), work.begun()
    double.reported(stays)
    assert double.number not in own(officer), "nothing else can be done meanwhile"
    assert double.number in own(office.person("approver"))
    double.do("mistake-dismissal", {"reason": "別の請求だった"}, by="approver")
    assert double.number in own(officer)
    assert double.number not in own(office.person("approver"))


def test_who_excludes_a_record_of_a_case_is_not_in_charge_of_it(
    work: Work, office: Office, officer: Person
) -> None:
    """Order 11: neither the column nor a list changes by it, for anybody."""
    who = member()
    [transfer] = sent(office, provision(principals=[who]))
    case = work.begun(identifiers=[who]).do("documents", look()).do("verification")
    chief = office.person("chief")
    by = office.called("officer")
    people = {"officer": officer, "approver": office.person("approver"), "chief": chief}

    def seen() -> dict[str, str]:
        return {
            name: rows(one.get("/desk?tab=all").text)[case.number] for name, one in people.items()
        }

    def bare(told: dict[str, str]) -> dict[str, str]:
        return {name: re.sub(r'(nonce|value)="[^"]*"', "", row) for name, row in told.items()}

    before = bare(seen())
    path = "/desk/exclusions"
    fields = {**sheet(chief.get(path).text, path).fields}
    token = fields.pop("form_token")[0]
    why = {"ground": "i", "reason": "危害のおそれ", "positions": str(position_of(office, transfer))}
    assert chief.post(path, {**fields, **why}, token=token).status_code == 303
    assert bare(seen()) == before
    assert charge(chief, case) == by
    assert case.number in own(officer)
    assert case.number not in own(chief)


def days_ago(days: int) -> str:
    return (date.fromisoformat(today()) - timedelta(days=days)).isoformat()


def numbers(page: str) -> list[str]:
    return re.findall(r'<tr role="row" id="row-([^"]+)">', page)


@pytest.fixture
def three(work: Work) -> list[Worked]:
    """The second falls due first, the first last."""
    arrived = ({"arrived_on": today()}, {"arrived_on": days_ago(9)}, {"arrived_on": days_ago(5)})
    return [work.begun(**one) for one in arrived]


def test_open_requests_stand_by_their_term_and_others_by_their_age(
    officer: Person, three: list[Worked]
) -> None:
    first, second, third = (one.number for one in three)
    own = {first, second, third}
    by_term = [one for one in numbers(officer.get("/desk?tab=desk").text) if one in own]
    assert by_term == [second, third, first]
    newest = [one for one in numbers(officer.get("/desk?tab=all").text) if one in own]
    assert newest == [third, second, first]
    assert "期限の近い順" in officer.get("/desk?tab=soon").text
    assert "新しい順" in officer.get("/desk?tab=all").text


def test_a_number_opens_its_request_wherever_it_stands(
    office: Office, work: Work, officer: Person
) -> None:
    case = work.begun()
    for who in ("reception", "officer", "approver"):
        answer = office.person(who).post("/desk/search", {"q": f" {case.number} "})
        told = (answer.status_code, answer.headers["location"])
        assert told == (303, f"/desk/cases/{case.id}/next")
    ended = work.begun().do("withdrawal", {"withdrawn_on": today(), "evidence": "電話で申出"})
    answer = officer.post("/desk/search", {"q": ended.number})
    assert answer.headers["location"] == f"/desk/cases/{ended.id}/next"


SURNAME, GIVEN = "田中", "浩"
NAMED = "田中 浩（開示担当）"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'ledger'"


@pytest.fixture
def names_colleague(office: Office) -> Iterator[Person]:
    yield office.signed_in("colleague")
    office.forget("colleague")


def test_the_list_the_case_and_its_last_page_tell_who_did_what_by_name_and_role(
    office: Office, work: Work, officer: Person, names_colleague: Person
) -> None:
    case = work.begun().do("documents", look(), by="colleague")
    assert charge(officer, case) == NAMED
    assert charge(office.person("approver"), case) == NAMED
    for page in ("", "/keeping"):
        words = words_of(officer.get(f"/desk/cases/{case.id}{page}").text)
        assert f"書類の確認 {NAMED}" in words, page
        assert "あなた" in words
    assert charge(names_colleague, case) == "あなた"


def test_an_auditor_reads_who_looked_by_name_beside_the_number_that_the_list_asks_for(
    office: Office, work: Work, names_colleague: Person
) -> None:
    case = work.begun()
    assert names_colleague.get(f"/desk/cases/{case.id}").status_code == 200
    page = asked(office.person("auditor"), case=case.number)
    [row] = [one for one in looks(page) if SURNAME in one]
    assert "開示担当" in row
    key = office.key("audit:read", owner="auditor")
    told = office.api("GET", f"/v1/accesses?case={case.number}", key).json()["accesses"]
    assert any(one["actor"][:8] in row for one in told)
    assert SURNAME not in str(told)


def test_neither_the_log_nor_the_evidence_nor_any_row_holds_a_name(
    office: Office,
    work: Work,
    officer: Person,
    names_colleague: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in ("api", "ledger", "uvicorn"):
        caplog.set_level(logging.DEBUG, logger=name)
    case = work.begun().do("documents", look(), by="colleague")
    assert NAMED in words_of(officer.get(f"/desk/cases/{case.id}").text)
    assert names_colleague.get("/desk").status_code == 200
    files = taken(officer, case).files
    assert not [name for name, one in files.items() if SURNAME.encode() in one]
    assert SURNAME not in caplog.text
    with psycopg.connect(office.urls.owner) as owner:
        tables = [name for (name,) in owner.execute(TABLES.encode()).fetchall()]
        assert "officer_names" in tables
        for table in tables:
            query = sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier("ledger", table))
            text = "".join(row for (row,) in owner.execute(query).fetchall())
            assert not [one for one in (SURNAME, SURNAME.encode().hex()) if one in text], table


def test_nobody_is_kept_out_because_a_name_cannot_be_kept_or_read(
    office: Office, work: Work, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise StoreUnavailableError

    monkeypatch.setattr(OfficerNames, "keep", broken)
    monkeypatch.setattr(OfficerNames, "all", broken)
    case = work.begun().do("documents", look(), by="colleague")
    person = office.signed_in("officer")
    assert charge(person, case).startswith("担当者 ")
    assert SURNAME not in caplog.text
    monkeypatch.undo()
    # What could not be read is asked for again after the next sign-in.
    office.signed_in("colleague")
    assert charge(person, case) == NAMED
