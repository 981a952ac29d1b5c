"""Who did what is told by name and role, to colleagues alone; the ledger itself knows no names."""

import logging
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from ledger.errors import StoreUnavailableError
from ledger.store.officer_names import OfficerNames
from tests.doors.cases.desk import look
from tests.pages.casework import Work
from tests.pages.filling import words_of
from tests.pages.office import Office, Person
from tests.pages.test_audit import asked
from tests.pages.test_audit import rows as looks
from tests.pages.test_evidence import taken
from tests.pages.test_own_work import charge

SURNAME, GIVEN = "田中", "浩"
NAMED = "田中 浩（開示担当）"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'ledger'"


@pytest.fixture
def colleague(office: Office) -> Iterator[Person]:
    yield office.signed_in("colleague")
    office.forget("colleague")


def test_the_list_the_case_and_its_last_page_tell_who_did_what_by_name_and_role(
    office: Office, work: Work, officer: Person, colleague: Person
) -> None:
    case = work.begun().do("documents", look(), by="colleague")
    assert charge(officer, case) == NAMED
    assert charge(office.person("approver"), case) == NAMED
    for page in ("", "/keeping"):
        words = words_of(officer.get(f"/desk/cases/{case.id}{page}").text)
        assert f"書類の確認 {NAMED}" in words, page
        assert "あなた" in words
    assert charge(colleague, case) == "あなた"


def test_an_auditor_reads_who_looked_by_name_beside_the_number_that_the_list_asks_for(
    office: Office, work: Work, colleague: Person
) -> None:
    case = work.begun()
    assert colleague.get(f"/desk/cases/{case.id}").status_code == 200
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
    colleague: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in ("api", "ledger", "uvicorn"):
        caplog.set_level(logging.DEBUG, logger=name)
    case = work.begun().do("documents", look(), by="colleague")
    assert NAMED in words_of(officer.get(f"/desk/cases/{case.id}").text)
    assert colleague.get("/desk").status_code == 200
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
