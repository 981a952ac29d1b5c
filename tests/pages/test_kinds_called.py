"""Kinds of identifiers are called by their names wherever a person reads them, never by codes."""

import re
from collections.abc import Iterator

import pytest

from tests.database import Database
from tests.doors.samples import provision
from tests.pages.casework import Work, Worked
from tests.pages.deciding import NAME
from tests.pages.filling import words_of
from tests.pages.histories import WHY
from tests.pages.office import Office, open_office
from tests.pages.recorded import ABSENT, linked, member, sent, verified

OWN = {"points": "ポイント会員番号", "contract": "ご契約番号"}
STEPS = ("", "/records", "/decision", "/links", "/approval")


@pytest.fixture(scope="module")
def named(shared_database: Database) -> Iterator[Office]:
    """An operator with a kind of its own, and another word for one of everybody's."""
    with open_office(shared_database.urls, identifier_kinds=OWN) as office:
        yield office


def decided(office: Office) -> Worked:
    """A person with three identifiers of three kinds, and a record under each."""
    who = member()
    points = {"scheme": "points", "id": f"{who['id']}-P"}
    contract = {"scheme": "contract", "id": f"{who['id']}-K"}
    refs = (who, points, contract)
    sent(office, *(provision(principals=[{**one, "name": NAME}]) for one in refs))
    for other in (points, contract):
        linked(office, who, other)
    case = verified(Work(office), who, name=NAME)
    found = {"identifiers": [who], "tried": [ABSENT], "evidence": "会員番号が一致"}
    return case.do("principal", found)


def test_no_page_of_a_case_shows_the_code_of_a_kind(named: Office) -> None:
    case, officer = decided(named), named.person("officer")
    pages = {one: officer.get(f"/desk/cases/{case.id}{one}").text for one in STEPS}
    pages["/history"] = officer.post(f"/desk/cases/{case.id}/history", {"reason": WHY}).text
    for one in ("/decision", "/history", "/links"):
        words = words_of(pages[one])
        for kind in ("会員ID", "ポイント会員番号", "ご契約番号"):
            assert kind in words, (one, kind)
    for one, page in pages.items():
        told = re.findall(r"(?:member|points|contract)(?:：|　|\s*[:：])", words_of(page))
        assert told == [], one
